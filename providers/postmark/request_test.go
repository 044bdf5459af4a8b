package postmark_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/providers"
	"byoe/providers/postmark"
	"byoe/providers/providertest"
	"byoe/redact"
)

func takes(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") }

func TestRequest(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	s := providertest.Submission(1)
	s.Message.From.Name = `Contoso, "Ltd." 確認`
	s.Message.CorrelationID = strings.Repeat("c", 100)
	provider := connect(t, r.URL+"/")
	if _, err := provider.Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(r.Last(t).Body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"From": `"Contoso, \"Ltd.\" 確認" <no-reply@contoso.example>`, "To": "person-000001@example.org",
		"ReplyTo": `"Contoso help" <help@contoso.example>`, "Subject": "31415987 is your Contoso code",
		"HtmlBody": s.Message.HTML, "TextBody": s.Message.Text,
		"Headers": []any{
			map[string]any{"Name": "Auto-Submitted", "Value": "auto-generated"},
			map[string]any{"Name": "X-Auto-Response-Suppress", "Value": "OOF, AutoReply"},
			map[string]any{"Name": "X-Entity-Ref-ID", "Value": s.ID},
		},
		"TrackOpens": false, "TrackLinks": "None", "MessageStream": "outbound",
		"Metadata": map[string]any{"correlation_id": strings.Repeat("c", 80), "submission_id": s.ID},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
	if target := r.Last(t).Target; target != "/email" {
		t.Errorf("it went to %s", target)
	}
	s.Message.ReplyTo = nil
	if _, err := provider.Send(t.Context(), s); err != nil || strings.Contains(string(r.Last(t).Body), "ReplyTo") {
		t.Errorf("without a reply address: %v, %s", err, r.Last(t).Body)
	}
}

func TestMessageStream(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, takes)
	provider, err := postmark.New(postmark.Config{ServerToken: redact.NewSecret(token), BaseURL: r.URL, Stream: "codes"}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil || !strings.Contains(string(r.Last(t).Body), `"MessageStream":"codes"`) {
		t.Errorf("%v, %s", err, r.Last(t).Body)
	}
}

// The own token reads, the test token writes: with the own one in both places the check would be a mail.
func TestCheck(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		accept(w, "id-1")
	})
	checker, _ := connect(t, r.URL).(providers.Checker)
	if proven, err := checker.Check(t.Context(), providertest.Submission(1)); err != nil || proven == "" {
		t.Errorf("Check gave %q, %v", proven, err)
	}
	var seen []string
	for _, request := range r.Requests() {
		seen = append(seen, request.Method+" "+request.Target+" "+request.Header.Get("X-Postmark-Server-Token"))
	}
	if want := []string{"GET /server " + token, "POST /email POSTMARK_API_TEST"}; !cmp.Equal(seen, want) {
		t.Errorf("the check asked %v, want %v", seen, want)
	}
	status = http.StatusUnauthorized
	if _, err := checker.Check(t.Context(), providertest.Submission(1)); providers.KindOf(err) != providers.KindAuth || len(r.Requests()) != 3 {
		t.Errorf("with a wrong token Check gave %v after %d requests", err, len(r.Requests()))
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := postmark.Config{ServerToken: redact.NewSecret(token)}
	for name, tt := range map[string]struct {
		change func(*postmark.Config)
		want   string
	}{
		"good":         {func(*postmark.Config) {}, ""},
		"no token":     {func(c *postmark.Config) { c.ServerToken = redact.Secret{} }, "POSTMARK_SERVER_TOKEN"},
		"odd token":    {func(c *postmark.Config) { c.ServerToken = redact.NewSecret(token + "\n") }, "POSTMARK_SERVER_TOKEN"},
		"odd stream":   {func(c *postmark.Config) { c.Stream = "my stream" }, "POSTMARK_MESSAGE_STREAM"},
		"plain http":   {func(c *postmark.Config) { c.BaseURL = "http://api.example.com" }, "POSTMARK_BASE_URL"},
		"all at once":  {func(c *postmark.Config) { *c = postmark.Config{BaseURL: "x", Stream: " "} }, "POSTMARK_BASE_URL POSTMARK_SERVER_TOKEN POSTMARK_MESSAGE_STREAM"},
		"on loopback":  {func(c *postmark.Config) { c.BaseURL = "http://127.0.0.1:1/" }, ""},
		"named stream": {func(c *postmark.Config) { c.Stream = "codes" }, ""},
	} {
		c := good
		tt.change(&c)
		providertest.CheckProblems(t, c.Validate(), tt.want, token)
		if _, err := postmark.New(c, providertest.Client(t)); (err != nil) != (tt.want != "") {
			t.Errorf("%s: New gave %v", name, err)
		}
	}
	if _, err := postmark.New(good, nil); err == nil {
		t.Error("New took no client")
	}
}
