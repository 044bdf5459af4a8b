package devtenant_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"byoe/devtenant"
	"byoe/devtenant/otp"
)

// attach makes the pages drive a webhook.
func attach(t *testing.T, tenant *devtenant.Tenant, webhookURL string, templates devtenant.Templates) {
	t.Helper()
	if err := tenant.Attach(devtenant.Webhook{URL: webhookURL, Templates: templates}); err != nil {
		t.Fatal(err)
	}
}

// submit sends a form, whose fields are names and values in turn, and returns the answer before any redirect.
func submit(t *testing.T, tenant *devtenant.Tenant, path string, fields ...string) reply {
	t.Helper()
	form := url.Values{}
	for pair := range slices.Chunk(fields, 2) {
		form.Add(pair[0], pair[1])
	}
	return askOnce(t, http.MethodPost, tenant.URL()+path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// signIn begins a sign-in and returns the path of its page.
func signIn(t *testing.T, tenant *devtenant.Tenant, fields ...string) string {
	t.Helper()
	form := map[string]string{"to": "someone@example.com", "flow": "signUp", "locale": "en-us", "client": "browser", "preset": "external-id"}
	for pair := range slices.Chunk(fields, 2) {
		form[pair[0]] = pair[1]
	}
	var flat []string
	for name, value := range form {
		flat = append(flat, name, value)
	}
	got := submit(t, tenant, "/signin", flat...)
	path := got.header.Get("Location")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(path, "/signin/") {
		t.Fatalf("beginning a sign-in: status %d, %q, %s", got.status, path, got.body)
	}
	return path
}

// said returns what the journey's page tells the person, and the outcome's word.
func said(t *testing.T, tenant *devtenant.Tenant, path string) (message *html.Node, text, outcome string) {
	t.Helper()
	for _, node := range elements(t, get(t, tenant.URL()+path).body) {
		switch id, _ := attribute(node, "id"); id {
		case "message":
			message, text = node, strings.TrimSpace(textOf(node))
		case "outcome":
			outcome = textOf(node)
		}
	}
	return message, text, outcome
}

func textOf(node *html.Node) string {
	var b strings.Builder
	for child := range node.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return b.String()
}

// sent is what the webhook was told in each call.
func sent(t *testing.T, hook *webhook) (codes, correlations []string) {
	t.Helper()
	for _, c := range hook.received() {
		var event struct {
			Data struct {
				OTP struct {
					Code  string `json:"oneTimeCode"`
					Lower string `json:"onetimecode"`
				} `json:"otpContext"`
				Context struct {
					CorrelationID string `json:"correlationId"`
				} `json:"authenticationContext"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(c.body), &event); err != nil {
			t.Fatal(err)
		}
		codes = append(codes, event.Data.OTP.Code)
		correlations = append(correlations, event.Data.Context.CorrelationID)
	}
	return codes, correlations
}

func TestASignInByForms(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	attach(t, tenant, hook.URL, nil)
	path := signIn(t, tenant, "locale", "ar-sa", "to", "Someone@Example.com", "flow", "passwordReset")

	message, text, outcome := said(t, tenant, path)
	lang, _ := attribute(message, "lang")
	dir, _ := attribute(message, "dir")
	if outcome != "generated" || lang != "ar" || dir != "rtl" || text == "" {
		t.Errorf("after sending: %s, %s %s %q", outcome, lang, dir, text)
	}
	body := hook.received()[0].body
	for _, want := range []string{`"requestType":"passwordReset"`, `"locale":"ar-sa"`, `"identifier":"Someone@Example.com"`, `"appDisplayName":"My Test application"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the event lacks %s", want)
		}
	}
	codes, _ := sent(t, hook)
	if len(codes[0]) != 8 {
		t.Errorf("a code of External ID has 8 digits, this one %d", len(codes[0]))
	}
	submit(t, tenant, path+"/verify", "code", "00000000x")
	if _, _, outcome = said(t, tenant, path); outcome != "verification-failed-retry-allowed" {
		t.Errorf("a wrong code: %s", outcome)
	}
	submit(t, tenant, path+"/verify", "code", " "+codes[0][:4]+" "+codes[0][4:]+"\n")
	if _, _, outcome = said(t, tenant, path); outcome != "verified" {
		t.Errorf("the right code, pasted with blanks: %s", outcome)
	}
	if page := get(t, tenant.URL()+path).body; strings.Contains(page, "/verify") || strings.Contains(page, "Signed in until") {
		t.Error("somebody who is in is asked for a code, or told an end that External ID does not say")
	}
}

func TestOutcomesOfAJourney(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	attach(t, tenant, hook.URL, nil)
	check := func(path, want, what string) {
		t.Helper()
		if _, text, outcome := said(t, tenant, path); outcome != want || text == "" {
			t.Errorf("%s: %s, want %s", what, outcome, want)
		}
	}
	last := func() string {
		codes, _ := sent(t, hook)
		return codes[len(codes)-1]
	}

	expired := signIn(t, tenant, "to", "expired@example.com")
	submit(t, tenant, expired+"/expire")
	submit(t, tenant, expired+"/verify", "code", last())
	check(expired, "session-does-not-exist", "a code whose time has passed")

	locked := signIn(t, tenant, "to", "locked@example.com", "preset", "b2c")
	for range 4 {
		submit(t, tenant, locked+"/verify", "code", "x")
	}
	check(locked, "verification-failed-retry-allowed", "four wrong codes")
	submit(t, tenant, locked+"/verify", "code", "x")
	check(locked, "invalid-code", "the fifth")
	submit(t, tenant, locked+"/verify", "code", last())
	check(locked, "max-retry-attempted", "the right code after five wrong ones")
	calls := len(hook.received())
	submit(t, tenant, locked+"/again")
	check(locked, "max-retry-attempted", "a new code after five wrong ones")
	if len(hook.received()) != calls {
		t.Error("the webhook was called although no code was made")
	}

	replaced := signIn(t, tenant, "to", "twice@example.com")
	code := last()
	signIn(t, tenant, "to", "TWICE@example.com")
	submit(t, tenant, replaced+"/verify", "code", code)
	check(replaced, "session-conflict", "a code that another session's replaced")

	many := signIn(t, tenant, "to", "many@example.com", "preset", "b2c")
	for range otp.B2C().CodeGenerationAttempts {
		submit(t, tenant, many+"/again")
	}
	check(many, "max-number-of-code-generated", "one code too many")

	guest := signIn(t, tenant, "to", "guest@example.com", "preset", "b2b-guest")
	submit(t, tenant, guest+"/verify", "code", last())
	check(guest, "verified", "a guest")
	if page := get(t, tenant.URL()+guest).body; !strings.Contains(page, "Signed in until") || !strings.Contains(page, time.Now().Add(24*time.Hour).Format("2 January")) {
		t.Error("a guest's 24 hours are not told")
	}
}

func TestResending(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	attach(t, tenant, hook.URL, nil)
	path := signIn(t, tenant)
	submit(t, tenant, path+"/again")
	codes, correlations := sent(t, hook)
	if len(codes) != 2 || codes[0] == codes[1] || correlations[0] == correlations[1] {
		t.Fatal("a second code is not a call of its own")
	}
	submit(t, tenant, path+"/verify", "code", codes[0])
	if _, _, outcome := said(t, tenant, path); outcome == "verified" {
		t.Error("the first code counts after the second was sent")
	}
	submit(t, tenant, path+"/verify", "code", codes[1])
	if _, _, outcome := said(t, tenant, path); outcome != "verified" {
		t.Errorf("the second code: %s", outcome)
	}
}

func TestAFailureIsToldWithItsRemedy(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(401, "application/problem+json", `{"code":"token_refused"}`))
	attach(t, tenant, hook.URL, nil)
	path := signIn(t, tenant)
	page := get(t, tenant.URL()+path).body
	for _, want := range []string{
		"There was an issue looking up your account", "AADSTS1100001 / 1003002 CustomExtensionInvalidHTTPStatus: status 401",
		"does not trust the token", "token_refused", "&#34;azp&#34;: &#34;" + devtenant.CallerAppID,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "/verify") {
		t.Error("a code is asked for that nobody was sent")
	}
}

func TestBadForms(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	attach(t, tenant, "http://127.0.0.1:1", nil)
	cases := map[string]struct {
		path   string
		fields []string
		status int
	}{
		"no address":          {"/signin", []string{"to", "  "}, http.StatusUnprocessableEntity},
		"no GUID":             {"/signin", []string{"to", "a@b.example", "appid", "contoso"}, http.StatusUnprocessableEntity},
		"too long":            {"/signin", []string{"to", strings.Repeat("x", 70<<10)}, http.StatusBadRequest},
		"no journey":          {"/signin/1/verify", []string{"code", "1"}, http.StatusNotFound},
		"no such fault":       {"/faults/provider", []string{"provider", "smtp", "fault", "explode"}, http.StatusUnprocessableEntity},
		"no such provider":    {"/faults/provider", []string{"provider", "pigeon", "fault", "hang"}, http.StatusUnprocessableEntity},
		"no such key fault":   {"/faults/keys", []string{"do", "fault", "fault", "explode"}, http.StatusUnprocessableEntity},
		"no webhook":          {"/webhook", []string{"webhook", "ftp://127.0.0.1/x"}, http.StatusUnprocessableEntity},
		"no request":          {"/requests/17/replay", nil, http.StatusNotFound},
		"long form elsewhere": {"/faults/slow", []string{"slow", strings.Repeat("1", 70<<10)}, http.StatusBadRequest},
	}
	for name, c := range cases {
		if got := submit(t, tenant, c.path, c.fields...); got.status != c.status {
			t.Errorf("%s: status %d, want %d", name, got.status, c.status)
		}
	}
}
