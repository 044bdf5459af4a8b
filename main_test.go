package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"byoe/app"
	"byoe/cli"
	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

// asProgram makes the test binary be the program, for what only a process shows: exit codes.
const asProgram = "BYOE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

const answer = `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData","actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`

// output is a stream that a running program writes and a test reads.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

func (o *output) reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.buffer.Reset()
}

func startTenant(t *testing.T) *devtenant.Tenant {
	t.Helper()
	tenant, err := devtenant.Start(t.Context(), devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Error(err)
		}
	})
	return tenant
}

// environ is the environment of a webhook of the tenant with one provider, with changes.
func environ(tenant *devtenant.Tenant, changes ...string) []string {
	lines := []string{"PORT=0"}
	for name, value := range tenant.Settings() {
		lines = append(lines, name+"="+value)
	}
	return append(append(lines, "MAIL_PROVIDERS=smtp"), changes...)
}

// devEnviron is the environment of byoe dev on free ports, with changes.
func devEnviron(changes ...string) []string {
	return append([]string{"PORT=0", "DEV_TENANT_ADDR=127.0.0.1:0", "DEV_MAILBOX_ADDR=127.0.0.1:0"}, changes...)
}

// program is a byoe that serves inside the test.
type program struct {
	stdout, stderr output
	url            string
	stop           func() error
}

