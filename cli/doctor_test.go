package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"byoe/app"
	"byoe/cli"
	"byoe/devtenant"
	"byoe/doctor/dnstest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

// finding is one result as scripts see it.
type finding struct{ ID, Group, Verdict, Evidence, Remedy string }

// doctor runs byoe doctor and returns what it found, by id.
func doctor(t *testing.T, environ []string, args ...string) (map[string]finding, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := cli.Run(t.Context(), append([]string{"doctor", "--json"}, args...), environ, &stdout, &stderr)
	var page struct {
		Failed  bool
		Results []finding
	}
	if jsonErr := json.Unmarshal(stdout.Bytes(), &page); jsonErr != nil {
		t.Fatalf("%v, %v: %s", err, jsonErr, stdout.String())
	}
	if page.Failed != (err != nil) {
		t.Errorf("failed is %v and the error %v", page.Failed, err)
	}
	found := map[string]finding{}
	for _, f := range page.Results {
		found[f.ID] = f
	}
	return found, err
}

// want holds findings against "verdict id".
func want(t *testing.T, found map[string]finding, lines ...string) {
	t.Helper()
	for _, line := range lines {
		verdict, id, _ := strings.Cut(line, " ")
		if found[id].Verdict != verdict {
			t.Errorf("%s: %+v, want %s", id, found[id], verdict)
		}
	}
}

// webhook serves the webhook of a local tenant, and returns its environment and URL.
func webhook(t *testing.T) ([]string, string) {
	t.Helper()
	tenant, err := devtenant.Start(t.Context(), devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tenant.Close() })
	environ := map[string]string{}
	var lines []string
	for name, value := range tenant.Settings() {
		environ[name] = value
		lines = append(lines, name+"="+value)
	}
	settings, _, problems := app.Load(environ)
	if problems = problems.And(settings.Validate()); len(problems) > 0 {
		t.Fatal(problems)
	}
	served, err := app.Build(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- served.Run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return lines, "http://" + listener.Addr().String() + "/api/EmailOtpSend"
}

// Against a whole deployment on the loopback every check of the webhook's own side is made, and in order.
func TestDoctor(t *testing.T) {
	environ, target := webhook(t)
	zone := dnstest.Serve(t, `sender.example. MX 10 mx.sender.example.`, `sender.example. TXT "v=spf1 ip4:192.0.2.1 -all"`, `_dmarc.sender.example. TXT "v=DMARC1; p=none; rua=mailto:x@sender.example"`)
	environ = append(environ, "MAIL_FROM=Contoso <someone-private@sender.example>", "AZURE_CLIENT_ID=00000000-1111-2222-3333-444444444444", "AZURE_CLIENT_SECRET=hunter2")
	found, err := doctor(t, environ, "--endpoint", target, "--dns", zone.Address, "--fallback", "on")
	if err != nil {
		t.Errorf("%v: %v", err, found)
	}
	want(t, found, "ok settings", "ok instances", "ok clock", "ok metadata", "ok keys", "ok provider.smtp",
		"ok sender.domain sender.example", "ok sender.spf sender.example smtp", "skip sender.dkim sender.example smtp", "ok sender.dmarc sender.example",
		"skip wiring", "ok policies", "ok endpoint.url", "ok endpoint.tls", "ok endpoint.health", "ok endpoint.latency", "ok endpoint.anonymous", "ok endpoint.forged",
		"warn endpoint.genuine") // the local tenant gives everybody the caller's own token
	var stdout, stderr bytes.Buffer
	if err := cli.Run(t.Context(), []string{"doctor", "--endpoint", target, "--dns", zone.Address}, environ, &stdout, &stderr); err != nil {
		t.Error(err)
	}
	for _, private := range []string{"hunter2", "someone-private", "eyJ"} {
		if told := stdout.String() + stderr.String(); strings.Contains(told, private) {
			t.Errorf("%q is told:\n%s", private, told)
		}
	}
}

// Wrong settings are told one by one, and take nothing away but what rests on them.
func TestDoctorWithWrongSettings(t *testing.T) {
	zone := dnstest.Serve(t)
	environ := []string{"MAIL_PROVIDERS=sendgrid,smtp", "MAIL_FROM=no-reply@contoso.example", "SENDGRID_API_KEY=", "SMTP_HOST=127.0.0.1", "SMTP_PORT=1", "SMTP_TLS=none"}
	found, err := doctor(t, environ, "--dns", zone.Address)
	if err == nil {
		t.Error("no error")
	}
	want(t, found, "fail settings.ENTRA_TENANT_ID", "fail settings.SENDGRID_API_KEY", "skip provider.sendgrid", "fail provider.smtp",
		"fail sender.domain contoso.example", "skip sender.spf contoso.example", "skip endpoint.url")
	if _, there := found["metadata"]; there {
		t.Error("metadata is looked for without a tenant")
	}
	found, _ = doctor(t, nil, "--dns", zone.Address, "--sign-in", "env")
	want(t, found, "fail settings.MAIL_FROM", "fail settings.MAIL_PROVIDERS", "skip wiring")
}

