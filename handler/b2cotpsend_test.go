package handler_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/auth"
	"byoe/b2c"
	"byoe/b2c/credential"
	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/handler"
	"byoe/message"
	"byoe/providers"
	"byoe/redact"
	"byoe/telemetry"
)

const (
	policyKey = "0123456789abcdef0123456789abcdef"
	claims    = `{"email":"ann@example.com","otp":"023456","locale":"de-AT","appName":"Contoso","clientId":"` + appID + `",
		"correlationId":"corr-1","tenantId":"contoso.onmicrosoft.com","flow":"sign-up"}`
)

// policies is the endpoint for B2C's policies as a test wants it.
type policies struct {
	*parts

	off         bool
	noEvent     bool // the owner has B2C policies and nothing else
	callers     credential.Config
	claims      b2c.Config
	credentials handler.Credentials // in place of the real ones
	mails       []*message.Message
}

func (p *policies) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	p.mails = append(p.mails, s.Message)
	return p.parts.Send(ctx, s)
}

// checked answers for a credential whatever a test wants.
type checked struct{ err error }

func (c checked) Check(context.Context, http.Header) error { return c.err }
func (c checked) Challenges() []string                     { return []string{"Basic", "Bearer"} }
func (c checked) Ready() bool                              { return c.err == nil }

func (p *policies) handler(t *testing.T, stdout, stderr io.Writer) *handler.Handler {
	t.Helper()
	if p.parts == nil {
		p.parts = &parts{}
	}
	p.caller = auth.Caller{TenantID: tenantID}
	composer, problems := message.NewComposer(message.Config{From: "no-reply@contoso.example", DefaultLocale: "en", Validity: 10 * time.Minute})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	deliverer := delivery.New(delivery.Config{Budget: time.Second, DedupeTTL: time.Minute}, p.policy, delivery.Parts{Providers: []providers.Provider{p}, Claims: memory.New()})
	log := telemetry.NewRequestLog(telemetry.NewLogger(telemetry.Config{}, stdout, stderr))
	joined := handler.Parts{Composer: composer, Deliverer: deliverer, Observers: []handler.Observer{log}}
	if !p.noEvent {
		joined.Auth = p.parts
	}
	if !p.off {
		joined.B2C = p.endpoint(t, composer)
	}
	return handler.New(p.config, joined)
}

func (p *policies) endpoint(t *testing.T, composer *message.Composer) *handler.B2C {
	t.Helper()
	messages, err := b2c.LoadMessages("en")
	if err != nil {
		t.Fatal(err)
	}
	if p.callers.APIKeys.IsZero() {
		p.callers.APIKeys = redact.NewSecret(policyKey)
	}
	checker, err := credential.New(p.callers, nil)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := &handler.B2C{Credentials: checker, Claims: b2c.NewDecoder(p.claims), Composer: composer, Messages: messages}
	if p.credentials != nil {
		endpoint.Credentials = p.credentials
	}
	return endpoint
}

func (p *policies) serve(t *testing.T, r *http.Request) response {
	t.Helper()
	var stdout, stderr bytes.Buffer
	w := httptest.NewRecorder()
	p.handler(t, &stdout, &stderr).ServeHTTP(w, r)
	got := response{Response: w.Result(), body: w.Body.String(), stdout: stdout.String(), stderr: stderr.String()}
	for _, private := range []string{"023456", "ann@", policyKey, "functionkey"} {
		if strings.Contains(got.body+got.stdout+got.stderr, private) {
			t.Errorf("%q is told: %s %s %s", private, got.body, got.stdout, got.stderr)
		}
	}
	return got
}

func send(t *testing.T, content string) *http.Request {
	t.Helper()
	r := request(t, http.MethodPost, "/api/B2COtpSend?code=functionkey", content)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("X-Api-Key", policyKey)
	return r
}