// serve starts byoe serve and waits until it listens.
func serve(t *testing.T, lines []string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, nil, lines, &p.stdout, &p.stderr) }()
	var once sync.Once
	var endErr error
	p.stop = func() error {
		once.Do(func() { cancel(); endErr = <-ended })
		return endErr
	}
	t.Cleanup(func() { _ = p.stop() })
	for range 500 {
		select {
		case err := <-ended:
			t.Fatalf("byoe ended at once: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
		var line struct{ Msg, Address string }
		if json.Unmarshal([]byte(strings.SplitN(p.stdout.String(), "\n", 2)[0]), &line) == nil && line.Msg == "listening" {
			p.url = "http://" + line.Address
			return p
		}
	}
	t.Fatal("byoe does not listen")
	return nil
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("samples", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// post sends a body to the webhook and returns status and answer.
func post(t *testing.T, url, token string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/EmailOtpSend", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
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
	return res.StatusCode, string(got)
}

func token(t *testing.T, tenant *devtenant.Tenant) string {
	t.Helper()
	signed, err := tenant.Token()
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func waitForMail(t *testing.T, tenant *devtenant.Tenant, code string) mailbox.Mail {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	mail, err := tenant.Mailbox().Wait(ctx, func(m mailbox.Mail) bool { return m.Code == code })
	if err != nil {
		t.Fatalf("no mail with the code %s: %v", code, err)
	}
	return mail
}

func TestEverySampleBecomesAMail(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	for _, name := range []string{"sign-up", "lower-case-code", "native-auth", "null-resource", "japanese"} {
		t.Run(name, func(t *testing.T) {
			body := sample(t, name)
			bearer := token(t, tenant)
			if status, got := post(t, p.url, bearer, body); status != http.StatusOK || got != answer {
				t.Fatalf("%d %s", status, got)
			}
			code, to := codeAndAddress(t, body)
			mail := waitForMail(t, tenant, code)
			if mail.Problem != "" || len(mail.To) != 1 || mail.To[0] != to || !strings.HasPrefix(mail.Subject, code+" - ") {
				t.Errorf("the mail is to %v with the subject %q and the problem %q", mail.To, mail.Subject, mail.Problem)
			}
			if strings.Count(mail.Text, code) != 1 || !strings.Contains(mail.HTML, ">"+code+"<") {
				t.Errorf("the code is not once in the text and alone in the HTML:\n%s", mail.Text)
			}
			if name == "japanese" && !strings.Contains(mail.Text, "確認コード") {
				t.Errorf("not in Japanese:\n%s", mail.Text)
			}
			checkNothingLeaks(t, p, code, to, bearer)
		})
	}
	if p.stderr.String() != "" {
		t.Errorf("normal operation writes to stderr: %s", p.stderr.String())
	}
}

// codeAndAddress reads the two private values of a sample, whichever way the code's name is spelled.
func codeAndAddress(t *testing.T, body []byte) (code, to string) {
	t.Helper()
	var sample struct {
		Data struct {
			OTPContext map[string]string `json:"otpContext"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &sample); err != nil {
		t.Fatal(err)
	}
	for name, value := range sample.Data.OTPContext {
		if strings.EqualFold(name, "oneTimeCode") {
			code = value
		}
	}
	return code, sample.Data.OTPContext["identifier"]
}

func checkNothingLeaks(t *testing.T, p *program, private ...string) {
	t.Helper()
	told := p.stdout.String() + p.stderr.String()
	for _, secret := range private {
		if strings.Contains(told, secret) {
			t.Errorf("%q is in the output", secret)
		}
	}
}

func TestCallsThatAreNotEntras(t *testing.T) {
	tenant, stranger := startTenant(t), startTenant(t)
	p := serve(t, environ(tenant))
	body := sample(t, "sign-up")
	for name, bearer := range map[string]string{"no token": "", "no JWT": "nonsense", "another tenant's key": token(t, stranger)} {
		if status, got := post(t, p.url, bearer, body); status != http.StatusUnauthorized || !strings.Contains(got, "token_refused") {
			t.Errorf("%s: %d %s", name, status, got)
		}
	}
	foreign := bytes.ReplaceAll(body, []byte(devtenant.TenantID), []byte(devtenant.Audience))
	if status, got := post(t, p.url, token(t, tenant), foreign); status != http.StatusForbidden {
		t.Errorf("another tenant's event: %d %s", status, got)
	}
	if mails := tenant.Mailbox().Mails(); len(mails) != 0 {
		t.Errorf("%d mails were sent", len(mails))
	}
}

func TestOnlyTheAuthorizationHeaderSpeaksForACaller(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	bearer := token(t, tenant)
	for name, change := range map[string]func(r *http.Request){
		"a token in the query": func(r *http.Request) { r.URL.RawQuery = "access_token=" + bearer },
		"App Service authentication": func(r *http.Request) {
			r.Header.Set("X-MS-CLIENT-PRINCIPAL", "e30=")
			r.Header.Set("X-MS-CLIENT-PRINCIPAL-IDP", "aad")
		},
		"App Service's token store":      func(r *http.Request) { r.Header.Set("X-MS-TOKEN-AAD-ACCESS-TOKEN", bearer) },
		"a proxy's authorization":        func(r *http.Request) { r.Header.Set("Proxy-Authorization", "Bearer "+bearer) },
		"two Authorization headers":      func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + bearer, "Bearer " + bearer} },
		"two tokens in one header":       func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+bearer+", Bearer "+bearer) },
		"a token without its scheme":     func(r *http.Request) { r.Header.Set("Authorization", bearer) },
		"a token with a space behind it": func(r *http.Request) { r.Header.Set("Authorization", "Bearer  "+bearer) },
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/EmailOtpSend", bytes.NewReader(sample(t, "sign-up")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		change(req)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	checkNothingLeaks(t, p, bearer)
}

func TestRefusalsAreExplainedInTheLog(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	bearer, err := tenant.Token(devtenant.With("aud", devtenant.AppID))
	if err != nil {
		t.Fatal(err)
	}
	if status, got := post(t, p.url, bearer, sample(t, "sign-up")); status != http.StatusUnauthorized || strings.Contains(got, "aud") {
		t.Errorf("%d %s", status, got)
	}
	for _, want := range []string{`"check":"aud"`, `"aud":"` + devtenant.AppID + `"`, `"azp":"` + devtenant.CallerAppID + `"`, `"remedy":"set ENTRA_AUDIENCE`} {
		if !strings.Contains(p.stderr.String(), want) {
			t.Errorf("%s is not in %s", want, p.stderr.String())
		}
	}
	checkNothingLeaks(t, p, bearer, strings.Split(bearer, ".")[2])
}

func TestKeyEndpointThatIsDownAtTheStart(t *testing.T) {
	first := startTenant(t)
	settings, addr := environ(first), strings.TrimPrefix(first.URL(), "http://")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	p := serve(t, settings)
	if status, got := post(t, p.url, token(t, first), sample(t, "sign-up")); status != http.StatusServiceUnavailable || !strings.Contains(got, "keys_unavailable") {
		t.Errorf("without keys: %d %s", status, got)
	}
	if !strings.Contains(p.stderr.String(), `"cause":"signing keys unavailable: metadata: Get `) {
		t.Errorf("nobody can tell why: %s", p.stderr.String())
	}
	if status, _ := get(t, p.url+"/api/Health"); status != http.StatusServiceUnavailable {
		t.Errorf("health without keys: %d", status)
	}
	second, err := devtenant.Start(t.Context(), devtenant.Options{Addr: addr, MailboxAddr: first.MailboxAddr()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	if status, got := post(t, p.url, token(t, second), sample(t, "sign-up")); status != http.StatusOK {
		t.Errorf("once the endpoint is there: %d %s", status, got)
	}
	if status, word := get(t, p.url+"/api/Health"); status != http.StatusOK || word != "ok\n" {
		t.Errorf("health with keys: %d %q", status, word)
	}
}

func TestKeysRollWithoutARefusal(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	old := token(t, tenant)
	if err := tenant.RollKeys(); err != nil {
		t.Fatal(err)
	}
	for name, bearer := range map[string]string{"the old key": old, "the new key": token(t, tenant)} {
		if status, got := post(t, p.url, bearer, sample(t, "sign-up")); status != http.StatusOK {
			t.Errorf("a token of %s: %d %s", name, status, got)
		}
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// closedPort is a port on which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

func TestProviderDownIsNoSuccess(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "SMTP_PORT="+closedPort(t)))
	if status, got := post(t, p.url, token(t, tenant), sample(t, "sign-up")); status != http.StatusBadGateway || !strings.Contains(got, "providers_failed") {
		t.Errorf("%d %s", status, got)
	}
	if !strings.Contains(p.stderr.String(), `"kind":"temporary"`) {
		t.Errorf("the log does not say why: %s", p.stderr.String())
	}
}

func TestSecondProviderTakesOver(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "MAIL_PROVIDERS=sendgrid, smtp", "SENDGRID_API_KEY=SG.secret", "SENDGRID_BASE_URL=http://127.0.0.1:"+closedPort(t)))
	body := sample(t, "sign-up")
	if status, got := post(t, p.url, token(t, tenant), body); status != http.StatusOK || got != answer {
		t.Fatalf("%d %s", status, got)
	}
	code, to := codeAndAddress(t, body)
	waitForMail(t, tenant, code)
	for _, want := range []string{`"attempts":{"sendgrid":{"provider":"sendgrid"`, `"kind":"temporary"`, `"smtp":{"provider":"smtp"`} {
		if !strings.Contains(p.stdout.String(), want) {
			t.Errorf("%s is not in %s", want, p.stdout.String())
		}
	}
	checkNothingLeaks(t, p, "SG.secret", code, to)
}

func TestServeEndsWhenAPersonStopsIt(t *testing.T) {
	p := serve(t, environ(startTenant(t)))
	if err := p.stop(); cli.ExitCode(err) != 0 {
		t.Errorf("stopped by a person: %v, exit code %d", err, cli.ExitCode(err))
	}
}

func TestUnderTheFunctionsHostASignalIsNoGoodbye(t *testing.T) {
	tenant := startTenant(t)
	port := closedPort(t)
	p := serve(t, environ(tenant, "FUNCTIONS_CUSTOMHANDLER_PORT="+port, "HOST=127.0.0.2"))
	if p.url != "http://127.0.0.1:"+port {
		t.Errorf("it listens on %s, where the host does not look", p.url)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.stop() }()
	time.Sleep(200 * time.Millisecond)
	if status, _ := post(t, p.url, token(t, tenant), sample(t, "sign-up")); status != http.StatusOK {
		t.Errorf("just after the signal: %d", status)
	}
	if err := <-ended; cli.ExitCode(err) != 200 {
		t.Errorf("stopped by a signal under the host: %v, exit code %d", err, cli.ExitCode(err))
	}
}

func TestBadConfigurationTellsEveryMistakeAtOnce(t *testing.T) {
	cases := map[string]struct {
		environ []string
		want    []string
	}{
		"three mistakes": {
			[]string{"ENTRA_TENANT_ID=contoso", "ENTRA_AUDIENCE=" + devtenant.Audience, "MAIL_PROVIDERS=smtp,pigeon", "SMTP_HOST=mail.example.com", "MAIL_FROM=no-reply@contoso.example", "DELIVERY_BUDGET=soon"},
			[]string{"DELIVERY_BUDGET: not a duration", "ENTRA_TENANT_ID: not a GUID", "MAIL_PROVIDERS: names a provider that byoe does not know"},
		},
		"nothing set": {nil, []string{"ENTRA_TENANT_ID: not set", "ENTRA_AUDIENCE: not set", "MAIL_FROM: not set", "MAIL_PROVIDERS: not set"}},
		"a port that is none": {
			environ(startTenant(t), "FUNCTIONS_CUSTOMHANDLER_PORT=garbage"), []string{"FUNCTIONS_CUSTOMHANDLER_PORT: not a number"},
		},
		"the local tenant in production": {
			environ(startTenant(t), "DEV_TENANT=true"), []string{"DEV_TENANT: set, but this is neither byoe dev nor Azure Functions Core Tools"},
		},
		"the local tenant in Azure": {
			[]string{"DEV_TENANT=true", "FUNCTIONS_CORETOOLS_ENVIRONMENT=true", "WEBSITE_INSTANCE_ID=x"}, []string{"DEV_TENANT: the local tenant does not start in Azure"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), os.Args[0])
			command.Env = append(c.environ, asProgram+"=1")
			var stdout, stderr bytes.Buffer
			command.Stdout, command.Stderr = &stdout, &stderr
			err := command.Run()
			failure, ok := errors.AsType[*exec.ExitError](err)
			if !ok || failure.ExitCode() != 1 {
				t.Errorf("it ended with %v, want exit code 1", err)
			}
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			if len(lines) != len(c.want) || stdout.Len() != 0 {
				t.Fatalf("stdout %q, stderr:\n%s", &stdout, &stderr)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("line %d is %q, want %q", i, lines[i], want)
				}
			}
		})
	}
}

func TestEachOwnersSettingsAreChecked(t *testing.T) {
	tenant := startTenant(t)
	for setting, value := range map[string]string{
		"HOST": "nonsense", "LOG_LEVEL": "loud", "MAIL_PROVIDERS": "smtp,smtp", "SMTP_HOST": "", "ENTRA_AUTHORITY": "http://login.example",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example", "ENTRA_ALLOWED_APPS": "contoso", "OTP_VALIDITY": "90s", "DELIVERY_HOLD": "1m", "RECIPIENT_LIMIT": "many", "DEDUPE_TTL": "1s",
	} {
		lines := append(environ(tenant), setting+"="+value)
		err := run(t.Context(), []string{"config", "--check"}, lines, io.Discard, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), setting+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%s: %v", setting, value, err)
		}
	}
}

func TestDevSendsASampleAndTellsHow(t *testing.T) {
	var stdout, stderr output
	lines := devEnviron()
	if err := run(t.Context(), []string{"dev", "--once", "--locale", "ja-jp"}, lines, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	if strings.Contains(stdout.String(), "Ctrl-C") {
		t.Error("it ends by itself, and says how to end it")
	}
	for _, want := range []string{"/api/EmailOtpSend", "token signed", "answer 200", "mail in the box", "確認コード", "/mailbox/1", " ms"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout.String())
		}
	}
}

