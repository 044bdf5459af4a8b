package devtenant_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/devtenant"
	"byoe/devtenant/otp"
	"byoe/redact"
)

const (
	policyKey = "0123456789abcdef0123456789abcdef"
	conflict  = `{"version":"1.0.0","status":409,"userMessage":"Bitte nehmen Sie eine andere Adresse <b>."}`
)

// policies is a tenant whose policies call hook, which answers as says does.
func policies(t *testing.T, b devtenant.B2C, answer func(http.ResponseWriter, *http.Request, int)) (*devtenant.Tenant, *webhook) {
	t.Helper()
	options := anywhere()
	options.B2C = b
	tenant, err := devtenant.Start(t.Context(), options, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeTenant(t, tenant) })
	hook := newWebhook(t, answer)
	if err := tenant.Attach(devtenant.Webhook{URL: hook.URL + "/api/EmailOtpSend", B2C: hook.URL + "/api/B2COtpSend"}); err != nil {
		t.Fatal(err)
	}
	return tenant, hook
}

func claimsIn(t *testing.T, c call) map[string]string {
	t.Helper()
	var claims map[string]string
	if err := json.Unmarshal([]byte(c.body), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestAPolicysCall(t *testing.T) {
	t.Parallel()
	var key string
	tenant, hook := policies(t, devtenant.B2C{Key: redact.NewSecret(policyKey), KeyHeader: "X-Policy"}, func(w http.ResponseWriter, r *http.Request, n int) {
		key = r.Header.Get("X-Policy")
		says(200, "application/json", "{}")(w, r, n)
	})
	exchange, err := tenant.SendClaims(t.Context(), hook.URL+"/api/B2COtpSend", devtenant.SignIn{
		To: "ann@example.com", Code: redact.NewSecret("012345"), Locale: "pt-br", RequestType: "signUp", CorrelationID: "corr-1",
	})
	if err != nil || !exchange.Accepted() || len(exchange.Attempts) != 1 {
		t.Fatalf("%v, %+v", err, exchange)
	}
	got := hook.received()[0]
	if got.method != http.MethodPost || got.path != "/api/B2COtpSend" || got.contentType != "application/json" || got.authorization != "" || key != policyKey {
		t.Errorf("the call is %+v with the key %q", got, key)
	}
	want := map[string]string{
		"email": "ann@example.com", "otp": "012345", "locale": "pt-BR", "appName": devtenant.AppName, "clientId": devtenant.AppID,
		"correlationId": "corr-1", "tenantId": devtenant.TenantID, "flow": "signUp",
	}
	if diff := cmp.Diff(want, claimsIn(t, got)); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestClaimsByOtherNames(t *testing.T) {
	t.Parallel()
	b := devtenant.B2C{Claims: map[string]string{"email": "signInName", "otp": "code", "locale": "locale"}, Tenant: "contoso.onmicrosoft.com"}
	tenant, hook := policies(t, b, says(200, "application/json", "{}"))
	if _, err := tenant.SendClaims(t.Context(), hook.URL, devtenant.SignIn{Locale: "no language", RequestType: devtenant.NoRequestType}); err != nil {
		t.Fatal(err)
	}
	claims := claimsIn(t, hook.received()[0])
	_, flow := claims["flow"]
	if claims["signInName"] == "" || claims["code"] == "" || claims["email"] != "" || claims["locale"] != "no language" || claims["tenantId"] != b.Tenant || flow {
		t.Errorf("claims are %v", claims)
	}
}

func TestWhatAPolicyMakesOfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status     int
		media      string
		body       string
		refusal    string // its beginning; "" is none
		userReads  string
		remedyHint string
	}{
		"accepted":               {200, "application/json; charset=utf-8", `{}`, "", "", ""},
		"with output claims":     {200, "application/json", `{"sent":"yes"}`, "", "", ""},
		"no JSON":                {200, "application/json", `sent`, "200 InvalidResponse", "", "{}"},
		"no object":              {200, "application/json", `null`, "200 InvalidResponse", "", "{}"},
		"another media type":     {200, "text/plain", `{}`, "200 InvalidResponse", "", "{}"},
		"told":                   {409, "application/json", conflict, "409 UserMessage", "Bitte nehmen Sie eine andere Adresse <b>.", "log"},
		"a conflict without":     {409, "application/json", `{"version":"1.0.0","status":409}`, "409 InvalidConflict", "", "userMessage"},
		"of another status":      {409, "application/json", strings.Replace(conflict, "409", "400", 1), "409 InvalidConflict", "", "userMessage"},
		"without a version":      {409, "application/json", `{"status":409,"userMessage":"x"}`, "409 InvalidConflict", "", "userMessage"},
		"a conflict in prose":    {409, "text/plain", conflict, "409 InvalidConflict", "", "userMessage"},
		"a text with another":    {400, "application/json", conflict, "400 BadRequest", "", "B2C_CLAIMS"},
		"no credential":          {401, "application/problem+json", `{}`, "401 Unauthorized", "", "B2C_API_KEYS"},
		"another tenant":         {403, "application/problem+json", `{}`, "403 Forbidden", "", "B2C_TENANT"},
		"off":                    {404, "application/problem+json", `{}`, "404 NotFound", "", "B2C_API_KEYS"},
		"an error":               {502, "application/problem+json", `{}`, "502 BadGateway", "", "log"},
		"a status that is none":  {599, "text/plain", ``, "599 Status599", "", "log"},
		"somewhere else instead": {302, "text/plain", ``, "302 Found", "", "log"},
	} {
		tenant, hook := policies(t, devtenant.B2C{}, says(tt.status, tt.media, tt.body))
		exchange, err := tenant.SendClaims(t.Context(), hook.URL, devtenant.SignIn{})
		if err != nil {
			t.Fatal(err)
		}
		last := exchange.Last()
		if refusal := last.Refusal.String(); (tt.refusal == "") != (refusal == "") || !strings.HasPrefix(refusal, tt.refusal) || !strings.Contains(last.Refusal.Remedy, tt.remedyHint) {
			t.Errorf("%s: %s, remedy %q", name, refusal, last.Refusal.Remedy)
		}
		if last.UserMessage != tt.userReads {
			t.Errorf("%s: the person reads %q, want %q", name, last.UserMessage, tt.userReads)
		}
		if len(hook.received()) != 1 || exchange.Fallback != "" {
			t.Errorf("%s: %d calls, fallback %q", name, len(hook.received()), exchange.Fallback)
		}
	}
}

// A policy neither calls again nor has a mail of Microsoft's to fall back on, whatever is said of Entra.
func TestAPolicyCallsOnce(t *testing.T) {
	t.Parallel()
	tenant, hook := policies(t, devtenant.B2C{}, says(500, "text/plain", ""))
	tenant.SetBehaviour(devtenant.Behaviour{Retries: 1, RetryAnyFailure: true, Fallback: true})
	exchange, err := tenant.SendClaims(t.Context(), hook.URL, devtenant.SignIn{})
	if err != nil || len(exchange.Attempts) != 1 || exchange.Fallback != "" || len(tenant.Mailbox().Mails()) != 0 {
		t.Errorf("%v, %+v", err, exchange)
	}
}

// Only the codes of Azure AD B2C travel by a policy, and only where the webhook takes them so.
func TestWhoBringsACode(t *testing.T) {
	t.Parallel()
	tenant, hook := policies(t, devtenant.B2C{}, func(w http.ResponseWriter, r *http.Request, n int) {
		if strings.HasSuffix(r.URL.Path, "B2COtpSend") {
			says(200, "application/json", "{}")(w, r, n)
		} else {
			says(200, "application/json", documented)(w, r, n)
		}
	})
	for _, preset := range []string{"b2c", "external-id", "b2b-guest"} {
		if _, _, outcome := said(t, tenant, signIn(t, tenant, "preset", preset)); outcome != "generated" {
			t.Errorf("%s: %s", preset, outcome)
		}
	}
	attach(t, tenant, hook.URL+"/api/EmailOtpSend", nil) // one without that endpoint
	signIn(t, tenant, "preset", "b2c")
	var paths []string
	for _, c := range hook.received() {
		paths = append(paths, strings.TrimPrefix(c.path, "/api/"))
	}
	if want := []string{"B2COtpSend", "EmailOtpSend", "EmailOtpSend", "EmailOtpSend"}; !slices.Equal(paths, want) {
		t.Errorf("calls went to %q, want %q", paths, want)
	}
	code := claimsIn(t, hook.received()[0])["otp"]
	if len(code) != otp.B2C().CodeLength {
		t.Errorf("a code of B2C's has %d digits", len(code))
	}
	if err := tenant.Attach(devtenant.Webhook{URL: hook.URL, B2C: "ftp://127.0.0.1/x"}); err == nil {
		t.Error("an address that is none was taken")
	}
}

// The person reads what the webhook says in a 409, and nothing of the webhook's otherwise.
func TestTheTextOfAConflictIsShown(t *testing.T) {
	t.Parallel()
	tenant, _ := policies(t, devtenant.B2C{Key: redact.NewSecret(policyKey)}, says(409, "application/json", conflict))
	path := signIn(t, tenant, "preset", "b2c", "locale", "de-de", "to", "ann@example.com")
	message, text, _ := said(t, tenant, path)
	lang, _ := attribute(message, "lang")
	if text != "Bitte nehmen Sie eine andere Adresse <b>." || lang != "de-DE" {
		t.Errorf("the person reads %q in %q", text, lang)
	}
	page := get(t, tenant.URL()+path).body
	for _, want := range []string{"The B2C policy calls", "409 UserMessage", `id="again"`, "x-api-key: " + policyKey} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, wrong := range []string{"/verify", "Entra calls", "AADSTS"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the page has %q", wrong)
		}
	}
	opaque, _ := policies(t, devtenant.B2C{}, says(503, "application/problem+json", `{"code":"keys_unavailable"}`))
	if _, text, _ := said(t, opaque, signIn(t, opaque, "preset", "b2c")); !strings.Contains(text, "DefaultUserMessageIfRequestFailed") {
		t.Errorf("the person reads %q", text)
	}
}

