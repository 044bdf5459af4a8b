package resend_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/resend"
	"byoe/redact"
)

func TestRequest(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") })
	s := providertest.Submission(1)
	s.Message.From.Name = `Contoso, "Ltd." \ 確認`
	s.Message.CorrelationID = "id with spaces: ü@x"
	provider := connect(t, r.URL+"/")
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(r.Last(t).Body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"from":     `"Contoso, \"Ltd.\" \\ 確認" <no-reply@contoso.example>`,
		"to":       []any{"person-000001@example.org"},
		"reply_to": `"Contoso help" <help@contoso.example>`,
		"subject":  "31415987 is your Contoso code",
		"html":     s.Message.HTML, "text": s.Message.Text,
		"headers": map[string]any{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply", "X-Entity-Ref-ID": s.ID},
		"tags": []any{
			map[string]any{"name": "correlation_id", "value": "id-with-spaces----x"},
			map[string]any{"name": "submission_id", "value": s.ID},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
	first := r.Last(t).Body
	if _, err := provider.Send(t.Context(), s); err != nil || !bytes.Equal(first, r.Last(t).Body) {
		t.Errorf("a second request for the same delivery has another body (%v)", err)
	}

	s.Message.ReplyTo, s.Message.CorrelationID, s.Message.From.Name = nil, "", ""
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"reply_to", "correlation_id", "topic_id"} {
		if strings.Contains(string(r.Last(t).Body), absent) {
			t.Errorf("the request has %s: %s", absent, r.Last(t).Body)
		}
	}
	if !strings.Contains(string(r.Last(t).Body), `"from":"no-reply@contoso.example"`) {
		t.Errorf("a sender without a name is not the bare address: %s", r.Last(t).Body)
	}
}

// The check must reach nobody, and must not use up the key of the mail that may follow.
func TestCheck(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") })
	checker, _ := connect(t, r.URL).(providers.Checker)
	s := providertest.Submission(1)
	if proven, err := checker.Check(t.Context(), s); err != nil || proven == "" {
		t.Errorf("Check gave %q, %v", proven, err)
	}
	if body := string(r.Last(t).Body); strings.Contains(body, "person-000001") || !strings.Contains(body, `"to":["delivered@resend.dev"]`) {
		t.Errorf("the check went to %s", body)
	}
	if key := r.Last(t).Header.Get("Idempotency-Key"); key == s.ID || key == "" {
		t.Errorf("the check has the key %q", key)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config resend.Config
		want   string
	}{
		"good":       {resend.Config{APIKey: redact.NewSecret(key)}, ""},
		"nothing":    {resend.Config{}, "RESEND_API_KEY"},
		"odd key":    {resend.Config{APIKey: redact.NewSecret("re_ 1")}, "RESEND_API_KEY"},
		"plain http": {resend.Config{APIKey: redact.NewSecret(key), BaseURL: "http://api.example.com"}, "RESEND_BASE_URL"},
		"two":        {resend.Config{BaseURL: "nowhere"}, "RESEND_BASE_URL RESEND_API_KEY"},
	} {
		providertest.CheckProblems(t, tt.config.Validate(), tt.want, "re_")
		if _, err := resend.New(tt.config, providertest.Client(t)); (err != nil) != (tt.want != "") {
			t.Errorf("%s: New gave %v", name, err)
		}
	}
	if _, err := resend.New(resend.Config{APIKey: redact.NewSecret(key)}, nil); err == nil {
		t.Error("New took no client")
	}
}
