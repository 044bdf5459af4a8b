package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"byoe/devtenant"
	"byoe/devtenant/otp"
)

const policyKey = "policy-0123456789abcdef0123456789"

// policyClaims are what a B2C policy sends.
func policyClaims(to, code, locale string) []byte {
	return fmt.Appendf(nil, `{"email":%q,"otp":%q,"locale":%q,"appName":"Contoso Shop","correlationId":"corr-1","tenantId":"contoso.onmicrosoft.com"}`, to, code, locale)
}

// callAsPolicy sends claims to a webhook with header fields, given by names and values in turn.
func callAsPolicy(t *testing.T, webhook string, claims []byte, fields ...string) (status int, body string, challenges []string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, webhook+"/api/B2COtpSend", bytes.NewReader(claims))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(got), res.Header.Values("WWW-Authenticate")
}

// Every kind of credential, each with a second secret for the change-over, at one webhook; and a mail for each that counts.
func TestPoliciesWithEachCredential(t *testing.T) {
	tenant := startTenant(t)
	const second = "second-0123456789abcdef0123456789"
	p := serve(t, environ(tenant,
		"B2C_API_KEYS="+policyKey+","+second, "B2C_BASIC_USERNAME=b2c", "B2C_BASIC_PASSWORD="+policyKey+", "+second,
		"B2C_BEARER_TENANT_ID="+devtenant.TenantID, "B2C_BEARER_AUDIENCE="+devtenant.Audience,
		"B2C_BEARER_ALLOWED_APPS="+devtenant.AppID+","+devtenant.CallerAppID, "B2C_BEARER_AUTHORITY="+tenant.Authority()))
	basic := func(password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("b2c:"+password))
	}
	bearer := token(t, tenant)
	elsewhere, err := tenant.Token(devtenant.With("aud", devtenant.AppID))
	if err != nil {
		t.Fatal(err)
	}
	private := []string{policyKey, second, bearer, elsewhere, strings.TrimPrefix(basic(second), "Basic ")}
	for i, tt := range []struct {
		name, field, value string
		good               bool
	}{
		{"key", "x-api-key", policyKey, true},
		{"second key", "x-api-key", second, true},
		{"password", "Authorization", basic(policyKey), true},
		{"second password", "Authorization", basic(second), true},
		{"token", "Authorization", "Bearer " + bearer, true},
		{"another key", "x-api-key", policyKey + "x", false},
		{"another password", "Authorization", basic("x"), false},
		{"a token for somebody else", "Authorization", "Bearer " + elsewhere, false},
		{"nothing", "x-nothing", "x", false},
	} {
		code, to := fmt.Sprintf("9170%04d", i), fmt.Sprintf("policy-%d@example.com", i)
		private = append(private, code, to)
		status, body, challenges := callAsPolicy(t, p.url, policyClaims(to, code, "ja"), tt.field, tt.value)
		if tt.good {
			if status != http.StatusOK || body != "{}" {
				t.Errorf("%s: %d %s", tt.name, status, body)
				continue
			}
			if mail := waitForMail(t, tenant, code); mail.To[0] != to || !strings.Contains(mail.Text, "このコードの有効期限は 10 分です。") {
				t.Errorf("%s: the mail to %s is\n%s", tt.name, mail.To, mail.Text)
			}
			continue
		}
		if status != http.StatusUnauthorized || !strings.Contains(body, `"code":"credential_refused"`) || len(challenges) != 3 {
			t.Errorf("%s: %d %s, challenges %q", tt.name, status, body, challenges)
		}
	}
	if mails := len(tenant.Mailbox().Mails()); mails != 5 {
		t.Errorf("%d mails, want 5", mails)
	}
	if !strings.Contains(p.stderr.String(), "set B2C_BEARER_AUDIENCE") {
		t.Errorf("nobody can tell why the token was refused: %s", p.stderr.String())
	}
	checkNothingLeaks(t, p, private...)
}

