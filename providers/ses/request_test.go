package ses_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/ses"
)

// sent returns the request that the provider makes of a submission.
func sent(t *testing.T, s providers.Submission, change func(*ses.Config)) (*http.Request, body) {
	t.Helper()
	var (
		request *http.Request
		decoded body
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(raw, &decoded)
		}
		if err != nil {
			t.Errorf("request: %v", err)
		}
		request = r
		accept(w, "id")
	}))
	t.Cleanup(server.Close)
	c := testConfig(strings.TrimPrefix(server.URL, "http://"))
	change(&c)
	if _, err := connect(t, c).Send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return request, decoded
}

func TestRequest(t *testing.T) {
	t.Parallel()
	s := providertest.Submission(1)
	s.Message.CorrelationID = "a:b@c ü" + strings.Repeat("x", 300)
	request, got := sent(t, s, func(*ses.Config) {})
	if request.Method != http.MethodPost || request.URL.Path != "/v2/email/outbound-emails" {
		t.Errorf("%s %s, want POST of /v2/email/outbound-emails", request.Method, request.URL.Path)
	}
	if request.Header.Get("X-Amz-Security-Token") != token {
		t.Error("the session token is not sent")
	}
	if got.ConfigurationSetName != "codes" {
		t.Errorf("configuration set is %q", got.ConfigurationSetName)
	}
	tracking := map[string]any{
		"Tracking": map[string]any{"ClickTrackingEnabled": "DISABLED", "OpenTrackingEnabled": "DISABLED"},
	}
	if diff := cmp.Diff(tracking, got.ConfigurationOverrides); diff != "" {
		t.Errorf("overrides (-want +got):\n%s", diff)
	}
	tags := map[string]string{}
	for _, tag := range got.EmailTags {
		tags[tag.Name] = tag.Value
	}
	want := map[string]string{
		"correlation_id": ("a-b-c--" + strings.Repeat("x", 300))[:256], "submission_id": s.ID,
	}
	if diff := cmp.Diff(want, tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

// SES refuses a tag without a value and an empty configuration set.
func TestOptionalFields(t *testing.T) {
	t.Parallel()
	s := providertest.Submission(1)
	s.Message.CorrelationID = ""
	s.Message.ReplyTo = nil
	_, got := sent(t, s, func(c *ses.Config) { c.ConfigurationSet = "" })
	if len(got.EmailTags) != 1 || got.ConfigurationSetName != "" || got.ReplyToAddresses != nil {
		t.Errorf("tags %v, set %q, reply-to %v; want one tag and neither of the others",
			got.EmailTags, got.ConfigurationSetName, got.ReplyToAddresses)
	}
}
