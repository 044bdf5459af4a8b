package resend_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
)

func complaint(name, message string) string {
	return `{"statusCode":0,"name":"` + name + `","message":"` + message + `"}`
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const to = "Invalid `to` field. The email address needs to follow the `email@example.com` format"
	providertest.RunAnswers(t, connect, append(
		providertest.CommonAnswers(),
		providertest.Answer{Status: 200, Body: `{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}`, Accepted: true, Code: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"},
		providertest.Answer{Name: "id quotes", Status: 200, Body: `{"id":"person@example.org"}`, Accepted: true},
		providertest.Answer{Name: "no id", Status: 200, Body: `{}`, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "empty", Status: 200, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "error in it", Status: 200, Body: complaint("validation_error", ""), Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Name: "another success", Status: 202, Body: `{"id":"1"}`, Kind: providers.KindAmbiguous, Code: "202"},
		providertest.Answer{Status: 204, Kind: providers.KindAmbiguous, Code: "204"},
		providertest.Answer{Name: "key form", Status: 400, Body: complaint("invalid_idempotency_key", ""), Kind: providers.KindConfig, Code: "400 invalid_idempotency_key"},
		providertest.Answer{Name: "validation", Status: 400, Body: complaint("validation_error", "Invalid `from` field"), Kind: providers.KindConfig, Code: "400 validation_error"},
		providertest.Answer{Name: "validation of to", Status: 400, Body: complaint("validation_error", to), Kind: providers.KindInvalidAddress, Code: "400 validation_error"},
		providertest.Answer{Name: "unknown", Status: 400, Body: complaint("new_error", to), Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "no key", Status: 401, Body: complaint("missing_api_key", ""), Kind: providers.KindAuth, Code: "401 missing_api_key"},
		providertest.Answer{Name: "restricted key", Status: 401, Body: complaint("restricted_api_key", ""), Kind: providers.KindAuth, Code: "401 restricted_api_key"},
		providertest.Answer{Name: "wrong key", Status: 403, Body: complaint("invalid_api_key", ""), Kind: providers.KindAuth, Code: "403 invalid_api_key"},
		providertest.Answer{Name: "domain not verified", Status: 403, Body: complaint("validation_error", "You can only send testing emails to your own email address"), Kind: providers.KindConfig, Code: "403 validation_error"},
		providertest.Answer{Status: 404, Body: complaint("not_found", ""), Kind: providers.KindConfig, Code: "404 not_found"},
		providertest.Answer{Status: 405, Body: complaint("method_not_allowed", ""), Kind: providers.KindConfig, Code: "405 method_not_allowed"},
		providertest.Answer{Name: "other body", Status: 409, Body: complaint("invalid_idempotent_request", ""), Kind: providers.KindAmbiguous, Code: "409 invalid_idempotent_request"},
		providertest.Answer{Name: "in progress", Status: 409, Body: complaint("concurrent_idempotent_requests", ""), Kind: providers.KindAmbiguous, Code: "409 in progress"},
		providertest.Answer{Name: "conflict", Status: 409, Body: `{}`, Kind: providers.KindConfig, Code: "409"},
		providertest.Answer{Name: "from", Status: 422, Body: complaint("invalid_from_address", ""), Kind: providers.KindConfig, Code: "422 invalid_from_address"},
		providertest.Answer{Name: "parameter", Status: 422, Body: complaint("invalid_parameter", ""), Kind: providers.KindConfig, Code: "422 invalid_parameter"},
		providertest.Answer{Name: "field", Status: 422, Body: complaint("missing_required_field", ""), Kind: providers.KindConfig, Code: "422 missing_required_field"},
		providertest.Answer{Name: "to", Status: 422, Body: complaint("validation_error", to), Kind: providers.KindInvalidAddress, Code: "422 validation_error"},
		providertest.Answer{Name: "example.com", Status: 422, Body: complaint("validation_error", "Please use our testing email address instead of domains like `example.com`."), Kind: providers.KindInvalidAddress, Code: "422 validation_error"},
		providertest.Answer{Name: "rate", Status: 429, Body: complaint("rate_limit_exceeded", ""), Header: map[string]string{"Retry-After": "2"}, Kind: providers.KindThrottled, Code: "429 rate_limit_exceeded", RetryAfter: 2 * time.Second},
		providertest.Answer{Name: "day", Status: 429, Body: complaint("daily_quota_exceeded", ""), Kind: providers.KindThrottled, Code: "429 daily_quota_exceeded"},
		providertest.Answer{Name: "month", Status: 429, Body: complaint("monthly_quota_exceeded", ""), Kind: providers.KindThrottled, Code: "429 monthly_quota_exceeded"},
		providertest.Answer{Name: "security", Status: 451, Body: complaint("security_error", ""), Kind: providers.KindConfig, Code: "451 security_error"},
		providertest.Answer{Name: "application", Status: 500, Body: complaint("application_error", ""), Kind: providers.KindTemporary, Code: "500 application_error"},
		providertest.Answer{Name: "server", Status: 500, Body: complaint("internal_server_error", to), Kind: providers.KindTemporary, Code: "500 internal_server_error"},
	))
}

// A request that is in progress is waited for and asked once more, under the same key.
func TestInProgress(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	keys := make(chan string, 10)
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys <- r.Header.Get("Idempotency-Key")
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusConflict)
			_, _ = w.Write([]byte(complaint("concurrent_idempotent_requests", "")))
			return
		}
		accept(w, "id-1")
	}))
	defer vendor.Close()
	provider := connect(t, vendor.URL)
	s := providertest.Submission(1)
	receipt, err := provider.Send(t.Context(), s)
	if err != nil || receipt.MessageID != "id-1" || asked.Load() != 2 {
		t.Errorf("Send gave %v and %v after %d requests", receipt, err, asked.Load())
	}
	if first, second := <-keys, <-keys; first != s.ID || second != s.ID {
		t.Errorf("the keys are %q and %q, want %q", first, second, s.ID)
	}
	asked.Store(0)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := provider.Send(ctx, s); providers.KindOf(err) != providers.KindAmbiguous || asked.Load() != 1 {
		t.Errorf("without time to wait Send gave %v after %d requests", err, asked.Load())
	}
}
