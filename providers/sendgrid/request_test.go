package sendgrid_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

// submitting is a call that makes one request.
type submitting func(*sendgrid.Provider, providers.Submission) error

func sending(t *testing.T) submitting {
	return func(provider *sendgrid.Provider, s providers.Submission) error {
		_, err := provider.Send(t.Context(), s)
		return err
	}
}

// sent returns the request that the provider makes of a submission, with its body.
func sent(t *testing.T, templateID string, s providers.Submission, submit submitting) (*http.Request, string) {
	t.Helper()
	var (
		request *http.Request
		raw     []byte
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if raw, err = io.ReadAll(r.Body); err != nil {
			t.Errorf("request: %v", err)
		}
		request = r
		accept(w, "id")
	}))
	t.Cleanup(server.Close)
	provider := connect(t, sendgrid.Config{
		APIKey: redact.NewSecret(key), BaseURL: server.URL + "/proxied/", TemplateID: templateID,
	})
	if err := submit(provider, s); err != nil {
		t.Fatal(err)
	}
	return request, string(raw)
}

// golden is the whole request; %s stand for what changes.
const golden = `{"from":{"name":"Contoso","email":"no-reply@contoso.example"},"subject":"31415987 is your Contoso code",` +
	`"personalizations":[{"to":[{"email":"person-000001@example.org"}],` +
	`"custom_args":{"correlation_id":"9c1d4f20-0000-4000-8000-000000000001","submission_id":"5b2e7a10-0000-4000-8000-000000000001"}%s}],` +
	`%s"mail_settings":{"bypass_unsubscribe_management":{"enable":true}%s},` +
	`"tracking_settings":{"click_tracking":{"enable":false,"enable_text":false},"open_tracking":{"enable":false},` +
	`"subscription_tracking":{"enable":false},"ganalytics":{"enable":false}},` +
	`"reply_to":{"name":"Contoso help","email":"help@contoso.example"}}`
func TestRequestLine(t *testing.T) {
	t.Parallel()
	request, _ := sent(t, "")
	if request.Method != http.MethodPost || request.URL.Path != "/proxied/v3/mail/send" {
		t.Errorf("%s %s, want POST of /proxied/v3/mail/send", request.Method, request.URL.Path)
	}
	if got := request.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
}

func TestPlainMail(t *testing.T) {
	t.Parallel()
	_, got := sent(t, "")
	if got.TemplateID != "" || got.Personalizations[0].DynamicTemplateData != nil {
		t.Error("a plain mail names a template")
	}
	off := map[string]any{"enable": false}
	wantTracking := map[string]any{
		"click_tracking":        map[string]any{"enable": false, "enable_text": false},
		"open_tracking":         off,
		"subscription_tracking": off,
		"ganalytics":            off,
	}
	if diff := cmp.Diff(wantTracking, got.TrackingSettings); diff != "" {
		t.Errorf("tracking (-want +got):\n%s", diff)
	}
	wantSettings := map[string]any{"bypass_unsubscribe_management": map[string]any{"enable": true}}
	if diff := cmp.Diff(wantSettings, got.MailSettings); diff != "" {
		t.Errorf("mail settings (-want +got):\n%s", diff)
	}
	s := providertest.Submission(1)
	wantArgs := map[string]string{"correlation_id": s.Message.CorrelationID, "submission_id": s.ID}
	if diff := cmp.Diff(wantArgs, got.Personalizations[0].CustomArgs); diff != "" {
		t.Errorf("custom args (-want +got):\n%s", diff)
	}
}

func TestTemplateMail(t *testing.T) {
	t.Parallel()
	const template = "d-0123456789abcdef0123456789abcdef"
	_, got := sent(t, template)
	if got.TemplateID != template || len(got.Content) != 0 {
		t.Errorf("template %q with %d contents, want %q with none", got.TemplateID, len(got.Content), template)
	}
	m := providertest.Submission(1).Message
	want := map[string]string{"code": m.Variables["code"], "brand": m.Variables["brand"], "subject": m.Subject}
	if diff := cmp.Diff(want, got.Personalizations[0].DynamicTemplateData); diff != "" {
		t.Errorf("template data (-want +got):\n%s", diff)
	}
	if got.Subject != m.Subject {
		t.Errorf("subject is %q, want %q", got.Subject, m.Subject)
	}
	if _, off := got.TrackingSettings["subscription_tracking"]; !off {
		t.Error("subscription tracking is not switched off")
	}
}
