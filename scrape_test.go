package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/devtenant"
	"byoe/devtenant/mailbox"
	"byoe/handler"
	"byoe/message"
	"byoe/providers"
	"byoe/telemetry"
	"byoe/telemetry/otlp"
	"byoe/telemetry/otlp/otlptest"
	"byoe/telemetry/shape"
)

// What must not be seen anywhere. The words occur nowhere else by chance.
const (
	secretCode    = "90817263"
	secretLocal   = "quirk.wood+zebra"
	secretAddress = secretLocal + "@kumquat.example"
)

// guises are the forms in which a value may hide: as it is, in other letter case, for URLs, in hexadecimal, and in base64
// wherever it may begin in what was encoded.
func guises(value string) []string {
	all := []string{
		value, strings.ToLower(value), strings.ToUpper(value), url.QueryEscape(value), url.PathEscape(value),
		hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for offset := range 3 {
			encoded := encoding.EncodeToString([]byte(strings.Repeat(" ", offset) + value))
			whole := len(value) + offset - (len(value)+offset)%3 // what follows cannot change these octets' letters
			first := []int{0, 2, 3}[offset]                      // the first letter that is the value's alone
			all = append(all, encoded[first:whole/3*4])
		}
	}
	return all
}

// leaks names the private values that a text holds.
func leaks(text string, private map[string]string) []string {
	var found []string
	for name, value := range private {
		for _, guise := range guises(value) {
			if strings.Contains(text, guise) {
				found = append(found, fmt.Sprintf("%s as %q", name, guise))
				break
			}
		}
	}
	return found
}

// tokenParts are a token and its parts. The first part names the algorithm and the key and is no secret.
func tokenParts(private map[string]string, name, token string) {
	parts := strings.Split(token, ".")
	private[name], private[name+"'s claims"], private[name+"'s signature"] = token, parts[1], parts[2]
}

