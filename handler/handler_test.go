package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/handler"
	"byoe/message"
	"byoe/providers"
	"byoe/telemetry"
)

const (
	tenantID    = "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d"
	appID       = "bbbbbbbb-cccc-dddd-2222-333333333333"
	extensionID = "11112222-bbbb-3333-cccc-4444dddd5555"
	answer      = `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData","actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`
	body        = `{"type":"microsoft.graph.authenticationEvent.emailOtpSend","data":{"@odata.type":"microsoft.graph.onOtpSendCalloutData",
		"otpContext":{"identifier":"ann@example.com","oneTimeCode":"02345678"},"tenantId":"` + tenantID + `",
		"customAuthenticationExtensionId":"` + extensionID + `",
		"authenticationContext":{"correlationId":"corr-1","requestType":"signUp","client":{"locale":"en-us"},"clientServicePrincipal":{"appId":"` + appID + `"}}}}`
)

// parts are what the handler joins, each as a test wants it.
type parts struct {
	config   handler.Config
	policy   delivery.RecipientConfig
	caller   auth.Caller
	authErr  error
	notReady bool
	vendor   error // what the provider says
	panics   bool  // the provider
	onSend   func()
	authDies bool
	watcher  *watcher // who else is told; nil: nobody

	sent     int
	headers  []string
	patience time.Duration // what Verify was given
}

func (p *parts) Verify(ctx context.Context, authorization []string) (auth.Caller, error) {
	p.headers = authorization
	deadline, _ := ctx.Deadline()
	p.patience = time.Until(deadline)
	if p.authDies {
		panic("e.y.j")
	}
	return p.caller, p.authErr
}
func (p *parts) Ready() bool  { return !p.notReady }
func (p *parts) Name() string { return "vendor" }
func (p *parts) Send(context.Context, providers.Submission) (providers.Receipt, error) {
	p.sent++
	if p.onSend != nil {
		p.onSend()
	}
	if p.panics {
		panic("02345678")
	}
	return providers.Receipt{MessageID: "vendor-id"}, p.vendor
}

// response is one exchange and what was logged of it.
type response struct {
	*http.Response
	body           string
	stdout, stderr string
}

func (p *parts) serve(t *testing.T, r *http.Request) response {
	t.Helper()
	if p.caller == (auth.Caller{}) {
		p.caller = auth.Caller{TenantID: tenantID}
	}
	composer, problems := message.NewComposer(message.Config{From: "no-reply@contoso.example", DefaultLocale: "en"})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	var stdout, stderr bytes.Buffer
	deliverer := delivery.New(delivery.Config{Budget: time.Second, DedupeTTL: time.Minute}, p.policy, delivery.Parts{Providers: []providers.Provider{p}, Claims: memory.New()})
	log := telemetry.NewRequestLog(telemetry.NewLogger(telemetry.Config{}, &stdout, &stderr))
	joined := handler.Parts{Auth: p, Composer: composer, Deliverer: deliverer, Observers: []handler.Observer{log}}
	if p.watcher != nil {
		joined.Observers = append(joined.Observers, p.watcher)
		joined.Tracer, joined.Witness = p.watcher, p.watcher
	}
	h := handler.New(p.config, joined)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	got := response{Response: w.Result(), stdout: stdout.String(), stderr: stderr.String()}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	got.body = string(raw)
	return got
}

func request(t *testing.T, method, target, content string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(content))
}

func post(t *testing.T, content string) *http.Request {
	t.Helper()
	r := request(t, http.MethodPost, "/api/EmailOtpSend?code=functionkey", content)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", "Bearer e.y.j")
	return r
}

func TestAcceptedMailIsAnsweredWithTheDocumentedBody(t *testing.T) {
	t.Parallel()
	p := &parts{}
	got := p.serve(t, post(t, body))
	if got.StatusCode != http.StatusOK || got.body != answer || got.Header.Get("Content-Type") != "application/json" || p.sent != 1 {
		t.Errorf("%d %s %q, %d sent", got.StatusCode, got.Header.Get("Content-Type"), got.body, p.sent)
	}
	if p.patience <= 0 || p.patience > time.Second {
		t.Errorf("auth may wait for keys for %v, which leaves no time for the mail", p.patience)
	}
	if len(p.headers) != 1 || p.headers[0] != "Bearer e.y.j" {
		t.Errorf("auth was given %q", p.headers)
	}
}

