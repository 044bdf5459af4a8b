package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/providertest"
)

// received is one request as the endpoint got it.
type received struct {
	method, uri string
	header      http.Header
	body        string
}

// endpoint accepts everything and hands on what it got.
func endpoint(t *testing.T) (url string, requests <-chan received) {
	t.Helper()
	got := make(chan received, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("request: %v", err)
		}
		got <- received{method: r.Method, uri: r.RequestURI, header: r.Header, body: string(raw)}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	return server.URL, got
}

func submission() providers.Submission {
	s := providertest.Submission(1)
	s.Began = time.Date(2026, 11, 23, 13, 0, 1, 250e6, time.FixedZone("", 3600))
	return s
}

const golden = `{"type":"mail.send","timestamp":"2026-11-23T12:00:01Z","data":{` +
	`"id":"5b2e7a10-0000-4000-8000-000000000001","correlationId":"9c1d4f20-0000-4000-8000-000000000001",` +
	`"from":{"address":"no-reply@contoso.example","name":"Contoso"},` +
	`"replyTo":{"address":"help@contoso.example","name":"Contoso help"},` +
	`"to":"person-000001@example.org","subject":"31415987 is your Contoso code",` +
	`"text":"Your code is 31415987.\n\n.A line that begins with a dot.\nEnd.\n",` +
	`"html":"<p>Your code is <b>31415987</b>.</p>\n<p>\n.A line that begins with a dot.\nEnd.</p>\n",` +
	`"headers":[{"name":"Auto-Submitted","value":"auto-generated"},` +
	`{"name":"X-Auto-Response-Suppress","value":"OOF, AutoReply"},` +
	`{"name":"X-Entity-Ref-ID","value":"5b2e7a10-0000-4000-8000-000000000001"}],` +
	`"variables":{"brand":"Contoso","code":"31415987"}}}` + "\n"

func TestRequest(t *testing.T) {
	t.Parallel()
	url, requests := endpoint(t)
	before := time.Now().Unix()
	if _, err := connect(t, url).Send(t.Context(), submission()); err != nil {
		t.Fatal(err)
	}
	got := <-requests
	if got.method != http.MethodPost || got.uri != "/send?code="+inQuery {
		t.Errorf("%s %s, want POST of the whole URL", got.method, got.uri)
	}
	if diff := cmp.Diff(golden, got.body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("Content-Type is %q", kind)
	}
	if id := got.header.Get("webhook-id"); id != submission().ID {
		t.Errorf("webhook-id is %q, want the submission's", id)
	}
	timestamp, err := strconv.ParseInt(got.header.Get("webhook-timestamp"), 10, 64)
	if err != nil || timestamp < before || timestamp > time.Now().Unix() {
		t.Errorf("webhook-timestamp is %d, %v; want the time of the attempt", timestamp, err)
	}
	if err := verify(got.header, []byte(got.body)); err != nil {
		t.Error(err)
	}
}

// A receiver that remembers the id may compare the bodies too.
func TestBodyIsStable(t *testing.T) {
	t.Parallel()
	url, requests := endpoint(t)
	s := submission()
	for name := range 20 {
		s.Message.Variables["v"+strconv.Itoa(name)] = "x"
	}
	provider := connect(t, url)
	var first string
	for range 5 {
		if _, err := provider.Send(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if got := <-requests; first == "" {
			first = got.body
		} else if got.body != first {
			t.Fatalf("a second attempt has another body:\n%s\n%s", first, got.body)
		}
	}
}

func TestOptionalParts(t *testing.T) {
	t.Parallel()
	url, requests := endpoint(t)
	s := providertest.Submission(1)
	to, err := message.ParseAddress("用户@example.org")
	if err != nil {
		t.Fatal(err)
	}
	s.Message.To = to
	s.Message.From = mail.Address{Name: `Größe, "Ж" & <Co>`, Address: "no-reply@contoso.example"}
	s.Message.ReplyTo, s.Message.Variables = nil, nil
	s.Message.Headers = []message.Header{{Name: "X-Note", Value: "a\r\nBcc: b"}}
	before := time.Now().Truncate(time.Second)
	if _, err := connect(t, url).Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	got := (<-requests).body
	for _, want := range []string{
		`"to":"用户@example.org"`, `"from":{"address":"no-reply@contoso.example","name":"Größe, \"Ж\" & <Co>"}`,
		`"headers":[{"name":"X-Note","value":"a  Bcc: b"},{"name":"X-Entity-Ref-ID",`, `"variables":{}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "replyTo") {
		t.Errorf("a replyTo that nobody gave is in\n%s", got)
	}
	_, rest, _ := strings.Cut(got, `"timestamp":"`)
	text, _, _ := strings.Cut(rest, `"`)
	if began, err := time.Parse(time.RFC3339, text); err != nil || began.Before(before) || began.After(time.Now()) {
		t.Errorf("timestamp is %q, want now where nobody said when it began", text)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	url, requests := endpoint(t)
	proven, err := connect(t, url).Check(t.Context(), submission())
	if err != nil || proven != "the endpoint took a mail.check" {
		t.Errorf("Check = %q, %v", proven, err)
	}
	got := <-requests
	want := strings.Replace(golden, "mail.send", "mail.check", 1)
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if err := verify(got.header, []byte(got.body)); err != nil {
		t.Error(err)
	}
}

func TestCheckRefused(t *testing.T) {
	t.Parallel()
	proven, err := connect(t, answering(t, http.StatusUnauthorized, "", nil)).Check(t.Context(), submission())
	if providers.KindOf(err) != providers.KindAuth || proven != "" {
		t.Errorf("Check = %q, %v; want auth", proven, err)
	}
}

// The endpoint must not see a request that is no mail, and whoever guards it need not see the key in the query.
func TestConnectAsksForTheRoot(t *testing.T) {
	t.Parallel()
	url, requests := endpoint(t)
	if err := connect(t, url).Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-requests; got.method != http.MethodHead || got.uri != "/" || got.header.Get("webhook-id") != "" {
		t.Errorf("%s %s, want HEAD of / without a signature", got.method, got.uri)
	}
}

// Whoever builds an envelope of the sender's address would build another one.
func TestSenderThatIsMoreThanAnAddress(t *testing.T) {
	t.Parallel()
	url, requests := endpoint(t)
	s := submission()
	s.Message.From.Address = "no-reply@contoso.example>, <evil@example.org"
	if _, err := connect(t, url).Send(t.Context(), s); providers.KindOf(err) != providers.KindConfig {
		t.Errorf("Send returned %v, want config", err)
	}
	if len(requests) != 0 {
		t.Error("the endpoint was asked")
	}
}
