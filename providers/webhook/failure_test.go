package webhook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
)

func problem(code string) string {
	return fmt.Sprintf(`{"type":"about:blank","title":"person-000001@example.org","code":%q}`, code)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	in30s := time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)
	const page = "<html>person-000001@example.org</html>"
	tests := []struct {
		name       string
		status     int
		retryAfter string
		body       string
		kind       providers.Kind
		code       string
		wait       time.Duration
	}{
		{"bad address", 400, "", problem("invalid_recipient"), providers.KindInvalidAddress, "400 invalid_recipient", 0},
		{"bad address", 422, "", problem("invalid_recipient"), providers.KindInvalidAddress, "422 invalid_recipient", 0},
		{"suppressed", 400, "", problem("suppressed_recipient"), providers.KindRefused, "400 suppressed_recipient", 0},
		{"suppressed", 422, "", problem("suppressed_recipient"), providers.KindRefused, "422 suppressed_recipient", 0},
		{"code of its own", 422, "", problem("quota_exceeded"), providers.KindConfig, "422", 0},
		{"code that quotes", 422, "", problem("person-000001@example.org"), providers.KindConfig, "422", 0},
		{"code in capitals", 422, "", problem("INVALID_RECIPIENT"), providers.KindConfig, "422", 0},
		{"no code", 400, "", `{"title":"invalid_recipient"}`, providers.KindConfig, "400", 0},
		{"code of another type", 400, "", `{"code":["invalid_recipient"]}`, providers.KindConfig, "400", 0},
		{"a list", 400, "", `[{"code":"invalid_recipient"}]`, providers.KindConfig, "400", 0},
		{"half a body", 400, "", `{"code":"invalid_recipient"`, providers.KindConfig, "400", 0},
		{"a page", 400, "", page, providers.KindConfig, "400", 0},
		{"nothing", 400, "", "", providers.KindConfig, "400", 0},
		{"a page", 422, "", page, providers.KindConfig, "422", 0},

		{"signature refused", 401, "", problem("bad_signature"), providers.KindAuth, "401", 0},
		{"address blamed in another status", 401, "", problem("invalid_recipient"), providers.KindAuth, "401", 0},
		{"forbidden", 403, "", page, providers.KindAuth, "403", 0},
		{"address blamed in another status", 403, "", problem("suppressed_recipient"), providers.KindAuth, "403", 0},

		{"payment", 402, "", "", providers.KindConfig, "402", 0},
		{"no such path", 404, "", page, providers.KindConfig, "404", 0},
		{"address blamed in another status", 404, "", problem("invalid_recipient"), providers.KindConfig, "404", 0},
		{"method", 405, "", "", providers.KindConfig, "405", 0},
		{"not acceptable", 406, "", "", providers.KindConfig, "406", 0},
		{"gone", 410, "", "", providers.KindConfig, "410", 0},
		{"precondition", 412, "", "", providers.KindConfig, "412", 0},
		{"too large", 413, "", "", providers.KindConfig, "413", 0},
		{"media type", 415, "", "", providers.KindConfig, "415", 0},
		{"teapot", 418, "", "", providers.KindConfig, "418", 0},
		{"legal", 451, "", "", providers.KindConfig, "451", 0},

		{"request timeout", 408, "", "", providers.KindTemporary, "408", 0},
		{"seen before", 409, "", problem("duplicate"), providers.KindAmbiguous, "409 seen before", 0},
		{"address blamed in another status", 409, "", problem("invalid_recipient"), providers.KindAmbiguous, "409 seen before", 0},
		{"throttled", 429, "", "", providers.KindThrottled, "429", 0},
		{"throttled, seconds", 429, "7", problem("slow_down"), providers.KindThrottled, "429", 7 * time.Second},
		{"throttled, date", 429, in30s, "", providers.KindThrottled, "429", 30 * time.Second},
		{"throttled, nonsense", 429, "soon", "", providers.KindThrottled, "429", 0},
		{"throttled for years", 429, "99999999999", "", providers.KindThrottled, "429", time.Hour},

		{"internal", 500, "", page, providers.KindTemporary, "500", 0},
		{"not implemented", 501, "", "", providers.KindTemporary, "501", 0},
		{"bad gateway", 502, "", page, providers.KindTemporary, "502", 0},
		{"unavailable", 503, "3", "", providers.KindTemporary, "503", 3 * time.Second},
		{"gateway gave up", 504, "", page, providers.KindAmbiguous, "504", 0},
		{"storage", 507, "", "", providers.KindTemporary, "507", 0},
		{"made up", 599, "", "", providers.KindTemporary, "599", 0},

		{"by a proxy", 203, "", `{"id":"x"}`, providers.KindAmbiguous, "203", 0},
		{"reset content", 205, "", "", providers.KindAmbiguous, "205", 0},
		{"partial", 206, "", "", providers.KindAmbiguous, "206", 0},
		{"multi-status", 207, "", `{"id":"x"}`, providers.KindAmbiguous, "207", 0},
		{"moved", 301, "", "", providers.KindConfig, "301", 0},
		{"found", 302, "", page, providers.KindConfig, "302", 0},
		{"moved, same method", 307, "", "", providers.KindConfig, "307", 0},
		{"moved for good, same method", 308, "", "", providers.KindConfig, "308", 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %s", tt.status, tt.name), func(t *testing.T) {
			t.Parallel()
			header := http.Header{"Location": {"https://elsewhere.example/"}, "Retry-After": {tt.retryAfter}}
			_, err := connect(t, answering(t, tt.status, tt.body, header)).Send(t.Context(), providertest.Submission(1))
			failure, ok := err.(*providers.Error) //nolint:errorlint // the error itself must be the *Error
			if !ok {
				t.Fatalf("the error is %T, want *providers.Error", err)
			}
			if failure.Kind != tt.kind || failure.Code != tt.code {
				t.Errorf("%v, want %v (%s)", failure, tt.kind, tt.code)
			}
			// A date is some seconds nearer when it is read.
			if early := tt.wait - failure.RetryAfter; early < 0 || early > 10*time.Second || tt.wait < 10*time.Second && early != 0 {
				t.Errorf("RetryAfter is %v, want %v", failure.RetryAfter, tt.wait)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	own := providertest.Submission(1).ID
	tests := []struct {
		name   string
		status int
		body   string
		id     string
	}{
		{"id", 200, `{"id":"abc-1"}`, "abc-1"},
		{"id", 201, `{"id":"abc-1","more":{}}`, "abc-1"},
		{"id", 202, `{"id":"abc-1"}`, "abc-1"},
		{"no content", 204, "", own},
		{"nothing", 200, "", own},
		{"no id", 202, `{"status":"queued"}`, own},
		{"empty id", 200, `{"id":""}`, own},
		{"a number", 200, `{"id":7}`, own},
		{"an address", 200, `{"id":"person-000001@example.org"}`, own},
		{"an endless id", 200, `{"id":"` + strings.Repeat("x", 129) + `"}`, own},
		{"text", 200, "ok", own},
		{"a list", 200, `[]`, own},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %s", tt.status, tt.name), func(t *testing.T) {
			t.Parallel()
			receipt, err := connect(t, answering(t, tt.status, tt.body, nil)).Send(t.Context(), providertest.Submission(1))
			if err != nil || receipt.MessageID != tt.id {
				t.Errorf("Send = %+v, %v; want the id %q", receipt, err, tt.id)
			}
		})
	}
}

// answering returns the address of an endpoint with one answer for everything, and fails where it is asked twice.
func answering(t *testing.T, status int, body string, header http.Header) (url string) {
	t.Helper()
	asked := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(func() {
		server.Close()
		if len(asked) != 1 {
			t.Errorf("the endpoint was asked %d times, want once", len(asked))
		}
	})
	return server.URL
}