func TestEveryFailureHasItsStatus(t *testing.T) {
	t.Parallel()
	fails := func(kind providers.Kind) *parts {
		return &parts{vendor: &providers.Error{Kind: kind, Code: "x", Cause: errors.New("quotes ann@example.com")}}
	}
	mediaType := func(name, value string) *http.Request {
		r := post(t, body)
		r.Header.Set(name, value)
		return r
	}
	cases := map[string]struct {
		parts   *parts
		request *http.Request
		status  int
		code    string
	}{
		"no genuine token":         {&parts{authErr: &auth.Refusal{Check: auth.CheckIssuer}}, post(t, body), 401, "token_refused"},
		"no keys":                  {&parts{authErr: auth.ErrKeysUnavailable}, post(t, body), 503, "keys_unavailable"},
		"another media type":       {&parts{}, mediaType("Content-Type", "text/plain"), 415, "media_type"},
		"no media type":            {&parts{}, mediaType("Content-Type", ""), 415, "media_type"},
		"an encoded body":          {&parts{}, mediaType("Content-Encoding", "gzip"), 415, "media_type"},
		"an identity encoding":     {&parts{}, mediaType("Content-Encoding", "Identity"), 200, ""},
		"a large body":             {&parts{}, post(t, body+strings.Repeat(" ", 256<<10)), 413, "body_too_large"},
		"no JSON":                  {&parts{}, post(t, "{"), 400, "not_this_event"},
		"no event":                 {&parts{}, post(t, "{}"), 400, "not_this_event"},
		"another tenant's event":   {&parts{caller: auth.Caller{TenantID: appID}}, post(t, body), 403, "tenant_not_allowed"},
		"tenant in upper case":     {&parts{caller: auth.Caller{TenantID: strings.ToUpper(tenantID)}}, post(t, body), 200, ""},
		"an unlisted application":  {&parts{config: handler.Config{AllowedApps: []string{tenantID}}}, post(t, body), 403, "app_not_allowed"},
		"a listed application":     {&parts{config: handler.Config{AllowedApps: []string{tenantID, strings.ToUpper(appID)}}}, post(t, body), 200, ""},
		"an unlisted extension":    {&parts{config: handler.Config{AllowedExtensions: []string{tenantID}}}, post(t, body), 403, "extension_not_allowed"},
		"a listed extension":       {&parts{config: handler.Config{AllowedExtensions: []string{extensionID}}}, post(t, body), 200, ""},
		"a telephone number":       {&parts{}, post(t, strings.Replace(body, "ann@example.com", "+4915112345678", 1)), 422, "invalid_address"},
		"an address that bounces":  {fails(providers.KindInvalidAddress), post(t, body), 422, "invalid_address"},
		"a suppressed recipient":   {fails(providers.KindRefused), post(t, body), 422, "recipient_refused"},
		"a provider that is down":  {fails(providers.KindTemporary), post(t, body), 502, "providers_failed"},
		"a provider without a key": {fails(providers.KindAuth), post(t, body), 502, "providers_failed"},
		"a denied domain":          {&parts{policy: delivery.RecipientConfig{Deny: []string{"example.com"}}}, post(t, body), 422, "recipient_denied"},
		"a panic":                  {&parts{authDies: true}, post(t, body), 500, "internal"},
		"a provider that panics":   {&parts{panics: true}, post(t, body), 502, "providers_failed"},
		"another path":             {&parts{}, request(t, http.MethodPost, "/api/Other", ""), 404, "not_found"},
		"another method":           {&parts{}, request(t, http.MethodGet, "/api/EmailOtpSend", ""), 405, "method_not_allowed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.parts.serve(t, c.request)
			if got.StatusCode != c.status {
				t.Fatalf("status %d, want %d: %s", got.StatusCode, c.status, got.body)
			}
			if c.status == http.StatusOK {
				return
			}
			checkProblem(t, got, c.status, c.code)
			for _, private := range []string{"02345678", "ann@", "+49", "functionkey", "e.y.j"} {
				if strings.Contains(got.body+got.stdout+got.stderr, private) {
					t.Errorf("%q is told: %s %s", private, got.body, got.stderr)
				}
			}
		})
	}
}

