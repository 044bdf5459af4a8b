package sendgrid_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

func complaint(field, message string) string {
	return fmt.Sprintf(`{"errors":[{"message":%q,"field":%q,"help":null}]}`, message, field)
}

func TestFailureKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		kind   providers.Kind
		code   string
	}{
		{
			"recipient", 400, complaint("personalizations.0.to.0.email", "Does not contain a valid address."),
			providers.KindInvalidAddress, "400 personalizations.to",
		},
		{"recipient list", 400, complaint("personalizations.0.to", "x"), providers.KindInvalidAddress, "400 personalizations.to"},
		{"sender", 400, complaint("from.email", "x"), providers.KindConfig, "400 from"},
		{
			"sender and recipient", 400,
			`{"errors":[{"field":"personalizations.0.to.0.email"},{"field":"from.email"}]}`, providers.KindConfig, "400 from",
		},
		{"template", 400, complaint("template_id", "x"), providers.KindConfig, "400 template_id"},
		{
			"template data", 400, complaint("personalizations.0.dynamic_template_data", "x"),
			providers.KindConfig, "400 personalizations",
		},
		{"unknown field", 400, complaint("person-000001@example.org", "x"), providers.KindConfig, "400"},
		{"null field", 400, `{"errors":[{"message":"Bad Request","field":null}]}`, providers.KindConfig, "400"},
		{"no errors", 400, `{}`, providers.KindConfig, "400"},
		{"not JSON", 400, `<html>`, providers.KindConfig, "400"},
		{
			"odd entry beside a clear one", 401,
			`{"errors":[{"message":7},{"message":"Maximum credits exceeded"}]}`, providers.KindThrottled, "401 credits",
		},
		{
			"bad key", 401, complaint("", "The provided authorization grant is invalid, expired, or revoked"),
			providers.KindAuth, "401",
		},
		{"credits", 401, complaint("", "Maximum credits exceeded"), providers.KindThrottled, "401 credits"},
		{
			"not authorized", 401, complaint("", "Authenticated user is not authorized to send mail"),
			providers.KindConfig, "401 not authorized to send",
		},
		{
			"unverified sender", 403, complaint("from", "The from address does not match a verified Sender Identity."),
			providers.KindConfig, "403 sender not verified",
		},
		{
			"unverified sender, no field", 403, complaint("", "The from address does not match a verified Sender Identity."),
			providers.KindConfig, "403 sender not verified",
		},
		{"sender in other words", 403, complaint("from", "x"), providers.KindConfig, "403 sender not verified"},
		{"missing scope", 403, complaint("", "access forbidden"), providers.KindAuth, "403"},
		{"not found", 404, ``, providers.KindConfig, "404"},
		{"method", 405, ``, providers.KindConfig, "405"},
		{"request timeout", 408, ``, providers.KindTemporary, "408"},
		{"too large", 413, ``, providers.KindConfig, "413"},
		{"too many", 429, complaint("", "too many requests"), providers.KindThrottled, "429"},
		{"internal", 500, complaint("", "x"), providers.KindTemporary, "500"},
		{"bad gateway", 502, `<html>`, providers.KindTemporary, "502"},
		{"unavailable", 503, ``, providers.KindTemporary, "503"},
		{"sandbox or a proxy", 200, ``, providers.KindAmbiguous, "200"},
		{"redirect", 307, ``, providers.KindConfig, "307"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			failure := refusal(t, http.Header{"Location": {"https://elsewhere.example/"}}, tt.status, tt.body)
			if failure.Kind != tt.kind || failure.Code != tt.code {
				t.Errorf("%v, want %v (%s)", failure, tt.kind, tt.code)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	reset := strconv.FormatInt(time.Now().Add(30*time.Second).Unix(), 10)
	tests := []struct {
		name     string
		status   int
		header   http.Header
		min, max time.Duration
	}{
		{"seconds", 429, http.Header{"Retry-After": {"7"}}, 7 * time.Second, 7 * time.Second},
		{"reset", 429, http.Header{"X-Ratelimit-Reset": {reset}}, 25 * time.Second, 30 * time.Second},
		{"none", 429, nil, 0, 0},
		{"unavailable", 503, http.Header{"Retry-After": {"3"}}, 3 * time.Second, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := refusal(t, tt.header, tt.status, "").RetryAfter
			if got < tt.min || got > tt.max {
				t.Errorf("RetryAfter is %v, want %v to %v", got, tt.min, tt.max)
			}
		})
	}
}

// refusal returns what Send makes of an answer.
func refusal(t *testing.T, header http.Header, status int, body string) *providers.Error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	provider := connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: server.URL})
	_, err := provider.Send(t.Context(), providertest.Submission(1))
	failure, ok := err.(*providers.Error) //nolint:errorlint // the error itself must be the *Error
	if !ok {
		t.Fatalf("the error is %T, want *providers.Error", err)
	}
	return failure
}

// The status came before the body broke off: the mail is accepted.
func TestAcceptedWithBrokenBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		accept(w, "id-1")
		_, _ = w.Write([]byte("only this"))
	}))
	t.Cleanup(server.Close)
	provider := connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: server.URL})
	receipt, err := provider.Send(t.Context(), providertest.Submission(1))
	if err != nil || receipt.MessageID != "id-1" {
		t.Errorf("Send = %v, %v; want the id and no error", receipt, err)
	}
}

func TestCommonAnswers(t *testing.T) {
	t.Parallel()
	providertest.RunAnswers(t, func(t *testing.T, url string) providers.Provider {
		t.Helper()
		return connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: url})
	}, append(providertest.CommonAnswers(),
		providertest.Answer{
			Name: "a template's variable named to", Status: 400, Body: complaint("personalizations.0.dynamic_template_data.to", "x"),
			Kind: providers.KindConfig, Code: "400 personalizations",
		},
	))
}
