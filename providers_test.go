package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byoe/devtenant"
	"byoe/providers/providertest"
)

// TestSendThroughEachProvider goes the whole way of byoe send, settings to the vendor's answer, for every word that
// MAIL_PROVIDERS takes: phases and the vendor's id are told, keys and addresses are not.
func TestSendThroughEachProvider(t *testing.T) {
	platform := providertest.NewIdentity(t, "token-of-the-platform")
	tenant := startTenant(t)
	const secret = "c2VjcmV0LW9mLXRoZS10ZXN0cy1zZWNyZXQtb2YtdGhlLXRlc3Rz"
	for provider, tt := range map[string]struct {
		status int
		answer string
		want   string // the id
		env    func(url string) []string
	}{
		"acs": {202, `{"id":"vendor-id-1","status":"Running"}`, "vendor-id-1", func(url string) []string {
			return []string{"ACS_CONNECTION_STRING=endpoint=" + url + "/;accesskey=" + secret}
		}},
		"graph": {202, "", "vendor-id-1", func(url string) []string {
			return []string{"GRAPH_BASE_URL=" + url, "GRAPH_MAIL_USER=no-reply@contoso.example", "GRAPH_CLIENT_ID=" + platform.ClientID}
		}},
		"http": {200, `{"id":"vendor-id-1"}`, "vendor-id-1", func(url string) []string {
			return []string{"HTTP_MAIL_URL=" + url + "/send", "HTTP_MAIL_SECRET=whsec_" + secret}
		}},
		"mailgun": {200, `{"id":"<vendor-id-1@mg.contoso.example>"}`, "vendor-id-1", func(url string) []string {
			return []string{"MAILGUN_BASE_URL=" + url, "MAILGUN_DOMAIN=mg.contoso.example", "MAILGUN_API_KEY=" + secret}
		}},
		"mailjet": {200, `{"Messages":[{"Status":"success","To":[{"MessageID":123456789}]}]}`, "123456789", func(url string) []string {
			return []string{"MAILJET_BASE_URL=" + url, "MAILJET_API_KEY=key", "MAILJET_SECRET_KEY=" + secret}
		}},
		"postmark": {200, `{"ErrorCode":0,"MessageID":"vendor-id-1"}`, "vendor-id-1", func(url string) []string {
			return []string{"POSTMARK_BASE_URL=" + url, "POSTMARK_SERVER_TOKEN=" + secret}
		}},
		"resend": {200, `{"id":"vendor-id-1"}`, "vendor-id-1", func(url string) []string {
			return []string{"RESEND_BASE_URL=" + url, "RESEND_API_KEY=" + secret}
		}},
		"sendgrid": {202, "", "vendor-id-1", func(url string) []string {
			return []string{"SENDGRID_BASE_URL=" + url, "SENDGRID_API_KEY=" + secret}
		}},
		"ses": {200, `{"MessageId":"vendor-id-1"}`, "vendor-id-1", func(url string) []string {
			return []string{"AWS_REGION=eu-west-1", "AWS_ENDPOINT_URL_SESV2=" + url, "AWS_ACCESS_KEY_ID=AKIATESTKEYID0000001", "AWS_SECRET_ACCESS_KEY=" + secret}
		}},
		"smtp": {0, "", "", func(string) []string { return nil }}, // the local tenant's mailbox is the vendor
	} {
		t.Run(provider, func(t *testing.T) {
			vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					return
				}
				w.Header().Set("X-Message-Id", "vendor-id-1")
				w.Header().Set("Request-Id", "vendor-id-1")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.answer))
			}))
			defer vendor.Close()
			lines := append(environ(tenant), "MAIL_PROVIDERS="+provider)
			lines = append(lines, tt.env(vendor.URL)...)
			var stdout, stderr output
			if err := run(t.Context(), []string{"send", "--to", "ann@example.com"}, lines, &stdout, &stderr); err != nil {
				t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
			}
			for _, want := range []string{"config ", "render ", "connect ", provider + ": token and connection ready", "submit ", provider + ": accepted, message id " + tt.want} {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("%q is not in\n%s", want, stdout.String())
				}
			}
			if strings.Contains(stdout.String()+stderr.String(), secret) || strings.Contains(stdout.String()+stderr.String(), "ann@") {
				t.Error("the output tells the key or the address")
			}
		})
	}
}

// A dry run asks everybody, the second provider too, and no mail is sent.
func TestSendDryRun(t *testing.T) {
	tenant := startTenant(t)
	var sandboxed bool
	vendor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			MailSettings struct {
				Sandbox struct{ Enable bool } `json:"sandbox_mode"`
			} `json:"mail_settings"`
		}
		if r.Method == http.MethodPost && json.NewDecoder(r.Body).Decode(&body) == nil {
			sandboxed = body.MailSettings.Sandbox.Enable
		}
	}))
	defer vendor.Close()
	lines := append(environ(tenant), "MAIL_PROVIDERS=smtp,sendgrid", "SENDGRID_API_KEY=SG.x", "SENDGRID_BASE_URL="+vendor.URL)
	var stdout, stderr output
	dry := []string{"send", "--to", "ann@example.com", "--dry-run"}
	if err := run(t.Context(), dry, lines, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, stdout.String())
	}
	for _, want := range []string{"check ", "smtp: sender and recipient accepted, no mail handed over", "sendgrid: validated in sandbox mode"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout.String())
		}
	}
	if mails := tenant.Mailbox().Mails(); len(mails) != 0 || !sandboxed {
		t.Errorf("%d mails were sent, and the vendor was asked in its sandbox: %v", len(mails), sandboxed)
	}
	stdout.reset()
	err := run(t.Context(), dry, append(lines, "SMTP_PORT="+closedPort(t)), &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "not every provider") || !strings.Contains(stdout.String(), "smtp: temporary (connection refused)") ||
		!strings.Contains(stdout.String(), "sendgrid: validated") {
		t.Errorf("with one provider down: %v\n%s", err, stdout.String())
	}
}

func TestWalkthroughSettingsForCommunicationServices(t *testing.T) {
	var stdout output
	lines := []string{
		"mail_connectionString=endpoint=https://contoso.communication.azure.com/;accesskey=c2VjcmV0", "mail_sender=no-reply@contoso.example",
		"ENTRA_TENANT_ID=" + devtenant.TenantID, "ENTRA_AUDIENCE=" + devtenant.Audience,
	}
	if err := run(t.Context(), []string{"config", "--check"}, lines, &stdout, &stdout); err != nil {
		t.Fatalf("the walkthrough's settings are not enough: %v", err)
	}
	for _, want := range [][]string{
		{"MAIL_PROVIDERS", "acs", "mail_connectionString"},
		{"ACS_CONNECTION_STRING", "[redacted]", "mail_connectionString"},
	} {
		if !hasLine(stdout.String(), want) {
			t.Errorf("no line with %q in\n%s", want, stdout.String())
		}
	}
}