func checkProblem(t *testing.T, got response, status int, code string) {
	t.Helper()
	var problem struct {
		Type, Title, Code string
		Status            int
	}
	if err := json.Unmarshal([]byte(got.body), &problem); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if problem.Code != code || problem.Status != status || problem.Title != http.StatusText(status) || problem.Type != "about:blank" {
		t.Errorf("problem is %+v, want code %s", problem, code)
	}
	if got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("content type is %s", got.Header.Get("Content-Type"))
	}
	if challenged := got.Header.Get("WWW-Authenticate") != ""; challenged != (status == 401) {
		t.Errorf("WWW-Authenticate is %q", got.Header.Get("WWW-Authenticate"))
	}
	if retry := got.Header.Get("Retry-After") != ""; retry != (status == 503) {
		t.Errorf("Retry-After is %q", got.Header.Get("Retry-After"))
	}
	if allow := got.Header.Get("Allow") != ""; allow != (status == 405) {
		t.Errorf("Allow is %q", got.Header.Get("Allow"))
	}
}

func TestNobodyElseGetsABodyRead(t *testing.T) {
	t.Parallel()
	untouched := &readOnce{t: t}
	r := post(t, body)
	r.Body = untouched
	(&parts{authErr: &auth.Refusal{Check: auth.CheckScheme}}).serve(t, r)
}

// blanks is a body of so many blanks behind another one; it counts what is read of it.
type blanks struct {
	head io.Reader
	left int64
	read int64
}

func (b *blanks) Read(p []byte) (int, error) {
	n, err := io.MultiReader(b.head, io.LimitReader(spaces{}, b.left-b.read)).Read(p)
	b.read += int64(n)
	return n, err
}

func (b *blanks) Close() error { return nil }

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// The Functions host gets a clean refusal only where the body was taken to its end; one without end is not taken.
func TestALongBodyIsTakenToItsEndWithinBounds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		blanks, read int64
		status       int
	}{
		{"as long as may be", 256<<10 - int64(len(body)), 256 << 10, http.StatusOK},
		{"one longer", 256<<10 - int64(len(body)) + 1, 256<<10 + 1, http.StatusRequestEntityTooLarge},
		{"five MiB", 5 << 20, 5<<20 + int64(len(body)), http.StatusRequestEntityTooLarge},
		{"without end", 1 << 40, 256<<10 + 1 + 8<<20, http.StatusRequestEntityTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			long := &blanks{head: strings.NewReader(body), left: tt.blanks + int64(len(body))}
			r := post(t, "")
			r.Body = long
			got := (&parts{}).serve(t, r)
			if got.StatusCode != tt.status || long.read != tt.read {
				t.Errorf("status %d after %d bytes, want %d after %d", got.StatusCode, long.read, tt.status, tt.read)
			}
		})
	}
}

// readOnce fails the test when it is read.
type readOnce struct{ t *testing.T }

func (r *readOnce) Read([]byte) (int, error) { r.t.Error("the body was read"); return 0, io.EOF }
func (r *readOnce) Close() error             { return nil }

func TestPathIsTakenAsTheHostRoutesIt(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/EmailOtpSend", "/api/emailotpsend", "/API/EMAILOTPSEND/"} {
		r := post(t, body)
		r.URL.Path = path
		if got := (&parts{}).serve(t, r); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

func TestReadinessAnswersAtOnceAndLogsNothing(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		got := (&parts{notReady: true}).serve(t, request(t, method, "/", ""))
		if got.StatusCode != http.StatusOK || got.stdout+got.stderr != "" {
			t.Errorf("%s /: %d %q", method, got.StatusCode, got.stdout+got.stderr)
		}
	}
	if got := (&parts{}).serve(t, request(t, http.MethodPost, "/", "")); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %d", got.StatusCode)
	}
}

const noDeliveries = `"deliveries":{"accepted":0,"failed":0,"failovers":0,"ambiguous":0,"joined":0,"repeated":0,"takenOver":0,"failedOpen":0,"shed":0,"refused":0}`