func TestAPolicysCallIsReplayedAsOne(t *testing.T) {
	t.Parallel()
	tenant, hook := policies(t, devtenant.B2C{}, says(200, "application/json", "{}"))
	signIn(t, tenant, "preset", "b2c")
	if got := submit(t, tenant, "/requests/1/replay"); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	calls := hook.received()
	if len(calls) != 2 || calls[0].body != calls[1].body || calls[1].path != "/api/B2COtpSend" {
		t.Errorf("calls are %+v", calls)
	}
	if page := get(t, tenant.URL()+"/requests/2").body; !strings.Contains(page, "The B2C policy takes this answer.") || !strings.Contains(page, "the claims") {
		t.Error("the request's page does not say who called")
	}
}

func TestB2CURL(t *testing.T) {
	t.Parallel()
	for webhook, want := range map[string]string{
		devtenant.DefaultWebhook:                     "http://127.0.0.1:7071/api/B2COtpSend",
		"https://otp.example.com/API/EMAILOTPSEND/":  "https://otp.example.com/API/B2COtpSend",
		"https://otp.example.com/api/EmailOtpSend?x": "",
		"https://otp.example.com/api/MyEmailOtpSend": "",
		"https://otp.example.com/":                   "",
		"EmailOtpSend":                               "",
		"":                                           "",
	} {
		if got := devtenant.B2CURL(webhook); got != want {
			t.Errorf("%q: %q, want %q", webhook, got, want)
		}
	}
}

// A key of the tenant's own making is new with each run, and long enough for a webhook to take it.
func TestTheKeyIsMadeUpForTheRun(t *testing.T) {
	t.Parallel()
	first, second := start(t).Settings()["B2C_API_KEYS"], start(t).Settings()["B2C_API_KEYS"]
	if first == second || len(first) < 32 {
		t.Errorf("keys of %d characters, the same: %v", len(first), first == second)
	}
}
