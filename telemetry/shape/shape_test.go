package shape_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"byoe/event"
	"byoe/redact"
	"byoe/telemetry"
	"byoe/telemetry/shape"
)

// line is what is told of one call.
type line struct {
	Msg, Protocol, Framing, MediaType string
	Headers, Members                  []string
	JSON                              bool
	Again                             *struct {
		AfterMs                     float64
		SameCode, SameCorrelationID bool
	}
}

func newRecorder() (*shape.Recorder, *bytes.Buffer) {
	var stdout bytes.Buffer
	return shape.New(telemetry.NewLogger(telemetry.Config{}, &stdout, nil)), &stdout
}

func request(t testing.TB, body string) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/EmailOtpSend?code=functionkey", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	return r
}

// told is the line of one call.
func told(t testing.TB, r *http.Request, body string, e *event.Event) (line, string) {
	t.Helper()
	recorder, stdout := newRecorder()
	recorder.Witness(r, []byte(body), e)
	return parse(t, stdout.String()), stdout.String()
}

func parse(t testing.TB, text string) line {
	t.Helper()
	var l line
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return l
}

func TestShapeOfTheSample(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "samples", "sign-up.json"))
	if err != nil {
		t.Fatal(err)
	}
	r := request(t, string(raw))
	r.Header.Set("Authorization", "Bearer e.y.j")
	r.Header.Set("X-Ms-Client-Request-Id", "abc")
	got, text := told(t, r, string(raw), nil)
	if got.Msg != "shape" || got.Protocol != "HTTP/1.1" || got.Framing != "content-length" || got.MediaType != "application/json; charset=utf-8" || !got.JSON || got.Again != nil {
		t.Errorf("it is told as %s", text)
	}
	if want := []string{"Authorization", "Content-Type", "X-Ms-Client-Request-Id"}; !slices.Equal(got.Headers, want) {
		t.Errorf("the headers are %q", got.Headers)
	}
	for _, want := range []string{"type string", "data object", "data.@odata.type string", "data.tenantId string", "data.otpContext.identifier string", "data.authenticationContext.client.ip string"} {
		if !slices.Contains(got.Members, want) {
			t.Errorf("%q is not among %q", want, got.Members)
		}
	}
	var values []string
	collect(t, raw, &values)
	for _, value := range append(values, "e.y.j", "functionkey", `"abc"`) {
		if strings.Contains(text, value) {
			t.Errorf("the value %q is told: %s", value, text)
		}
	}
}

// collect gathers the texts and numbers of a document that are long enough to be searched for.
func collect(t testing.TB, raw []byte, values *[]string) {
	t.Helper()
	var document any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&document) != nil {
		return
	}
	gather(document, values)
}

func gather(v any, values *[]string) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			gather(inner, values)
		}
	case []any:
		for _, inner := range v {
			gather(inner, values)
		}
	case string:
		if len(v) >= 6 {
			*values = append(*values, v)
		}
	case json.Number:
		if len(v) >= 6 {
			*values = append(*values, v.String())
		}
	}
}

