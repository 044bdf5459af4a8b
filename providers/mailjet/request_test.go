package mailjet_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/providers"
	"byoe/providers/mailjet"
	"byoe/providers/providertest"
	"byoe/redact"
)

func takes(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") }

func TestRequest(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	s := providertest.Submission(1)
	s.Message.From.Name = `Contoso, "Ltd." 確認`
	s.Message.Subject = providertest.Code(1) + strings.Repeat("確", 300)
	provider := connect(t, r.URL+"/")
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(r.Last(t).Body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"Messages": []any{map[string]any{
		"From":    map[string]any{"Email": "no-reply@contoso.example", "Name": `Contoso, "Ltd." 確認`},
		"To":      []any{map[string]any{"Email": "person-000001@example.org"}},
		"ReplyTo": map[string]any{"Email": "help@contoso.example", "Name": "Contoso help"},
		"Subject": providertest.Code(1) + strings.Repeat("確", 247), "TextPart": s.Message.Text, "HTMLPart": s.Message.HTML,
		"TrackOpens": "disabled", "TrackClicks": "disabled",
		"Headers":  map[string]any{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply", "X-Entity-Ref-ID": s.ID},
		"CustomID": s.ID, "EventPayload": s.Message.CorrelationID,
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
	if target := r.Last(t).Target; target != "/v3.1/send" {
		t.Errorf("it went to %s", target)
	}
	s.Message.ReplyTo = nil
	if _, err := provider.Send(t.Context(), s); err != nil || strings.Contains(string(r.Last(t).Body), "ReplyTo") {
		t.Errorf("without a reply address: %v, %s", err, r.Last(t).Body)
	}
}

// SandboxMode stands beside Messages; within a message it is an unknown property, or ignored and the mail goes out.
func TestCheck(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"Messages":[{"Status":"success","To":[{"Email":"…"}]}]}`))
	})
	provider := connect(t, r.URL)
	checker, _ := provider.(providers.Checker)
	proven, err := checker.Check(t.Context(), providertest.Submission(1))
	if err != nil || proven == "" || !strings.HasPrefix(string(r.Last(t).Body), `{"SandboxMode":true,"Messages":[`) {
		t.Errorf("Check gave %q, %v for %s", proven, err, r.Last(t).Body)
	}
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil || strings.Contains(string(r.Last(t).Body), "Sandbox") {
		t.Errorf("a real mail: %v, %s", err, r.Last(t).Body)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := mailjet.Config{APIKey: redact.NewSecret(key), SecretKey: redact.NewSecret(secret)}
	for name, tt := range map[string]struct {
		change func(*mailjet.Config)
		want   string
	}{
		"good":          {func(*mailjet.Config) {}, ""},
		"USA":           {func(c *mailjet.Config) { c.BaseURL = "https://api.us.mailjet.com" }, ""},
		"no key":        {func(c *mailjet.Config) { c.APIKey = redact.Secret{} }, "MAILJET_API_KEY"},
		"no secret key": {func(c *mailjet.Config) { c.SecretKey = redact.Secret{} }, "MAILJET_SECRET_KEY"},
		"odd secret":    {func(c *mailjet.Config) { c.SecretKey = redact.NewSecret(secret + "\t") }, "MAILJET_SECRET_KEY"},
		"template":      {func(c *mailjet.Config) { c.TemplateID = "1234567" }, ""},
		"no number":     {func(c *mailjet.Config) { c.TemplateID = "d-1234567" }, "MAILJET_TEMPLATE_ID"},
		"number 0":      {func(c *mailjet.Config) { c.TemplateID = "0" }, "MAILJET_TEMPLATE_ID"},
		"plain http":    {func(c *mailjet.Config) { c.BaseURL = "http://api.mailjet.com" }, "MAILJET_BASE_URL"},
		"nothing":       {func(c *mailjet.Config) { *c = mailjet.Config{} }, "MAILJET_API_KEY MAILJET_SECRET_KEY"},
	} {
		c := good
		tt.change(&c)
		providertest.CheckProblems(t, c.Validate(), tt.want, key, secret)
		if _, err := mailjet.New(c, providertest.Client(t)); (err != nil) != (tt.want != "") {
			t.Errorf("%s: New gave %v", name, err)
		}
	}
	if _, err := mailjet.New(good, nil); err == nil {
		t.Error("New took no client")
	}
}

// one is the mail in the request that came last.
func one(t *testing.T, r *providertest.Recorder) map[string]any {
	t.Helper()
	var sent struct{ Messages []map[string]any }
	if err := json.Unmarshal(r.Last(t).Body, &sent); err != nil || len(sent.Messages) != 1 {
		t.Fatalf("%v: %s", err, r.Last(t).Body)
	}
	return sent.Messages[0]
}

// Mailjet refuses a template beside a text of ours, and tracking switches without one.
func TestTemplateMail(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	provider, err := mailjet.New(mailjet.Config{APIKey: redact.NewSecret(key), SecretKey: redact.NewSecret(secret), BaseURL: r.URL, TemplateID: "1234567"}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	s := providertest.Submission(1)
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	m := s.Message
	want := map[string]any{
		"From":    map[string]any{"Email": m.From.Address, "Name": m.From.Name},
		"To":      []any{map[string]any{"Email": m.To.Reveal()}},
		"ReplyTo": map[string]any{"Email": m.ReplyTo.Address, "Name": m.ReplyTo.Name},
		"Subject": m.Subject, "TemplateID": 1234567.0, "TemplateLanguage": true, "TemplateErrorDeliver": true,
		"Variables": map[string]any{"code": m.Variables["code"], "brand": m.Variables["brand"], "subject": m.Subject},
		"Headers":   map[string]any{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply", "X-Entity-Ref-ID": s.ID},
		"CustomID":  s.ID, "EventPayload": m.CorrelationID,
	}
	if diff := cmp.Diff(want, one(t, r)); diff != "" {
		t.Errorf("the mail (-want +got):\n%s", diff)
	}
	if _, added := m.Variables["subject"]; added {
		t.Error("the message was changed")
	}
	if _, err := provider.Check(t.Context(), s); err != nil || one(t, r)["TemplateID"] != 1234567.0 {
		t.Errorf("Check gave %v for %s", err, r.Last(t).Body)
	}
}

// A brand's template for this mail goes before the one of the settings; another vendor's is none of ours.
func TestTemplateOfTheBrand(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		settings, word, id string
		want               any
	}{
		"over the settings": {"1", "mailjet", "2", 2.0},
		"alone":             {"", "mailjet", "2", 2.0},
		"another vendor's":  {"1", "sendgrid", "d-2", 1.0},
		"none":              {"", "sendgrid", "d-2", nil},
	} {
		r := providertest.Record(t, takes)
		provider, err := mailjet.New(mailjet.Config{APIKey: redact.NewSecret(key), SecretKey: redact.NewSecret(secret), BaseURL: r.URL, TemplateID: tt.settings}, providertest.Client(t))
		if err != nil {
			t.Fatal(err)
		}
		s := providertest.Submission(1)
		s.Message.Templates = map[string]string{tt.word: tt.id}
		if _, err := provider.Send(t.Context(), s); err != nil || one(t, r)["TemplateID"] != tt.want {
			t.Errorf("%s: %v, template %v", name, err, one(t, r)["TemplateID"])
		}
	}
	s := providertest.Submission(1)
	s.Message.Templates = map[string]string{"mailjet": "d-2"}
	_, err := connect(t, "http://127.0.0.1:9").Send(t.Context(), s)
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != providers.KindConfig || failure.Code != "template id" {
		t.Errorf("a template that is no number: %v", err)
	}
}