// TestNothingLeaksAnywhere takes a webhook with everything switched on that tells anything through whatever can happen to a
// call, and searches all that it told: both streams, every answer, spans and metrics.
func TestNothingLeaksAnywhere(t *testing.T) {
	tenant, stranger := startTenant(t), startTenant(t)
	receiver := otlptest.Start(t)
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Message-Id", secretAddress)
		w.WriteHeader(http.StatusForbidden) // quoting, as vendors do
		_, _ = fmt.Fprintf(w, `{"errors":[{"message":"no mail with %s to %s with %s"}]}`, secretCode, secretAddress, r.Header.Get("Authorization"))
	}))
	defer vendor.Close()
	private := map[string]string{
		"the code": secretCode, "the address": secretAddress, "the local part": secretLocal,
		"SENDGRID_API_KEY": "SG.sendgrid-secret-value", "BYOE_HASH_KEY": "hash-key-of-at-least-32-characters",
		"OTEL_EXPORTER_OTLP_HEADERS": "otlp-secret-value", "the function key": "function-key-secret",
		"SMTP_PASSWORD": "smtp-password-secret",
	}
	p := serve(t, environ(tenant,
		"MAIL_PROVIDERS=sendgrid,smtp", "SENDGRID_BASE_URL="+vendor.URL, "SENDGRID_API_KEY="+private["SENDGRID_API_KEY"],
		"SMTP_USERNAME=otp", "SMTP_PASSWORD="+private["SMTP_PASSWORD"], "BYOE_HASH_KEY="+private["BYOE_HASH_KEY"],
		"LOG_LEVEL=debug", "LOG_SHAPE=true", "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.URL, "OTEL_METRIC_EXPORT_INTERVAL=1000",
		"OTEL_EXPORTER_OTLP_HEADERS=x-key="+private["OTEL_EXPORTER_OTLP_HEADERS"], "RECIPIENT_DENY=denied.example",
		"DELIVERY_BUDGET=1s", "DELIVERY_HOLD=1s", "FUNCTIONS_CUSTOMHANDLER_PORT="+closedPort(t)))
	body := string(sample(t, "sign-up"))
	code, to := codeAndAddress(t, []byte(body))
	body = strings.ReplaceAll(strings.ReplaceAll(body, to, secretAddress), code, secretCode)
	genuine := token(t, tenant)
	tokenParts(private, "the token", genuine)
	tokenParts(private, "a stranger's token", token(t, stranger))
	misdirected, err := tenant.Token(devtenant.With("aud", devtenant.AppID))
	if err != nil {
		t.Fatal(err)
	}
	tokenParts(private, "a misdirected token", misdirected)
	var answers strings.Builder
	call := func(want int, bearer, content string, change ...func(r *http.Request)) {
		t.Helper()
		status, got := send(t, p.url, bearer, content, change...)
		if status != want {
			t.Errorf("status %d, want %d: %s", status, want, got)
		}
		answers.WriteString(got + "\n")
	}
	header := func(name, value string) func(r *http.Request) {
		return func(r *http.Request) { r.Header[name] = append(r.Header[name], value) }
	}
	call(200, genuine, body) // failed over
	call(200, genuine, body) // remembered
	call(401, "", body)
	call(401, secretAddress+secretCode, body)
	call(401, token(t, stranger), body)
	call(401, misdirected, body)
	call(401, genuine, body, header("Authorization", "Bearer "+genuine))
	call(400, genuine, strings.ReplaceAll(body, "{", "["))
	call(400, genuine, `{"`+secretAddress+`":"`+secretCode+`"}`)
	call(400, genuine, strings.Replace(body, `"`+secretCode+`"`, `{"`+secretCode+`":"`+secretAddress+`"}`, 1))
	call(400, genuine, secretAddress+secretCode)
	call(415, genuine, body, func(r *http.Request) { r.Header.Set("Content-Type", secretAddress) })
	call(413, genuine, body+strings.Repeat(" ", 300<<10))
	call(422, genuine, strings.ReplaceAll(body, "@kumquat.example", ""))
	call(422, genuine, strings.ReplaceAll(body, "kumquat.example", "denied.example"))
	call(403, genuine, strings.ReplaceAll(body, devtenant.TenantID, devtenant.Audience))
	call(404, genuine, body, func(r *http.Request) { r.URL.Path = "/" + secretAddress })
	call(405, genuine, body, func(r *http.Request) { r.Method = http.MethodPut })
	for _, fault := range []mailbox.Fault{mailbox.FaultLose, mailbox.FaultHang, mailbox.FaultRecipient, mailbox.FaultThrottle} {
		if err := tenant.Mailbox().SetFault("smtp", fault, 1); err != nil {
			t.Fatal(err)
		}
		want := map[mailbox.Fault]int{mailbox.FaultLose: 502, mailbox.FaultHang: 504, mailbox.FaultRecipient: 422, mailbox.FaultThrottle: 502}[fault]
		another := strings.ReplaceAll(body, "@kumquat", "@"+strings.ReplaceAll(string(fault), "-", "")+".kumquat")
		call(want, genuine, another, header("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), header("Tracestate", "x="+secretCode), header("Baggage", "x="+secretAddress))
	}
	if err := p.stop(); err != nil && !strings.Contains(err.Error(), "stopped by a signal") {
		t.Error(err)
	}
	told := p.stdout.String() + p.stderr.String() + answers.String() + receiver.Text()
	for _, proof := range []string{`"msg":"shape"`, `"phasesMs"`, `"token_refused"`, `send sendgrid`, "byoe.auth.refusals", `"outcome":"time-spent"`, "byoe.provider.state"} {
		if !strings.Contains(told, proof) {
			t.Errorf("%s is not in what was searched: the search proves nothing", proof)
		}
	}
	if found := leaks(told, private); len(found) != 0 {
		t.Errorf("it tells %s\n%s", strings.Join(found, ", "), told)
	}
	// The search itself: each value is found in each guise, or the test could not fail.
	for name, value := range private {
		for _, guise := range guises(value) {
			if found := leaks(told+"…"+guise+"…", map[string]string{name: value}); len(found) != 1 {
				t.Errorf("%s is not found as %q", name, guise)
			}
		}
		for offset := range 3 {
			planted := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + value + "yyyy"))
			if found := leaks(planted, map[string]string{name: value}); len(found) != 1 {
				t.Errorf("%s is not found in the middle of base64, %d on", name, offset)
			}
		}
	}
}