func TestB2CMail(t *testing.T) {
	t.Parallel()
	p := &policies{}
	got := p.serve(t, send(t, claims))
	if got.StatusCode != http.StatusOK || got.body != "{}" || got.Header.Get("Content-Type") != "application/json" || len(p.mails) != 1 {
		t.Fatalf("%d %s %q, %d mails", got.StatusCode, got.Header.Get("Content-Type"), got.body, len(p.mails))
	}
	m := p.mails[0]
	if m.To.Reveal() != "ann@example.com" || !strings.Contains(m.Text, "023456") || !strings.Contains(m.Text, "10 Minuten") || !strings.Contains(m.Text, "Contoso") {
		t.Errorf("the mail to %s is %q", m.To.Reveal(), m.Subject+m.Text)
	}
	for _, want := range []string{
		`"level":"INFO"`, `"msg":"B2COtpSend"`, `"status":200`, `"outcome":"accepted"`, `"correlationId":"corr-1"`, `"flow":"sign-up"`, `"locale":"de-AT"`, `"appId":"` + appID + `"`,
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("%s is not in %s", want, got.stdout)
		}
	}
}

func TestB2CPathIsTakenAsTheHostRoutesIt(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/B2COtpSend", "/api/b2cotpsend", "/API/B2COTPSEND/"} {
		r := send(t, claims)
		r.URL.Path = path
		if got := (&policies{}).serve(t, r); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

// Without a credential of the owner's there is no such endpoint, and with nothing but one there is no other.
func TestEndpointsThatTheOwnerDoesNotHave(t *testing.T) {
	t.Parallel()
	off := &policies{off: true}
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		r := send(t, claims)
		r.Method = method
		checkProblem(t, off.serve(t, r), http.StatusNotFound, "not_found")
	}
	checkProblem(t, (&policies{noEvent: true}).serve(t, post(t, body)), http.StatusNotFound, "not_found")
	if got := (&policies{noEvent: true}).serve(t, send(t, claims)); got.StatusCode != http.StatusOK {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if got := (&policies{}).serve(t, post(t, strings.ReplaceAll(body, "02345678", "87654321"))); got.StatusCode != http.StatusOK || got.body != answer {
		t.Errorf("Entra's event beside it: %d %s", got.StatusCode, got.body)
	}
}

func TestHealthWithoutEntra(t *testing.T) {
	t.Parallel()
	for err, status := range map[error]int{nil: http.StatusOK, auth.ErrKeysUnavailable: http.StatusServiceUnavailable} {
		p := &policies{noEvent: true, credentials: checked{err}}
		if got := p.serve(t, request(t, http.MethodGet, "/api/Health", "")); got.StatusCode != status {
			t.Errorf("%v: %d", err, got.StatusCode)
		}
	}
	both := &policies{credentials: checked{auth.ErrKeysUnavailable}}
	if got := both.serve(t, request(t, http.MethodGet, "/api/Health", "")); got.StatusCode != http.StatusOK {
		t.Errorf("B2C's keys take Entra's endpoint out of service: %d", got.StatusCode)
	}
}

// What the policy, its owner or we got wrong is told to them and not to the person.
func TestB2CProblems(t *testing.T) {
	t.Parallel()
	header := func(name, value string) *http.Request {
		r := send(t, claims)
		r.Header.Set(name, value)
		return r
	}
	for name, tt := range map[string]struct {
		policies *policies
		request  *http.Request
		status   int
		code     string
	}{
		"another key":         {&policies{}, header("X-Api-Key", strings.Repeat("x", 32)), 401, "credential_refused"},
		"no key":              {&policies{}, header("X-Api-Key", ""), 401, "credential_refused"},
		"no keys of a token":  {&policies{credentials: checked{auth.ErrKeysUnavailable}}, send(t, claims), 503, "keys_unavailable"},
		"another media type":  {&policies{}, header("Content-Type", "application/x-www-form-urlencoded"), 415, "media_type"},
		"an encoded body":     {&policies{}, header("Content-Encoding", "gzip"), 415, "media_type"},
		"a large body":        {&policies{}, send(t, claims+strings.Repeat(" ", 256<<10)), 413, "body_too_large"},
		"no JSON":             {&policies{}, send(t, "email=ann@example.com"), 400, "not_these_claims"},
		"no code":             {&policies{}, send(t, `{"email":"ann@example.com"}`), 400, "not_these_claims"},
		"Entra's event":       {&policies{}, send(t, body), 400, "not_these_claims"},
		"claims of a tenant":  {&policies{claims: b2c.Config{Tenant: "fabrikam.onmicrosoft.com"}}, send(t, claims), 403, "tenant_not_allowed"},
		"another method":      {&policies{}, request(t, http.MethodGet, "/api/B2COtpSend", ""), 405, "method_not_allowed"},
		"a check that cannot": {&policies{credentials: checked{errors.New("what is this")}}, send(t, claims), 500, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tt.policies.serve(t, tt.request)
			if got.StatusCode != tt.status {
				t.Fatalf("status %d, want %d: %s", got.StatusCode, tt.status, got.body)
			}
			checkProblem(t, got, tt.status, tt.code)
			if tt.policies.sent > 0 {
				t.Error("a mail was sent")
			}
		})
	}
}