func TestDevSaysWhyTheSampleFailed(t *testing.T) {
	var stdout, stderr output
	lines := devEnviron("MAIL_PROVIDERS=smtp", "SMTP_PORT="+closedPort(t))
	err := run(t.Context(), []string{"dev", "--once"}, lines, &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "the webhook answered 502") || cli.ExitCode(err) != 1 {
		t.Errorf("with the provider down: %v", err)
	}
}

func TestDevIsRefusedInAzure(t *testing.T) {
	err := run(t.Context(), []string{"dev", "--once"}, []string{"WEBSITE_SITE_NAME=contoso"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "does not run in Azure") {
		t.Errorf("in Azure: %v", err)
	}
}

func TestDevToken(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	var stdout, stderr output
	address := "DEV_TENANT_ADDR=" + strings.TrimPrefix(tenant.URL(), "http://")
	if err := run(t.Context(), []string{"dev", "token"}, []string{address}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	if status, got := post(t, p.url, strings.TrimSpace(stdout.String()), sample(t, "sign-up")); status != http.StatusOK {
		t.Errorf("with the printed token: %d %s", status, got)
	}
	err := run(t.Context(), []string{"dev", "token"}, []string{"DEV_TENANT_ADDR=127.0.0.1:" + closedPort(t)}, &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "start byoe dev") {
		t.Errorf("without a tenant: %v", err)
	}
}

func TestSendTellsEachPhase(t *testing.T) {
	tenant := startTenant(t)
	var stdout, stderr output
	// No ENTRA_… setting: a mail needs none.
	var lines []string
	for _, line := range environ(tenant) {
		if !strings.HasPrefix(line, "ENTRA_") {
			lines = append(lines, line)
		}
	}
	if err := run(t.Context(), []string{"send", "--to", "ann@example.com", "--locale", "ja", "--flow", "password-reset", "--app", "Contoso"}, lines, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"config", "render", "ja, password-reset", "submit", "smtp: accepted, message id", " ms"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout.String())
		}
	}
	mails := tenant.Mailbox().Mails()
	if len(mails) != 1 || !strings.Contains(mails[0].Subject, "Contoso のパスワード再設定用確認コード") {
		t.Errorf("the mailbox has %d mails", len(mails))
	}
	if strings.Contains(stdout.String(), mails[0].Code) || strings.Contains(stdout.String(), "ann@") {
		t.Error("the output tells the code or the address")
	}
	hangs, _ := silentServer(t)
	stdout.reset()
	err := run(t.Context(), []string{"send", "--to", "ann@example.com"}, append(lines, "SMTP_PORT="+hangs, "DELIVERY_BUDGET=200ms", "DELIVERY_HOLD=200ms"), &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "time-spent") || !strings.Contains(stdout.String(), "smtp: temporary (timeout)") {
		t.Errorf("with a provider that hangs: %v\n%s", err, stdout.String())
	}
	for name, c := range map[string]struct {
		to, change, want string
	}{
		"no address":    {"nobody", "", "--to: not a mail address"},
		"provider down": {"ann@example.com", "SMTP_PORT=" + closedPort(t), "the mail was not sent: providers-failed"},
		"no sender":     {"ann@example.com", "MAIL_FROM=", "MAIL_FROM: not set"},
	} {
		err := run(t.Context(), []string{"send", "--to", c.to}, append(lines, c.change), &stdout, &stderr)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || cli.ExitCode(err) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigShowsSourcesAndNoSecret(t *testing.T) {
	var stdout, stderr output
	lines := environ(startTenant(t), "SMTP_PASSWORD=hunter2", "SMTP_USERNAME=u")
	if err := run(t.Context(), []string{"config"}, lines, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{"SMTP_PASSWORD", "[redacted]", "environment"}, {"DELIVERY_BUDGET", "1.6s", "default"}, {"ENTRA_AUTHORITY", "environment"}} {
		if !hasLine(stdout.String(), want) {
			t.Errorf("no line with %q in\n%s", want, stdout.String())
		}
	}
	if strings.Contains(stdout.String(), "hunter2") {
		t.Error("a secret is shown")
	}
	if err := run(t.Context(), []string{"config", "--check"}, lines, io.Discard, io.Discard); err != nil {
		t.Errorf("--check of good settings: %v", err)
	}
	if err := run(t.Context(), []string{"config"}, nil, &stdout, &stderr); err != nil || !strings.Contains(stdout.String(), "MAIL_FROM: not set") {
		t.Errorf("problems are not told: %v", err)
	}
	if err := run(t.Context(), []string{"config", "--check"}, nil, io.Discard, io.Discard); cli.ExitCode(err) != 1 || !strings.Contains(err.Error(), "MAIL_FROM: not set") {
		t.Errorf("--check of no settings: %v", err)
	}
}

func hasLine(text string, words []string) bool {
	for line := range strings.Lines(text) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			return true
		}
	}
	return false
}