// send is post with changes to the request.
func send(t *testing.T, address, bearer, content string, change ...func(r *http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/api/EmailOtpSend?code=function-key-secret", strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for _, c := range change {
		c(req)
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
	return res.StatusCode, fmt.Sprint(res.Header, string(got))
}

// doomed is an authenticator that lets everybody in, or panics, and a provider that panics with what it was given.
type doomed struct{ atOnce bool }

func (d doomed) Verify(_ context.Context, authorization []string) (auth.Caller, error) {
	if d.atOnce {
		panic(authorization)
	}
	return auth.Caller{TenantID: devtenant.TenantID}, nil
}
func (doomed) Ready() bool           { return true }
func (doomed) KeyAge() time.Duration { return 0 }
func (doomed) Name() string          { return "doomed" }
func (doomed) Send(_ context.Context, s providers.Submission) (providers.Receipt, error) {
	panic(s.Message.Subject + secretAddress)
}

func TestAPanicLeaksNothing(t *testing.T) {
	body := string(sample(t, "sign-up"))
	code, to := codeAndAddress(t, []byte(body))
	body = strings.ReplaceAll(strings.ReplaceAll(body, to, secretAddress), code, secretCode)
	composer, problems := message.NewComposer(message.Config{From: "no-reply@contoso.example", DefaultLocale: "en", CodeInSubject: true})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	for name, c := range map[string]struct {
		atOnce bool
		status int
		proof  string
	}{"of the handler": {true, 500, `"msg":"panic"`}, "of a provider": {false, 502, `"stack":`}} {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.Start(t)
			var out output
			logger := telemetry.NewLogger(telemetry.Config{Level: "debug"}, &out, &out)
			exporter, err := otlp.New(telemetry.Config{Endpoint: receiver.URL, Compression: "gzip", Traces: "otlp", Metrics: "otlp", MetricInterval: 60_000}, otlp.Instance{}, logger)
			if err != nil {
				t.Fatal(err)
			}
			log, parts := telemetry.NewRequestLog(logger), doomed{c.atOnce}
			deliverer := delivery.New(delivery.Config{Budget: time.Second, DedupeTTL: time.Minute}, delivery.RecipientConfig{}, delivery.Parts{
				Providers: []providers.Provider{parts}, Claims: memory.New(), Ended: exporter.Ended,
			})
			h := handler.New(handler.Config{}, handler.Parts{
				Auth: parts, Composer: composer, Deliverer: deliverer, Observers: []handler.Observer{log, exporter}, Tracer: exporter, Witness: shape.New(logger),
			})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/EmailOtpSend", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer secret-of-a-token")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			deliverer.Drain(t.Context())
			exporter.Close(t.Context())
			told := out.String() + w.Body.String() + receiver.Text()
			if w.Code != c.status || !strings.Contains(told, c.proof) || !strings.Contains(told, "byoe.requests") || !strings.Contains(told, "POST /api/EmailOtpSend") {
				t.Errorf("status %d: %s", w.Code, told)
			}
			if found := leaks(told, map[string]string{"the code": secretCode, "the address": secretAddress, "the local part": secretLocal, "the token": "secret-of-a-token"}); len(found) != 0 {
				t.Errorf("it tells %s\n%s", strings.Join(found, ", "), told)
			}
		})
	}
}