func TestB2CChallengesAreThoseOfTheOwnersCredentials(t *testing.T) {
	t.Parallel()
	got := (&policies{credentials: checked{&credential.Refusal{Token: &auth.Refusal{Check: auth.CheckAudience, Remedy: "set it"}}}}).serve(t, send(t, claims))
	if challenges := got.Header.Values("WWW-Authenticate"); strings.Join(challenges, "|") != "Basic|Bearer" {
		t.Errorf("challenges are %q", challenges)
	}
	if strings.Contains(got.body, "aud") || !strings.Contains(got.stderr, `"refusal":{"check":"aud","remedy":"set it"}`) {
		t.Errorf("told %s, logged %s", got.body, got.stderr)
	}
	plain := (&policies{}).serve(t, func() *http.Request { r := send(t, claims); r.Header.Del("X-Api-Key"); return r }())
	if strings.Contains(plain.stderr, "refusal") {
		t.Errorf("logged %s", plain.stderr)
	}
}

// Whatever is about the address or our sending becomes a text that the person reads, in the mail's language.
func TestB2CTellsThePerson(t *testing.T) {
	t.Parallel()
	fails := func(kind providers.Kind) *parts {
		return &parts{vendor: &providers.Error{Kind: kind, Code: "x", Cause: errors.New("quotes ann@example.com")}}
	}
	const (
		address  = "An diese E-Mail-Adresse können wir keinen Code senden. Bitte prüfen Sie sie oder verwenden Sie eine andere."
		tooMany  = "Es wurden zu viele Codes angefordert. Bitte warten Sie einige Minuten und versuchen Sie es erneut."
		notSent  = "Der Code konnte gerade nicht gesendet werden. Bitte versuchen Sie es erneut."
		envelope = `{"version":"1.0.0","status":409,"userMessage":"`
	)
	for name, tt := range map[string]struct {
		parts *parts
		body  string
		want  string
		code  string
		level string
	}{
		"a telephone number":      {&parts{}, strings.Replace(claims, "ann@example.com", "+4915112345678", 1), address, "invalid_address", "WARN"},
		"an address that bounces": {fails(providers.KindInvalidAddress), claims, address, "invalid_address", "WARN"},
		"a suppressed recipient":  {fails(providers.KindRefused), claims, address, "recipient_refused", "WARN"},
		"a denied domain":         {&parts{policy: delivery.RecipientConfig{Deny: []string{"example.com"}}}, claims, address, "recipient_denied", "WARN"},
		"a provider that is down": {fails(providers.KindTemporary), claims, notSent, "providers_failed", "ERROR"},
		"a provider that panics":  {&parts{panics: true}, claims, notSent, "providers_failed", "ERROR"},
		"another language":        {fails(providers.KindTemporary), strings.Replace(claims, "de-AT", "ja", 1), "ただいま確認コードを送信できませんでした。もう一度お試しください。", "providers_failed", "ERROR"},
		"no language":             {fails(providers.KindTemporary), strings.Replace(claims, "de-AT", "", 1), "The code could not be sent just now. Please try again.", "providers_failed", "ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := (&policies{parts: tt.parts}).serve(t, send(t, tt.body))
			if got.StatusCode != http.StatusConflict || got.body != envelope+tt.want+`"}` || got.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %s: %s", got.StatusCode, got.Header.Get("Content-Type"), got.body)
			}
			for _, want := range []string{`"level":"` + tt.level + `"`, `"msg":"B2COtpSend","status":409`, `"code":"` + tt.code + `"`} {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("%s is not in %s", want, got.stderr)
				}
			}
		})
	}
	limited := &policies{parts: &parts{policy: delivery.RecipientConfig{Limit: "1/1m"}}}
	h := limited.handler(t, io.Discard, io.Discard)
	for _, tt := range []struct{ code, want string }{{"111111", "{}"}, {"222222", envelope + tooMany + `"}`}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, send(t, strings.Replace(claims, "023456", tt.code, 1)))
		if w.Body.String() != tt.want {
			t.Errorf("%d %s, want %s", w.Code, w.Body, tt.want)
		}
	}
}