func TestWalkthroughSettingsAreUnderstood(t *testing.T) {
	var stdout output
	lines := []string{
		"mail_sendgridKey=SG.secret", "mail_sender=no-reply@contoso.example", "mail_senderName=Contoso, Ltd.", "mail_template=d-0123456789abcdef0123456789abcdef", "mail_subject=Your account verification code",
		"ENTRA_TENANT_ID=" + devtenant.TenantID, "ENTRA_AUDIENCE=" + devtenant.Audience,
	}
	if err := run(t.Context(), []string{"config", "--check"}, lines, &stdout, io.Discard); err != nil {
		t.Fatalf("the walkthrough's settings are not enough: %v", err)
	}
	for _, want := range [][]string{
		{"MAIL_PROVIDERS", "sendgrid", "mail_sendgridKey"},
		{"SENDGRID_API_KEY", "[redacted]", "mail_sendgridKey"},
		{"MAIL_FROM", `"Contoso, Ltd." <no-reply@contoso.example>`, "mail_sender"},
		{"SENDGRID_TEMPLATE_ID", "d-0123", "mail_template"},
		{"MAIL_SUBJECT", "Your account verification code", "mail_subject"},
	} {
		if !hasLine(stdout.String(), want) {
			t.Errorf("no line with %q in\n%s", want, stdout.String())
		}
	}
}