func TestHealth(t *testing.T) {
	t.Parallel()
	cases := []struct {
		notReady, details bool
		status            int
		body              string
	}{
		{false, false, 200, "ok\n"},
		{true, false, 503, "unavailable\n"},
		{false, true, 200, `{"checks":{"keys":"ok","provider vendor":"ok"},` + noDeliveries + `,"status":"ok"}`},
		{true, true, 503, `{"checks":{"keys":"unavailable","provider vendor":"ok"},` + noDeliveries + `,"status":"unavailable"}`},
	}
	for _, c := range cases {
		p := &parts{notReady: c.notReady, config: handler.Config{HealthDetails: c.details}}
		got := p.serve(t, request(t, http.MethodGet, "/api/health/", ""))
		if got.StatusCode != c.status || got.body != c.body || (c.status == 503) != (got.Header.Get("Retry-After") != "") {
			t.Errorf("%+v: %d %q", c, got.StatusCode, got.body)
		}
	}
	if got := (&parts{}).serve(t, request(t, http.MethodPost, "/api/Health", "")); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got.StatusCode)
	}
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	r := post(t, body)
	r.Header.Set("X-Azure-Functions-InvocationId", "fake line, 0f8fad5b-d9cb-469f-a165-70867728950e")
	got := (&parts{}).serve(t, r)
	if got.stderr != "" || strings.Count(got.stdout, "\n") != 1 {
		t.Fatalf("stdout %q, stderr %q", got.stdout, got.stderr)
	}
	for _, want := range []string{
		`"level":"INFO"`, `"msg":"EmailOtpSend"`, `"status":200`, `"outcome":"accepted"`, `"correlationId":"corr-1"`, `"flow":"sign-up"`,
		`"invocationId":"0f8fad5b-d9cb-469f-a165-70867728950e"`, `"attempts":{"vendor":{"provider":"vendor","ms":`, `"messageId":"vendor-id"`, `"appId":"` + appID + `"`,
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("%s is not in %s", want, got.stdout)
		}
	}
	for _, private := range []string{"02345678", "ann@", "functionkey", "e.y.j"} {
		if strings.Contains(got.stdout, private) {
			t.Errorf("%q is logged: %s", private, got.stdout)
		}
	}
	refused := (&parts{authErr: &auth.Refusal{Check: auth.CheckAudience, Remedy: "set it"}}).serve(t, post(t, body))
	for _, want := range []string{`"level":"WARN"`, `"refusal":{"check":"aud","remedy":"set it"}`, `"code":"token_refused"`} {
		if !strings.Contains(refused.stderr, want) {
			t.Errorf("%s is not in %s", want, refused.stderr)
		}
	}
	down := (&parts{vendor: &providers.Error{Kind: providers.KindTemporary, Code: "503"}}).serve(t, post(t, body))
	for _, want := range []string{`"level":"ERROR"`, `"outcome":"providers-failed"`, `"kind":"temporary"`, `"error":"temporary (503)"`} {
		if !strings.Contains(down.stderr, want) {
			t.Errorf("%s is not in %s", want, down.stderr)
		}
	}
	r.Header.Set("X-Azure-Functions-InvocationId", "fake\nline")
	if forged := (&parts{}).serve(t, r); strings.Contains(forged.stdout, "fake") {
		t.Errorf("a caller writes our log: %s", forged.stdout)
	}
}

func TestDroppedMailIsAnsweredAsSentAndLoggedAsNot(t *testing.T) {
	t.Parallel()
	p := &parts{policy: delivery.RecipientConfig{Deny: []string{"example.com"}, Refusal: "drop"}}
	got := p.serve(t, post(t, body))
	if got.StatusCode != http.StatusOK || got.body != answer || p.sent != 0 {
		t.Errorf("%d %s, %d sent", got.StatusCode, got.body, p.sent)
	}
	if !strings.Contains(got.stderr, `"level":"WARN"`) || !strings.Contains(got.stderr, `"outcome":"dropped"`) {
		t.Errorf("logged as %s%s", got.stdout, got.stderr)
	}
}

func TestCallerWhoHangsUpIsTold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := &parts{onSend: func() { cancel(); time.Sleep(50 * time.Millisecond) }}
	got := p.serve(t, post(t, body).WithContext(ctx))
	if !strings.Contains(got.stdout, `"hungUpAfterMs":`) || !strings.Contains(got.stdout, "timeoutInMilliseconds is shorter than 2000") {
		t.Errorf("logged as %s", got.stdout)
	}
}

func TestAllowListsAreValidated(t *testing.T) {
	t.Parallel()
	bad := handler.Config{AllowedApps: []string{appID, "contoso"}, AllowedExtensions: []string{"x"}}
	if problems := bad.Validate(); len(problems) != 2 {
		t.Errorf("problems are %v", problems)
	}
	if problems := (handler.Config{AllowedApps: []string{appID}}).Validate(); len(problems) != 0 {
		t.Errorf("problems are %v", problems)
	}
}

var (
	_ handler.Composer      = (*message.Composer)(nil)
	_ handler.Authenticator = (*auth.Verifier)(nil)
)