// The records that each vendor wants are found where the vendor's own pages say that they are.
func TestDoctorKnowsTheVendorsRecords(t *testing.T) {
	const key = ` TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`
	zone := dnstest.Serve(t,
		`contoso.example. MX 10 mx.contoso.example.`, `contoso.example. TXT "v=spf1 include:spf.protection.outlook.com -all"`,
		`spf.protection.outlook.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"`,
		`selector1-azurecomm-prod-net._domainkey.contoso.example. CNAME selector1-azurecomm-prod-net._domainkey.azurecomm.net.`,
		`selector1-azurecomm-prod-net._domainkey.azurecomm.net.`+key,
		`selector2._domainkey.contoso.example.`+key,
		`mg.contoso.example. TXT "v=spf1 include:mailgun.org ~all"`, `mailgun.org. TXT "v=spf1 ip4:192.0.2.0/24 ~all"`, `k1._domainkey.mg.contoso.example.`+key,
		`mailjet._domainkey.contoso.example.`+key,
		`send.contoso.example. TXT "v=spf1 include:amazonses.com ~all"`, `amazonses.com. TXT "v=spf1 ip4:192.0.2.0/24 ~all"`, `resend._domainkey.contoso.example.`+key,
		`s1._domainkey.contoso.example. CNAME s1.domainkey.u1.wl.sendgrid.net.`, `s1.domainkey.u1.wl.sendgrid.net.`+key,
		`_dmarc.contoso.example. TXT "v=DMARC1; p=reject"`,
	)
	const nowhere = "http://127.0.0.1:1"
	environ := []string{
		"MAIL_FROM=no-reply@contoso.example", "MAIL_PROVIDERS=acs,graph,mailgun,mailjet,postmark,resend,sendgrid,ses",
		"ACS_CONNECTION_STRING=endpoint=" + nowhere + ";accesskey=aGVsbG8=",
		"GRAPH_MAIL_USER=codes@contoso.example", "GRAPH_BASE_URL=" + nowhere, "GRAPH_TENANT_ID=11111111-2222-3333-4444-555555555555", "GRAPH_CLIENT_ID=11111111-2222-3333-4444-555555555555", "GRAPH_CLIENT_SECRET=s",
		"MAILGUN_API_KEY=k", "MAILGUN_DOMAIN=mg.contoso.example", "MAILGUN_BASE_URL=" + nowhere,
		"MAILJET_API_KEY=k", "MAILJET_SECRET_KEY=s", "MAILJET_BASE_URL=" + nowhere, "POSTMARK_SERVER_TOKEN=t", "POSTMARK_BASE_URL=" + nowhere,
		"RESEND_API_KEY=k", "RESEND_BASE_URL=" + nowhere, "SENDGRID_API_KEY=k", "SENDGRID_BASE_URL=" + nowhere,
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=k", "AWS_SECRET_ACCESS_KEY=s", "AWS_ENDPOINT_URL_SESV2=" + nowhere,
	}
	found, err := doctor(t, environ, "--dns", zone.Address, "--only", "sender")
	if err != nil {
		t.Errorf("%v: %v", err, found)
	}
	for _, vendor := range []string{"acs", "graph", "mailgun", "resend"} {
		want(t, found, "ok sender.spf contoso.example "+vendor)
	}
	for _, vendor := range []string{"acs", "graph", "mailgun", "mailjet", "resend", "sendgrid"} {
		want(t, found, "ok sender.dkim contoso.example "+vendor)
	}
	for _, vendor := range []string{"postmark", "ses"} {
		want(t, found, "skip sender.dkim contoso.example "+vendor)
	}
	want(t, found, "ok sender.dmarc contoso.example")
	for id := range found {
		if !strings.HasPrefix(id, "sender.") {
			t.Errorf("%s is made, and only the sender's were asked for", id)
		}
	}
}

func TestDoctorOnlyKnowsItsGroups(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	err := cli.Run(t.Context(), []string{"doctor", "--only", "nothing"}, nil, &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "settings, clock") {
		t.Errorf("%v", err)
	}
}

func TestDoctorStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var stdout, stderr bytes.Buffer
	if err := cli.Run(ctx, []string{"doctor", "--dns", "127.0.0.1:1"}, nil, &stdout, &stderr); err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("%v", err)
	}
}

func TestDoctorExplain(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if err := cli.Run(t.Context(), []string{"doctor", "explain", "42"}, nil, &stdout, &stderr); err == nil || cli.ExitCode(err) != cli.ExitFailed {
		t.Errorf("an unknown code: %v", err)
	}
	if err := cli.Run(t.Context(), []string{"doctor", "explain", "1003015"}, nil, &stdout, &stderr); err != nil || !strings.Contains(stdout.String(), "remedy") {
		t.Errorf("%v: %s", err, stdout.String())
	}
}