// The policy calls again and gets the first call's mail; without a credential there is no endpoint at all.
func TestPolicyCallsAgainAndNobodyCallsWithoutCredential(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "B2C_API_KEYS="+policyKey))
	for range 3 {
		if status, body, _ := callAsPolicy(t, p.url, policyClaims("ann@example.com", "720001", "en"), "x-api-key", policyKey); status != http.StatusOK || body != "{}" {
			t.Fatalf("%d %s", status, body)
		}
	}
	waitForMail(t, tenant, "720001")
	if mails := len(tenant.Mailbox().Mails()); mails != 1 {
		t.Errorf("%d mails for one code", mails)
	}
	lines := environ(tenant)
	for i, line := range lines {
		if strings.HasPrefix(line, "B2C_API_KEYS=") {
			lines[i] = "B2C_API_KEYS="
		}
	}
	off := serve(t, lines)
	unknown, _ := get(t, off.url+"/api/Unknown")
	if status, body, _ := callAsPolicy(t, off.url, policyClaims("ann@example.com", "720002", "en"), "x-api-key", policyKey); status != http.StatusNotFound || status != unknown {
		t.Errorf("%d %s", status, body)
	}
}

// An owner who has B2C's policies and no External ID tenant yet: the first step of a move.
func TestPoliciesWithoutAnExternalTenant(t *testing.T) {
	tenant := startTenant(t)
	var lines []string
	for _, line := range environ(tenant, "B2C_API_KEYS="+policyKey) {
		if !strings.HasPrefix(line, "ENTRA_") {
			lines = append(lines, line)
		}
	}
	p := serve(t, lines)
	if status, body, _ := callAsPolicy(t, p.url, policyClaims("ann@example.com", "730001", "en"), "x-api-key", policyKey); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	waitForMail(t, tenant, "730001")
	if status, _ := post(t, p.url, token(t, tenant), sample(t, "sign-up")); status != http.StatusNotFound {
		t.Errorf("Entra's event: %d", status)
	}
	if status, body := get(t, p.url+"/api/Health"); status != http.StatusOK {
		t.Errorf("health: %d %s", status, body)
	}
}

// policyPage is a person at the sign-in page of byoe dev, with a code of Azure AD B2C.
type policyPage struct {
	*testing.T

	tenant, path string
}

func (p *policyPage) submit(path string, fields url.Values) *http.Response {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), http.MethodPost, p.tenant+path, strings.NewReader(fields.Encode()))
	if err != nil {
		p.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	once := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := once.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	_ = res.Body.Close()
	once.CloseIdleConnections()
	if res.StatusCode != http.StatusSeeOther {
		p.Fatalf("%s: %d", path, res.StatusCode)
	}
	return res
}

// begin fills in the form and sends it.
func beginAsPolicy(t *testing.T, tenant, to, locale string) *policyPage {
	t.Helper()
	p := &policyPage{T: t, tenant: tenant}
	form := url.Values{"to": {to}, "locale": {locale}, "flow": {"signUp"}, "client": {"browser"}, "preset": {"b2c"}}
	p.path = p.submit("/signin", form).Header.Get("Location")
	return p
}

func (p *policyPage) again() { p.submit(p.path+"/again", nil) }

func (p *policyPage) expire() { p.submit(p.path+"/expire", nil) }

func (p *policyPage) enter(code string) { p.submit(p.path+"/verify", url.Values{"code": {code}}) }

// reads is what the page says: the outcome's word, what the person reads, and all of it.
func (p *policyPage) reads() (outcome, message, page string) {
	p.Helper()
	_, page = get(p.T, p.tenant+p.path)
	find := func(pattern string) string {
		if match := regexp.MustCompile(pattern).FindStringSubmatch(page); match != nil {
			return html.UnescapeString(match[1])
		}
		return ""
	}
	return find(`id="outcome">([^<]*)<`), find(`id="message"[^>]*>([^<]*)<`), page
}

func (p *policyPage) want(outcome, when string) {
	p.Helper()
	if got, message, _ := p.reads(); got != outcome || message == "" {
		p.Errorf("%s: %s (%q), want %s", when, got, message, outcome)
	}
}

// mailed is the code in the newest mail for somebody.
func mailed(t *testing.T, tenant, to string) string {
	t.Helper()
	_, body := get(t, tenant+"/mailbox.json")
	var mails []struct {
		To   []string
		Code string
	}
	if err := json.Unmarshal([]byte(body), &mails); err != nil {
		t.Fatal(err)
	}
	for _, mail := range mails {
		if mail.To[0] == to {
			return mail.Code
		}
	}
	t.Fatalf("no mail for %s", to)
	return ""
}