func TestB2CDroppedMailIsAnsweredAsSent(t *testing.T) {
	t.Parallel()
	p := &policies{parts: &parts{policy: delivery.RecipientConfig{Deny: []string{"example.com"}, Refusal: "drop"}}}
	got := p.serve(t, send(t, claims))
	if got.StatusCode != http.StatusOK || got.body != "{}" || len(p.mails) != 0 || !strings.Contains(got.stderr, `"outcome":"dropped"`) {
		t.Errorf("%d %s, %d mails, logged %s", got.StatusCode, got.body, len(p.mails), got.stderr)
	}
}

// The same claims again are the same code: one mail, and the answer that it had. The correlation id does not count, as with
// Entra; another tenant's code is another one.
func TestB2CCallsAgain(t *testing.T) {
	t.Parallel()
	p := &policies{}
	h := p.handler(t, io.Discard, io.Discard)
	for _, tt := range []struct {
		body  string
		mails int
	}{
		{claims, 1},
		{claims, 1},
		{strings.Replace(claims, "corr-1", "corr-2", 1), 1},
		{strings.Replace(claims, "ann@", "ANN@", 1), 1},
		{strings.Replace(claims, "contoso.on", "fabrikam.on", 1), 2},
		{strings.Replace(claims, "023456", "123456", 1), 3},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, send(t, tt.body))
		if w.Code != http.StatusOK || len(p.mails) != tt.mails {
			t.Errorf("%d, %d mails after %s, want %d", w.Code, len(p.mails), tt.body, tt.mails)
		}
	}
}

func TestB2CNobodyElseGetsABodyRead(t *testing.T) {
	t.Parallel()
	r := send(t, claims)
	r.Body = &readOnce{t: t}
	r.Header.Del("X-Api-Key")
	(&policies{}).serve(t, r)
}

// B2C has no timeoutInMilliseconds that the owner could set.
func TestB2CCallerWhoHangsUpIsToldWithoutEntrasRemedy(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := &policies{parts: &parts{onSend: func() { cancel(); time.Sleep(50 * time.Millisecond) }}}
	got := p.serve(t, send(t, claims).WithContext(ctx))
	if !strings.Contains(got.stdout, `"hungUpAfterMs":`) || strings.Contains(got.stdout, "timeoutInMilliseconds") {
		t.Errorf("logged as %s", got.stdout)
	}
}

// waiting is a credential's check that ends only with its time.
type waiting struct{ checked }

func (waiting) Check(ctx context.Context, _ http.Header) error {
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > time.Second {
		return errors.New("no deadline")
	}
	return auth.ErrKeysUnavailable
}

func TestB2CCheckLeavesTimeForTheMail(t *testing.T) {
	t.Parallel()
	p := &policies{credentials: waiting{}}
	h := p.handler(t, io.Discard, io.Discard)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, send(t, claims))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

var _ handler.Credentials = (*credential.Checker)(nil)