func TestTypesOrderAndNames(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"b":1,"a":"x","B":null,"c":[true,{"d":[]}]}`: "b number, a string, B null, c array, c[] boolean, c[] object, c[].d array",
		`{"a":{"a":1},"a":2}`:                          "a object, a.a number, a number",
		`{"ann@example.com":1,"02345678":{"x5t":1}}`:   "masked number, masked object, masked.x5t number",
		`{"":1,"a b":1,"a.b":1,"@odata.":1,"@odata.context":1,"größe":1,"@x":1,"extension_0123_a":1}`: "masked number, masked number, masked number, masked number, @odata.context number, masked number, masked number, masked number",
		`{"` + strings.Repeat("n", 64) + `":1,"` + strings.Repeat("n", 65) + `":1}`:                   strings.Repeat("n", 64) + " number, masked number",
		`[1]`: "[] number",
		`"x"`: "",
	} {
		got, _ := told(t, request(t, body), body, nil)
		if strings.Join(got.Members, ", ") != want || !got.JSON {
			t.Errorf("%s is told as %q", body, got.Members)
		}
	}
}

func TestWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", `{"a":1} {"b":1}`, `{"a":ann@example.com}`, strings.Repeat("[", 100) + strings.Repeat("]", 100), `{"a":1,}`} {
		if got, text := told(t, request(t, body), body, nil); got.JSON || strings.Contains(text, "ann") {
			t.Errorf("%.40s is told as %s", body, text)
		}
	}
}

func TestALineIsBounded(t *testing.T) {
	t.Parallel()
	body := `{` + strings.Repeat(`"abcdefgh":{"a":1},`, 5000) + `"z":1}`
	r := request(t, body)
	for i := range 500 {
		r.Header.Set("X-"+strings.Repeat("A", i%60+1)+string(rune('a'+i%26)), "x")
	}
	if got, text := told(t, r, body, nil); len(got.Members) != 128 || len(got.Headers) != 64 || len(text) > 16<<10 || !got.JSON {
		t.Errorf("%d members, %d headers, %d bytes", len(got.Members), len(got.Headers), len(text))
	}
}

func TestFramingAndMediaType(t *testing.T) {
	t.Parallel()
	r := request(t, "{}")
	r.ContentLength, r.Proto = -1, "HTTP/2.0"
	r.Header.Set("Content-Type", `application/json; odata.metadata=minimal; Charset="UTF-8"; x="ann@example.com"`)
	got, text := told(t, r, "{}", nil)
	if got.Framing != "chunked" || got.Protocol != "HTTP/2.0" || got.MediaType != "application/json; charset=UTF-8; odata.metadata=masked; x=masked" {
		t.Errorf("it is told as %s", text)
	}
	r = request(t, "")
	r.ContentLength, r.Proto = 0, "ann@example.com"
	r.Header.Set("Content-Type", "ann/example")
	if got, text := told(t, r, "", nil); got.Framing != "no body" || got.Protocol != "other" || got.MediaType != "other" {
		t.Errorf("it is told as %s", text)
	}
	r.Header.Set("Content-Type", "ann@example.com;;")
	if got, text := told(t, r, "", nil); got.MediaType != "unreadable" {
		t.Errorf("it is told as %s", text)
	}
}

func sent(address, code, correlationID string) *event.Event {
	return &event.Event{TenantID: "t", Identifier: redact.NewSecret(address), Code: redact.NewSecret(code), CorrelationID: correlationID}
}

func TestARetryIsCompared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		recorder, stdout := newRecorder()
		tell := func(e *event.Event) line {
			stdout.Reset()
			recorder.Witness(request(t, "{}"), []byte("{}"), e)
			for _, private := range []string{"ann", "0234", "corr"} {
				if strings.Contains(stdout.String(), private) {
					t.Errorf("%q is told: %s", private, stdout)
				}
			}
			return parse(t, stdout.String())
		}
		if got := tell(sent("ann@example.com", "02345678", "corr-1")); got.Again != nil {
			t.Errorf("the first call is %+v", got.Again)
		}
		time.Sleep(2 * time.Second)
		if got := tell(sent("Ann@Example.com", "02345678", "corr-1")).Again; got == nil || got.AfterMs != 2000 || !got.SameCode || !got.SameCorrelationID {
			t.Errorf("the same once more is %+v", got)
		}
		time.Sleep(time.Second)
		if got := tell(sent("ann@example.com", "02345679", "corr-2")).Again; got == nil || got.AfterMs != 1000 || got.SameCode || got.SameCorrelationID {
			t.Errorf("another code is %+v", got)
		}
		if got := tell(sent("bob@example.com", "02345679", "corr-2")).Again; got != nil {
			t.Errorf("another address is %+v", got)
		}
		time.Sleep(31 * time.Second)
		if got := tell(sent("ann@example.com", "02345679", "corr-2")).Again; got != nil {
			t.Errorf("long after it is %+v", got)
		}
	})
}

// Whatever a body holds, no value of it is told. Names are told where they are plainly names.
func FuzzNoValueIsTold(f *testing.F) {
	f.Add(`{"data":{"otpContext":{"identifier":"ann@example.com","oneTimeCode":"02345678"}}}`, "utf-8", "X-Name")
	f.Add(`{"ann@example.com":"02345678"}`, `"; x="ann@example.com`, "ann@example.com")
	f.Add(`["02345678",{"a":[12345678,"x\u0000y"]}]`, "", "")
	f.Add(`{"02345678":{"code":`, "x", "X-02345678")
	f.Fuzz(func(t *testing.T, body, parameter, headerName string) {
		r := request(t, "")
		r.Header["Content-Type"] = []string{"application/json; charset=" + parameter}
		r.Header[headerName] = []string{"header-value"}
		_, text := told(t, r, body, nil)
		var values []string
		collect(t, []byte(body), &values)
		values = append(values, "header-value", "functionkey")
		for _, value := range values {
			if strings.Contains(text, value) && !strings.Contains(bodyNames(body)+headerName+vocabulary, value) {
				t.Errorf("the value %q is told: %s", value, text)
			}
		}
		if strings.Contains(text, "@example") || strings.Contains(text, "02345678") || len(text) > 64<<10 || strings.Count(text, "\n") != 1 {
			t.Errorf("it is told as %.200s", text)
		}
	})
}

// vocabulary is what a line holds of itself: a value that is one of these words tells nothing.
const vocabulary = `{"time":"","level":"INFO","msg":"shape","protocol":"HTTP/1.1","framing":"no body","mediaType":"application/json; charset=utf-8 unreadable",` +
	`"headers":["Content-Type"],"json":true,"members":["masked string number boolean object array null"]}`

// bodyNames are the names of a document's members: a value that is spelled like one cannot be told from it.
func bodyNames(body string) string {
	var names strings.Builder
	var document any
	if json.Unmarshal([]byte(body), &document) == nil {
		nameAll(document, &names)
	}
	return names.String()
}

func nameAll(v any, names *strings.Builder) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			names.WriteString(name + ".")
			nameAll(inner, names)
		}
	case []any:
		for _, inner := range v {
			nameAll(inner, names)
		}
	}
}
