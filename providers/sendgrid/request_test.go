package sendgrid_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

// sent returns the request that the provider makes of the mail number 1.
func sent(t *testing.T, templateID string) (providertest.Recorded, body) {
	t.Helper()
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id") })
	provider := connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: r.URL + "/proxied/", TemplateID: templateID})
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Fatal(err)
	}
	return r.Last(t), decoded(t, r)
}

func decoded(t *testing.T, r *providertest.Recorder) (b body) {
	t.Helper()
	if err := json.Unmarshal(r.Last(t).Body, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// SendGrid says 200 in sandbox mode; without the mode the same request is a mail.
func TestCheck(t *testing.T) {
	t.Parallel()
	for status, good := range map[int]bool{200: true, 202: true, 204: false, 400: false, 401: false} {
		r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		proven, err := connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: r.URL}).Check(t.Context(), providertest.Submission(1))
		if (err == nil) != good || good && proven == "" {
			t.Errorf("%d: Check gave %q, %v", status, proven, err)
		}
		want := map[string]any{"bypass_unsubscribe_management": map[string]any{"enable": true}, "sandbox_mode": map[string]any{"enable": true}}
		if diff := cmp.Diff(want, decoded(t, r).MailSettings); diff != "" {
			t.Errorf("mail settings (-want +got):\n%s", diff)
		}
	}
}

func TestRequestLine(t *testing.T) {
	t.Parallel()
	request, _ := sent(t, "")
	if request.Method != http.MethodPost || request.Target != "/proxied/v3/mail/send" {
		t.Errorf("%s %s, want POST of /proxied/v3/mail/send", request.Method, request.Target)
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

// A brand's template for this mail goes before the one of the settings; another vendor's is none of ours.
func TestTemplateOfTheBrand(t *testing.T) {
	t.Parallel()
	const ofSettings, ofBrand = "d-0123456789abcdef0123456789abcdef", "d-fedcba9876543210fedcba9876543210"
	for name, tt := range map[string]struct {
		settings, word, want string
	}{
		"over the settings": {ofSettings, "sendgrid", ofBrand},
		"alone":             {"", "sendgrid", ofBrand},
		"another vendor's":  {ofSettings, "mailjet", ofSettings},
	} {
		r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id") })
		provider := connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: r.URL, TemplateID: tt.settings})
		s := providertest.Submission(1)
		s.Message.Templates = map[string]string{tt.word: ofBrand}
		if _, err := provider.Send(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if got := decoded(t, r).TemplateID; got != tt.want {
			t.Errorf("%s: template %q, want %q", name, got, tt.want)
		}
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

// A mail's HTML is full of brackets; each would be six characters if it were spelt as for a web page.
func TestHTMLIsNotSpeltForWebPages(t *testing.T) {
	t.Parallel()
	request, body := sent(t, "")
	if bytes.Contains(request.Body, []byte(`\u003c`)) || !bytes.Contains(request.Body, []byte("<p>")) {
		t.Errorf("sent was %s", request.Body)
	}
	if want := providertest.Submission(1).Message.HTML; body.Content[1].Value != want {
		t.Errorf("the HTML arrives as %q, want %q", body.Content[1].Value, want)
	}
}