func TestReferenceOfSettingsIsUpToDate(t *testing.T) {
	_, report, _ := app.Load(map[string]string{})
	written, err := os.ReadFile("docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != cli.Reference(report) {
		t.Error("docs/configuration.md is stale: run go run . config --markdown")
	}
}

// Export, an edit, lint, preview: the way of somebody who makes the mail their own.
func TestTemplatesCommands(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	var stdout output
	if err := run(t.Context(), []string{"templates", "export", dir}, nil, &stdout, io.Discard); err != nil || !strings.Contains(stdout.String(), "42 files in "+dir) {
		t.Fatalf("export: %v\n%s", err, stdout.String())
	}
	if err := run(t.Context(), []string{"templates", "export", dir}, nil, io.Discard, io.Discard); cli.ExitCode(err) != 1 || !strings.Contains(err.Error(), "--force") {
		t.Errorf("export over files that are there: %v", err)
	}
	if err := run(t.Context(), []string{"templates", "export", "--force", dir}, nil, io.Discard, io.Discard); err != nil {
		t.Errorf("export --force: %v", err)
	}
	if err := run(t.Context(), []string{"templates", "lint", "--dir", dir}, nil, io.Discard, io.Discard); err != nil {
		t.Errorf("lint of what was exported: %v", err)
	}
	layout := filepath.Join(dir, "mail.html")
	raw, err := os.ReadFile(layout)
	if err != nil {
		t.Fatal(err)
	}
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(layout, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(string(raw), "{{.Lead}}", "{{.Lede}}", 1))
	stdout = output{}
	if err := run(t.Context(), []string{"templates", "lint", "--dir", dir}, nil, &stdout, io.Discard); cli.ExitCode(err) != 1 || !hasLine(stdout.String(), []string{"mail.html:", "error", "unknown variable .Lede", "is .Lead meant?"}) {
		t.Errorf("lint of a broken set: %v\n%s", err, stdout.String())
	}
	good := []string{"MAIL_PROVIDERS=smtp", "SMTP_HOST=127.0.0.1", "SMTP_TLS=none", "MAIL_FROM=a@contoso.example", "ENTRA_TENANT_ID=" + devtenant.TenantID, "ENTRA_AUDIENCE=" + devtenant.Audience, "MAIL_TEMPLATES_DIR=" + dir}
	if err := run(t.Context(), []string{"serve"}, good, io.Discard, io.Discard); cli.ExitCode(err) != 1 || !strings.Contains(err.Error(), "MAIL_TEMPLATES_DIR: mail.html:") {
		t.Errorf("the webhook started with a broken set: %v", err)
	}
	write(string(raw))
	pages := t.TempDir()
	stdout = output{}
	if err := run(t.Context(), []string{"templates", "preview", "--no-open", "--dir", dir, "--out", pages}, nil, &stdout, io.Discard); err != nil || strings.TrimSpace(stdout.String()) != filepath.Join(pages, "index.html") {
		t.Errorf("preview: %v %q", err, stdout.String())
	}
	brands := filepath.Join(t.TempDir(), "brands.yaml")
	if err := os.WriteFile(brands, []byte("default: {templates: [{provider: mailgun, id: x}]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"config", "--check"}, append(good, "BRANDS_FILE="+brands), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "BRANDS_FILE: names a template at a provider") {
		t.Errorf("a template at a provider that takes none: %v", err)
	}
}

func TestHelpAndWrongCommands(t *testing.T) {
	var stdout output
	if err := run(t.Context(), []string{"--help"}, nil, &stdout, io.Discard); err != nil || !strings.Contains(stdout.String(), "Serve the webhook") {
		t.Errorf("--help: %v\n%s", err, stdout.String())
	}
	for _, args := range [][]string{{"nonsense"}, {"send"}, {"serve", "--nonsense"}} {
		if err := run(t.Context(), args, nil, io.Discard, io.Discard); cli.ExitCode(err) != 1 {
			t.Errorf("%q: %v", args, err)
		}
	}
}
