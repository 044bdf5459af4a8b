package mailbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	vendor "github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"byoe/devtenant/mailbox"
)

// serve mounts SendGrid's stand-in as the tenant does and returns the base URL that a client is given.
func serve(t *testing.T, box *mailbox.Mailbox) string {
	t.Helper()
	server := httptest.NewServer(http.StripPrefix("/sendgrid", box.SendGrid()))
	t.Cleanup(server.Close)
	return server.URL + "/sendgrid"
}

// simple is a request that is taken.
const simple = `{"personalizations":[{"to":[{"email":"someone@example.com"}]}],"from":{"email":"a@example.com"},` +
	`"subject":"12345678 is your code","content":[{"type":"text/plain","value":"text"}]}`

// answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   string
}

// post sends a body as SendGrid wants it; headers come in pairs and replace the usual ones, "" removes one.
func post(t *testing.T, url, body string, headers ...string) (answer, error) {
	t.Helper()
	return request(t.Context(), t, http.MethodPost, url+"/v3/mail/send", body, headers...)
}

func request(ctx context.Context, t *testing.T, method, url, body string, headers ...string) (answer, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer SG.any")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

// mustPost fails the test where no answer comes.
func mustPost(t *testing.T, url, body string, headers ...string) answer {
	t.Helper()
	got, err := post(t, url, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// fields returns what an error answer complains about, and fails the test where it is not in SendGrid's form.
func fields(t *testing.T, body string) string {
	t.Helper()
	var answer struct {
		Errors []map[string]*string `json:"errors"`
	}
	err := json.Unmarshal([]byte(body), &answer)
	if err != nil || len(answer.Errors) == 0 {
		t.Fatalf("the answer %q is not in SendGrid's form: %v", body, err)
	}
	var named []string
	for _, complaint := range answer.Errors {
		field, hasField := complaint["field"]
		_, hasHelp := complaint["help"]
		if message := complaint["message"]; message == nil || *message == "" || !hasField || !hasHelp {
			t.Errorf("an incomplete complaint in %q", body)
		}
		if field != nil {
			named = append(named, *field)
		}
	}
	return strings.Join(named, " ")
}

func TestSendGridTakesAMail(t *testing.T) {
	t.Parallel()
	box := open(t)
	got := mustPost(t, serve(t, box), `{
		"personalizations":[
			{"to":[{"email":"one@example.com","name":"Jörg \"One\", Jr."},{"email":"two@example.com"}],"cc":[{"email":"copy@example.com"}],
			 "bcc":[{"email":"blind@example.com"}],"custom_args":{"id":"1"}},
			{"to":[{"email":"three@example.com"}],"subject":"個別の件名","headers":{"x-shared":"own","X-Own":"1"}}],
		"from":{"email":"no-reply@contoso.example","name":"コントソ"},"reply_to":{"email":"help@contoso.example","name":"Contoso help"},
		"subject":"12345678 は確認コードです","headers":{"X-Shared":"all","Auto-Submitted":"auto-generated"},
		"content":[{"type":"text/plain; charset=utf-8","value":"確認コード\r\n.dot\n"},{"type":"text/html","value":"<p>確認</p>"}],
		"mail_settings":{"sandbox_mode":{"enable":false}},"tracking_settings":{"x":1},"asm":{"group_id":1}}`,
		"Content-Type", "application/json; charset=utf-8", "Authorization", "bearer x")
	id := got.header.Get("X-Message-Id")
	if got.status != 202 || got.body != "" || id == "" {
		t.Fatalf("answer: %+v", got)
	}
	mails := box.Mails()
	if len(mails) != 2 {
		t.Fatalf("%d mails, want one a personalization", len(mails))
	}
	first, second := mails[1], mails[0]
	if to := strings.Join(first.To, " "); to != "one@example.com two@example.com copy@example.com blind@example.com" {
		t.Errorf("recipients %q", to)
	}
	if first.From != "コントソ <no-reply@contoso.example>" || first.Subject != "12345678 は確認コードです" || first.Code != "12345678" ||
		first.Text != "確認コード\n.dot\n" || first.HTML != "<p>確認</p>" || first.Problem != "" || first.Provider != mailbox.SendGrid {
		t.Errorf("the first: %+v", first)
	}
	for name, want := range map[string]string{
		"To": `Jörg "One", Jr. <one@example.com>, <two@example.com>`, "Cc": "<copy@example.com>", "Bcc": "",
		"Reply-To": "Contoso help <help@contoso.example>", "X-Shared": "all", "Auto-Submitted": "auto-generated",
		"Message-ID": "<" + id + "@sendgrid.localhost>",
	} {
		if got := first.Header(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if second.Subject != "個別の件名" || second.Header("X-Shared") != "own" || second.Header("X-Own") != "1" || second.To[0] != "three@example.com" {
		t.Errorf("the second: %+v", second)
	}
	if strings.Contains(first.Raw, "blind@example.com") {
		t.Error("a blind copy is told to everybody")
	}
	if submission := last(t, box); len(box.Submissions()) != 1 || submission.Answer != "202" || submission.MailID != first.ID ||
		len(submission.To) != 5 {
		t.Errorf("recorded: %+v", submission)
	}
}

func TestSendGridsOwnSDKIsServed(t *testing.T) {
	t.Parallel()
	box := open(t)
	request := vendor.GetRequest("SG.any", "/v3/mail/send", serve(t, box))
	request.Method = "POST"
	client := vendor.Client{Request: request}
	got, err := client.SendWithContext(t.Context(), mail.NewSingleEmail(mail.NewEmail("Contoso", "a@contoso.example"), "Hello",
		mail.NewEmail("", "someone@example.com"), "plain 4711", "<p>html</p>"))
	if err != nil || got.StatusCode != 202 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if mail := box.Mails()[0]; mail.Code != "4711" || mail.HTML != "<p>html</p>" {
		t.Errorf("stored: %+v", mail)
	}
}

func TestATemplatesDataAreShown(t *testing.T) {
	t.Parallel()
	box := open(t)
	url := serve(t, box)
	const id = "d-0123456789abcdef12345678abcdef00"
	body := func(data string) string {
		return `{"personalizations":[{"to":[{"email":"b@example.com"}]` + data + `}],"from":{"email":"a@example.com"},"template_id":"` + id + `"}`
	}
	mustPost(t, url, body(`,"dynamic_template_data":{"code":"31415926","big":12345678901234567890,"list":[1]}`))
	got := box.Mails()[0]
	want := "{\n  \"code\": \"31415926\",\n  \"big\": 12345678901234567890,\n  \"list\": [\n    1\n  ]\n}\n"
	if !strings.HasPrefix(got.Text, want) || !strings.Contains(got.Text, id) || got.Code != "31415926" || got.Subject == "" {
		t.Errorf("subject %q, code %q, text:\n%s", got.Subject, got.Code, got.Text)
	}
	for _, data := range []string{"", `,"dynamic_template_data":null`} {
		if got := mustPost(t, url, body(data)); got.status != 202 || !strings.HasPrefix(box.Mails()[0].Text, "{}\n") {
			t.Errorf("without data: %+v, %q", got, box.Mails()[0].Text)
		}
	}
}

func TestTheSandboxStoresNothing(t *testing.T) {
	t.Parallel()
	box := open(t)
	url := serve(t, box)
	sandbox := strings.Replace(simple, `{"per`, `{"mail_settings":{"sandbox_mode":{"enable":true}},"per`, 1)
	if got := mustPost(t, url, sandbox); got.status != 200 || got.body != "" {
		t.Errorf("answer: %+v", got)
	}
	if got := last(t, box); got.Answer != "200" || len(box.Mails()) != 0 {
		t.Errorf("%d mails, recorded %+v", len(box.Mails()), got)
	}
	if got := mustPost(t, url, strings.Replace(sandbox, "a@example.com", "nobody", 1)); got.status != 400 {
		t.Errorf("a bad request in the sandbox: %+v", got)
	}
	setFault(t, box, mailbox.SendGrid, mailbox.FaultLose, 0)
	if _, err := post(t, url, sandbox); err == nil || len(box.Mails()) != 0 {
		t.Errorf("a lost answer in the sandbox: %v, %d mails", err, len(box.Mails()))
	}
}

func TestSendGridRefuses(t *testing.T) {
	t.Parallel()
	with := func(member string) string { return `{` + member + `,` + simple[1:] } // a later member counts
	replace := func(old, by string) string { return strings.Replace(simple, old, by, 1) }
	personal := func(members string) string { return replace(`"to":[`, members+`,"to":[`) }
	many := func(n int, each string) string { return strings.TrimSuffix(strings.Repeat(each+",", n), ",") }
	numbered := func(n int) string {
		var pairs []string
		for i := range n {
			pairs = append(pairs, fmt.Sprintf(`"X-%d":"v"`, i))
		}
		return strings.Join(pairs, ",")
	}
	const template = `"template_id":"d-1"`
	cases := []struct {
		name, body string
		status     int
		fields     string
		headers    []string
	}{
		{"no key", simple, 401, "", []string{"Authorization", ""}},
		{"an empty key", simple, 401, "", []string{"Authorization", "Bearer  "}},
		{"another scheme", simple, 401, "", []string{"Authorization", "Basic abc"}},
		{"no media type", simple, 415, "", []string{"Content-Type", ""}},
		{"another media type", simple, 415, "", []string{"Content-Type", "text/plain"}},
		{"too large", replace("text\"", strings.Repeat("x", 1<<20)+"\""), 413, "", nil},
		{"no JSON", "subject=x", 400, "", nil},
		{"two values", simple + simple, 400, "", nil},
		{"null", "null", 400, "from.email personalizations content", nil},
		{"a wrong type", replace(`"12345678 is your code"`, `7`), 400, "subject", nil},
		{"a header that is no text", with(`"headers":{"X":1}`), 400, "headers", nil},
		{"no personalization", `{"personalizations":[],"from":{"email":"a@example.com"},"subject":"s","content":[{"type":"text/plain","value":"x"}]}`, 400, "personalizations", nil},
		{"nobody to send to", replace(`{"email":"someone@example.com"}`, ``), 400, "personalizations.0.to", nil},
		{"a bad recipient", replace("someone@example.com", "someone"), 400, "personalizations.0.to.0.email", nil},
		{"a recipient with a name in it", replace("someone@example.com", "S <someone@example.com>"), 400, "personalizations.0.to.0.email", nil},
		{"a recipient beyond ASCII", replace("someone@example.com", "用户@example.com"), 400, "personalizations.0.to.0.email", nil},
		{"a recipient with a line break", replace("someone@example.com", `someone@example.com\r\nBcc: x@y.example`), 400, "personalizations.0.to.0.email", nil},
		{"too long an address", replace("someone@example.com", strings.Repeat("x", 250)+"@example.com"), 400, "personalizations.0.to.0.email", nil},
		{"a bad copy", personal(`"cc":[{"email":"x"}],"bcc":[{"email":"y"}]`), 400, "personalizations.0.cc.0.email personalizations.0.bcc.0.email", nil},
		{"too many recipients", replace(`{"email":"someone@example.com"}`, many(21, `{"email":"a@example.com"}`)), 400, "personalizations", nil},
		{"too many personalizations", `{"personalizations":[` + many(21, `{}`) + `],"from":{"email":"a@example.com"},"subject":"s","content":[{"type":"text/plain","value":"x"}]}`, 400, "personalizations", nil},
		{"no sender", strings.Replace(simple, `"from"`, `"form"`, 1), 400, "from.email", nil},
		{"a bad sender", replace("a@example.com", "a@"), 400, "from.email", nil},
		{"a line break in a name", replace(`"a@example.com"`, `"a@example.com","name":"A\nBcc: x"`), 400, "from.name", nil},
		{"too long a name", replace(`"a@example.com"`, `"a@example.com","name":"`+strings.Repeat("x", 101)+`"`), 400, "from.name", nil},
		{"a bad reply_to", with(`"reply_to":{"email":"x"}`), 400, "reply_to.email", nil},
		{"no subject", replace(`"subject":"12345678 is your code",`, ``), 400, "subject", nil},
		{"a line break in the subject", replace("is your", `is\r\nBcc: x@y.example\r\n`), 400, "subject", nil},
		{"a line feed in the subject", replace("is your", `is\nyour`), 400, "subject", nil},
		{"a carriage return in the subject", replace("is your", `is\ryour`), 400, "subject", nil},
		{"too long a subject", replace("is your", strings.Repeat("x", 999)), 400, "subject", nil},
		{"a line break in a personal subject", personal(`"subject":"a\nb"`), 400, "personalizations.0.subject", nil},
		{"no content", replace(`,"content":[{"type":"text/plain","value":"text"}]`, ``), 400, "content", nil},
		{"an empty content", replace(`"value":"text"`, `"value":""`), 400, "content.0.value", nil},
		{"a content that is no text", replace("text/plain", "multipart/mixed"), 400, "content.0.type", nil},
		{"a line break in a content's type", replace("text/plain", `text/plain\r\nX: y`), 400, "content.0.type", nil},
		{"HTML first", replace(`[{"type":"text/plain"`, `[{"type":"text/html","value":"x"},{"type":"text/plain"`), 400, "content", nil},
		{"HTML twice", replace(`"value":"text"}`, `"value":"text"},{"type":"text/html","value":"x"},{"type":"text/html","value":"x"}`), 400, "content", nil},
		{"too many contents", replace(`{"type":"text/plain","value":"text"}`, many(11, `{"type":"text/x-a","value":"x"}`)), 400, "content", nil},
		{"a line break in a template's id", with(`"template_id":"d-1\r\n"`), 400, "template_id", nil},
		{"a line break in a header", with(`"headers":{"X-A":"b\r\nBcc: x@y.example"}`), 400, "headers.X-A", nil},
		{"a line break in a header's name", with(`"headers":{"X-A: b\r\nBcc":"x@y.example"}`), 400, "headers", nil},
		{"a colon in a header's name", with(`"headers":{"X-A:":"b"}`), 400, "headers", nil},
		{"a header without a name", with(`"headers":{"":"b"}`), 400, "headers", nil},
		{"too long a header's name", with(`"headers":{"` + strings.Repeat("x", 101) + `":"b"}`), 400, "headers", nil},
		{"a header of SendGrid's", with(`"headers":{"content-TYPE":"text/html"}`), 400, "headers.content-TYPE", nil},
		{"another of SendGrid's", personal(`"headers":{"To":"x"}`), 400, "personalizations.0.headers.To", nil},
		{"too many headers", with(`"headers":{` + numbered(101) + `}`), 400, "headers", nil},
		{"too large custom arguments", personal(`"custom_args":{"a":"` + strings.Repeat("x", 10_000) + `"}`), 400, "personalizations.0.custom_args", nil},
		{"custom arguments that are no texts", personal(`"custom_args":{"a":1}`), 400, "personalizations.custom_args", nil},
		{"data that are no object", personal(`"dynamic_template_data":["x"]`), 400, "personalizations.0.dynamic_template_data", nil},
		{"too large data", personal(`"dynamic_template_data":{"a":"` + strings.Repeat("x", 64<<10) + `"}`), 400, "personalizations.0.dynamic_template_data", nil},
		{"too deep data", personal(`"dynamic_template_data":{"a":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`), 400, "personalizations.0.dynamic_template_data", nil},
		{"a template without a recipient", `{` + template + `,"personalizations":[{}],"from":{"email":"a@example.com"}}`, 400, "personalizations.0.to", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			box := open(t)
			got := mustPost(t, serve(t, box), c.body, c.headers...)
			if got.status != c.status || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("answer: %+v, want %d", got, c.status)
			}
			if named := fields(t, got.body); named != c.fields {
				t.Errorf("complains about %q, want %q", named, c.fields)
			}
			if submission := last(t, box); submission.Answer != strconv.Itoa(c.status) || len(box.Mails()) != 0 {
				t.Errorf("%d mails, recorded %+v", len(box.Mails()), submission)
			}
		})
	}
}

func TestWhatSendGridTakesAtItsBounds(t *testing.T) {
	t.Parallel()
	box := open(t)
	url := serve(t, box)
	for name, body := range map[string]string{
		"deep data":                   strings.Replace(simple, `"to":[`, `"dynamic_template_data":{"a":`+strings.Repeat("[", 15)+strings.Repeat("]", 15)+`},"to":[`, 1),
		"a long header":               strings.Replace(simple, `{"per`, `{"headers":{"`+strings.Repeat("x", 100)+`":"`+strings.Repeat("y", 5000)+`"},"per`, 1),
		"a date and an id of its own": strings.Replace(simple, `{"per`, `{"headers":{"date":"today","Message-Id":"<1@x>"},"per`, 1),
	} {
		if got := mustPost(t, url, body); got.status != 202 {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		checkLines(t, box.Mails()[0].Raw)
		seen := map[string]bool{}
		for _, field := range box.Mails()[0].Headers {
			if lower := strings.ToLower(field.Name); seen[lower] {
				t.Errorf("%s: two fields of the name %s", name, lower)
			} else {
				seen[lower] = true
			}
		}
	}
}

// checkLines wants CRLF and nothing else at the end of each line, none longer than RFC 5322 allows, and encoded words that
// stand alone.
func checkLines(t *testing.T, raw string) {
	t.Helper()
	for _, line := range strings.Split(raw, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d octets, or with a bare line end: %.100q", len(line), line)
		}
	}
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	for _, word := range regexp.MustCompile(`=\?utf-8\?b\?[^?]*\?=`).FindAllString(head, -1) {
		decoded, err := new(mime.WordDecoder).Decode(word)
		if err != nil || !utf8.ValidString(decoded) || len(word) > 75 { // RFC 2047, sections 2 and 5
			t.Errorf("the word %q is too long or not whole", word)
		}
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	t.Parallel()
	box := open(t)
	url := serve(t, box)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/v3/scopes", 404},
		{http.MethodPost, "/v3/mail/send/", 404},
		{http.MethodPost, "/v3/mail/batch", 404},
		{http.MethodGet, "/v3/mail/send", 405},
		{http.MethodPut, "/v3/mail/send", 405},
	} {
		got, err := request(t.Context(), t, c.method, url+c.path, simple)
		if err != nil || got.status != c.status || c.status == 405 && got.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s %s: %+v, %v", c.method, c.path, got, err)
		}
		fields(t, got.body)
	}
	if got := box.Submissions(); len(got) != 0 {
		t.Errorf("recorded: %+v", got)
	}
}

func TestAThrottledRequestIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SendGrid, mailbox.FaultThrottle, 1)
	url := serve(t, box)
	got := mustPost(t, url, simple)
	reset, err := strconv.ParseInt(got.header.Get("X-Ratelimit-Reset"), 10, 64)
	if in := time.Until(time.Unix(reset, 0)); err != nil || in < 0 || in > 6*time.Second || got.header.Get("Retry-After") != "5" || got.status != 429 {
		t.Errorf("answer: %+v", got)
	}
	if got := mustPost(t, url, simple); got.status != 202 {
		t.Errorf("after it: %+v", got)
	}
}