// byoe dev as a newcomer has it: choose Azure AD B2C, and the code is generated, travels through B2COtpSend, is read in the
// mailbox, and verified; with each of the profile's six failures, and what the webhook says of an address that it refuses.
func TestACodeOfB2CFromGenerationToVerification(t *testing.T) {
	stdout, tenant := startDev(t, nil, devEnviron("RECIPIENT_DENY=denied.example"))

	good := beginAsPolicy(t, tenant, "good@example.com", "de-de")
	good.want("generated", "after sending")
	_, _, page := good.reads()
	for _, want := range []string{"/api/B2COtpSend", "The B2C policy calls", "&#34;locale&#34;: &#34;de-DE&#34;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	code := mailed(t, tenant, "good@example.com")
	if len(code) != otp.B2C().CodeLength {
		t.Errorf("the mail's code is %q", code)
	}
	good.enter("x")
	good.want("verification-failed-retry-allowed", "a wrong code")
	good.enter(code)
	good.want("verified", "the mail's code")

	expired := beginAsPolicy(t, tenant, "expired@example.com", "fr-fr")
	expired.expire()
	expired.enter(mailed(t, tenant, "expired@example.com"))
	expired.want("session-does-not-exist", "an expired code")

	locked := beginAsPolicy(t, tenant, "locked@example.com", "en-us")
	for range otp.B2C().RetryAttempts - 1 {
		locked.enter("x")
	}
	locked.enter("x")
	locked.want("invalid-code", "the last try")
	locked.enter(mailed(t, tenant, "locked@example.com"))
	locked.want("max-retry-attempted", "the right code after it")

	replaced := beginAsPolicy(t, tenant, "twice@example.com", "en-us")
	first := mailed(t, tenant, "twice@example.com")
	beginAsPolicy(t, tenant, "twice@example.com", "en-us")
	replaced.enter(first)
	replaced.want("session-conflict", "a code that another session's replaced")

	many := beginAsPolicy(t, tenant, "many@example.com", "en-us")
	for range otp.B2C().CodeGenerationAttempts {
		many.again()
	}
	many.want("max-number-of-code-generated", "one code too many")

	denied := beginAsPolicy(t, tenant, "somebody@denied.example", "ja-jp")
	if _, message, page := denied.reads(); message != "このメールアドレスには確認コードを送信できません。アドレスをご確認いただくか、別のアドレスをお使いください。" || strings.Contains(page, "/verify") {
		t.Errorf("the person reads %q", message)
	}

	_, log, _ := strings.Cut(stdout.String(), "The webhook's log")
	if sent := strings.Count(log, `"msg":"B2COtpSend","status":200`); sent < 5 || !strings.Contains(log, `"msg":"B2COtpSend","status":409`) {
		t.Errorf("%d mails in the log:\n%s", sent, log)
	}
	for _, digits := range []string{code, first} { // not those of a time or a duration
		if regexp.MustCompile(`[^0-9.]` + digits + `[^0-9]`).MatchString(log) {
			t.Errorf("the code %s is in the log", digits)
		}
	}
	for _, private := range []string{"good@", "expired@", "locked@", "twice@", "many@", "somebody@", "x-api-key"} {
		if strings.Contains(log, private) {
			t.Errorf("%q is in the log", private)
		}
	}
}

// Where the owner has settings for policies already, the local tenant's policy goes by them.
func TestTheLocalTenantsPolicyGoesByTheOwnersSettings(t *testing.T) {
	_, tenant := startDev(t, nil, devEnviron("B2C_API_KEYS="+policyKey+",second-0123456789abcdef0123456789", "B2C_API_KEY_HEADER=x-policy",
		"B2C_CLAIMS=email=signInName,otp=code,tenantId=directory", "B2C_TENANT=contoso.onmicrosoft.com"))
	page := beginAsPolicy(t, tenant, "ann@example.com", "en-us")
	page.want("generated", "after sending")
	page.enter(mailed(t, tenant, "ann@example.com"))
	page.want("verified", "the mail's code")
	_, _, told := page.reads()
	for _, want := range []string{"x-policy: " + policyKey, "&#34;signInName&#34;", "contoso.onmicrosoft.com"} {
		if !strings.Contains(told, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
