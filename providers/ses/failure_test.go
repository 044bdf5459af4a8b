package ses_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestFailureKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		kind   providers.Kind
		prose  string
		code   string
	}{
		{"TooManyRequestsException", 429, providers.KindThrottled, "Too many", "TooManyRequestsException"},
		{"ThrottlingException", 400, providers.KindThrottled, "Maximum sending rate exceeded.", "ThrottlingException rate"},
		{"ThrottlingException", 400, providers.KindThrottled, "Daily message quota exceeded.", "ThrottlingException daily quota"},
		{"Throttling", 400, providers.KindThrottled, "Rate exceeded", "Throttling"},
		{"LimitExceededException", 400, providers.KindThrottled, "x", "LimitExceededException"},
		{"MailFromDomainNotVerifiedException", 400, providers.KindConfig, "x", "MailFromDomainNotVerifiedException"},
		{"NotFoundException", 404, providers.KindConfig, "Configuration set not found", "NotFoundException"},
		{"BadRequestException", 400, providers.KindConfig, "x", "BadRequestException"},
		{"MessageRejected", 400, providers.KindConfig, "Email address is not verified.", "MessageRejected"},
		{"MessageRejected", 400, providers.KindConfig, "invalid content", "MessageRejected"},
		{"SendingPausedException", 400, providers.KindConfig, "x", "SendingPausedException"},
		{"AccountSuspendedException", 400, providers.KindConfig, "x", "AccountSuspendedException"},
		{"AccessDeniedException", 403, providers.KindAuth, "User is not authorized", "AccessDeniedException"},
		{"AccessDenied", 403, providers.KindAuth, "x", "AccessDenied"},
		{"InvalidClientTokenId", 403, providers.KindAuth, "x", "InvalidClientTokenId"},
		{"UnrecognizedClientException", 403, providers.KindAuth, "x", "UnrecognizedClientException"},
		{"SignatureDoesNotMatch", 403, providers.KindAuth, "x", "SignatureDoesNotMatch"},
		{"InvalidSignatureException", 403, providers.KindAuth, "Signature expired", "InvalidSignatureException"},
		{"ExpiredTokenException", 403, providers.KindAuth, "x", "ExpiredTokenException"},
		{"InternalServiceErrorException", 500, providers.KindTemporary, "x", "InternalServiceErrorException"},
		{"ServiceUnavailable", 503, providers.KindTemporary, "x", "ServiceUnavailable"},
		// The status decides where the name is not one of AWS's.
		{"person-000001@example.org", 400, providers.KindConfig, "x", "400"},
		{"Unheard", 403, providers.KindAuth, "x", "403"},
		{"Unheard", 429, providers.KindThrottled, "x", "429"},
		{"Unheard", 408, providers.KindTemporary, "x", "408"},
		{"Unheard", 502, providers.KindTemporary, "x", "502"},
		{"Unheard", 307, providers.KindConfig, "x", "307"},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.prose, func(t *testing.T) {
			t.Parallel()
			failure := refusal(t, func(w http.ResponseWriter) { respond(w, tt.status, tt.name, tt.prose) })
			if failure.Kind != tt.kind || failure.Code != tt.code {
				t.Errorf("%v, want %v (%s)", failure, tt.kind, tt.code)
			}
		})
	}
}

func TestAnswersThatAreNotSES(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		status     int
		kind       providers.Kind
	}{
		{"a page with status 200", "<html>welcome</html>", 200, providers.KindAmbiguous},
		{"a page with status 503", "<html>sorry</html>", 503, providers.KindTemporary},
		{"a page with status 403", "<html>no</html>", 403, providers.KindAuth},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			failure := refusal(t, func(w http.ResponseWriter) {
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			if failure.Kind != tt.kind {
				t.Errorf("%v, want %v", failure, tt.kind)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	failure := refusal(t, func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "2")
		respond(w, http.StatusTooManyRequests, "TooManyRequestsException", "x")
	})
	if failure.RetryAfter != 2*time.Second {
		t.Errorf("RetryAfter is %v, want 2s", failure.RetryAfter)
	}
}

// refusal returns what Send makes of an answer, and fails where it asked more than once.
func refusal(t *testing.T, answer func(http.ResponseWriter)) *providers.Error {
	t.Helper()
	asked := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		answer(w)
	}))
	t.Cleanup(server.Close)
	_, err := connect(t, testConfig(strings.TrimPrefix(server.URL, "http://"))).Send(t.Context(), providertest.Submission(1))
	failure, ok := err.(*providers.Error) //nolint:errorlint // the error itself must be the *Error
	if !ok {
		t.Fatalf("the error is %T, want *providers.Error", err)
	}
	if len(asked) != 1 {
		t.Errorf("the vendor was asked %d times, want once", len(asked))
	}
	return failure
}