// What is wrong with the request itself comes first: a fault must not hide it.
func TestABadRequestIsRefusedForWhatItIs(t *testing.T) {
	t.Parallel()
	box := open(t)
	setFault(t, box, mailbox.SendGrid, mailbox.FaultRefuse, 0)
	if got := mustPost(t, serve(t, box), simple, "Authorization", ""); got.status != 401 {
		t.Errorf("answer: %+v", got)
	}
}

func TestAHungRequestIsSeenAtOnceAndEndsWithTheMailboxOrTheClient(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"mailbox", "client"} {
		box := open(t)
		url := serve(t, box)
		setFault(t, box, mailbox.SendGrid, mailbox.FaultHang, 1)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := request(ctx, t, http.MethodPost, url+"/v3/mail/send", simple)
			failed <- err
		}()
		if got := whenNamed(t, box); got.Answer != "" || got.Took != 0 || got.Fault != mailbox.FaultHang {
			t.Errorf("recorded while it hangs: %+v", got)
		}
		if by == "client" {
			cancel()
		} else {
			_ = box.Close()
		}
		if err := <-failed; err == nil {
			t.Error("an answer came")
		}
		if got := last(t, box); got.Answer != "no answer" || got.Took <= 0 || got.Took > 10*time.Second || got.MailID != "" {
			t.Errorf("ended by the %s: %+v", by, got)
		}
		cancel()
	}
}
