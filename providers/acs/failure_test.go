package acs_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
)

func complaint(code, message string) string {
	return `{"error":{"code":"` + code + `","message":"` + message + `"}}`
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	ours := providertest.Submission(1).ID // the operation's, where the service does not repeat it
	providertest.RunAnswers(t, connect, append(
		providertest.CommonAnswers(),
		providertest.Answer{Status: 202, Body: `{"id":"op-1","status":"Running"}`, Accepted: true, Code: "op-1"},
		providertest.Answer{Name: "no body", Status: 202, Accepted: true, Code: ours},
		providertest.Answer{Name: "id quotes", Status: 202, Body: `{"id":"person@example.org"}`, Accepted: true, Code: ours},
		providertest.Answer{Name: "half a body", Status: 202, Body: `{"id":"op`, Accepted: true, Code: ours},
		providertest.Answer{Name: "another success", Status: 200, Body: `{"id":"op-1","status":"Succeeded"}`, Kind: providers.KindAmbiguous, Code: "200"},
		providertest.Answer{Status: 204, Kind: providers.KindAmbiguous, Code: "204"},
		providertest.Answer{Name: "recipient", Status: 400, Body: complaint("BadRequest", "Invalid format for email address 'person'"), Kind: providers.KindInvalidAddress, Code: "400 recipient"},
		providertest.Answer{Name: "sender name", Status: 400, Body: complaint("InvalidSenderUserName", "…"), Kind: providers.KindConfig, Code: "400 InvalidSenderUserName"},
		providertest.Answer{Name: "sender's address", Status: 400, Body: complaint("InvalidSenderAddress", "…"), Kind: providers.KindConfig, Code: "400 InvalidSenderAddress"},
		providertest.Answer{Name: "sender not allowed", Status: 400, Body: complaint("EmailSenderAddressNotAllowed", "…"), Kind: providers.KindConfig, Code: "400 EmailSenderAddressNotAllowed"},
		providertest.Answer{Name: "sender's format", Status: 400, Body: complaint("InvalidSenderUserName", "Invalid format for email address"), Kind: providers.KindConfig, Code: "400 InvalidSenderUserName"},
		providertest.Answer{Name: "recipient, elsewhere", Status: 403, Body: complaint("BadRequest", "Invalid format for email address"), Kind: providers.KindAuth, Code: "403"},
		providertest.Answer{Name: "a code that quotes", Status: 400, Body: complaint("person@example.org", "…"), Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "unknown", Status: 400, Body: complaint("BadRequest", "…"), Kind: providers.KindConfig, Code: "400"},
		providertest.Answer{Name: "denied", Status: 401, Body: complaint("Denied", "Denied by the resource provider."), Kind: providers.KindAuth, Code: "401 Denied"},
		providertest.Answer{Name: "clock", Status: 401, Body: complaint("Denied", "The time difference between the originating client and the server is too large"), Kind: providers.KindAuth, Code: "401 clock skew"},
		providertest.Answer{Name: "unauthorized", Status: 401, Body: complaint("Unauthorized", ""), Kind: providers.KindAuth, Code: "401 Unauthorized"},
		providertest.Answer{Name: "clock, elsewhere", Status: 403, Body: complaint("Forbidden", "time difference"), Kind: providers.KindAuth, Code: "403 Forbidden"},
		providertest.Answer{Name: "forbidden", Status: 403, Body: complaint("Forbidden", ""), Kind: providers.KindAuth, Code: "403 Forbidden"},
		providertest.Answer{Name: "not linked", Status: 403, Body: complaint("DomainNotLinked", ""), Kind: providers.KindConfig, Code: "403 DomainNotLinked"},
		providertest.Answer{Name: "not linked", Status: 404, Body: complaint("DomainNotLinked", ""), Kind: providers.KindConfig, Code: "404 DomainNotLinked"},
		providertest.Answer{Name: "nobody there", Status: 404, Kind: providers.KindConfig, Code: "404"},
		providertest.Answer{Name: "in progress", Status: 409, Body: complaint("Conflict", ""), Kind: providers.KindAmbiguous, Code: "409 in progress"},
		providertest.Answer{Name: "window is over", Status: 412, Body: complaint("PreconditionFailed", ""), Kind: providers.KindAmbiguous, Code: "412 repeatability"},
		providertest.Answer{Name: "quota", Status: 429, Body: complaint("TooManyRequests", "person@example.org"), Header: map[string]string{"Retry-After": "600"}, Kind: providers.KindThrottled, Code: "429 TooManyRequests", RetryAfter: 10 * time.Minute},
		providertest.Answer{Name: "broken, with prose", Status: 500, Body: complaint("InvalidSenderUserName", "Invalid format for email address"), Kind: providers.KindTemporary, Code: "500"},
		providertest.Answer{Name: "moved, with a code", Status: 302, Body: complaint("TooManyRequests", ""), Kind: providers.KindConfig, Code: "302"},
	))
}

// A replay that is in progress is waited for and asked once more, as the same request.
func TestInProgress(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	seen := make(chan string, 10)
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Repeatability-Request-Id") + " " + r.Header.Get("Repeatability-First-Sent") + " " + r.Header.Get("Operation-Id")
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusConflict)
			return
		}
		accept(w, "op-1")
	}))
	defer vendor.Close()
	s := providertest.Submission(1)
	s.Began = time.Date(2026, 11, 24, 12, 30, 0, 0, time.FixedZone("east", 3600))
	receipt, err := connect(t, vendor.URL).Send(t.Context(), s)
	if err != nil || receipt.MessageID != "op-1" || asked.Load() != 2 {
		t.Fatalf("Send gave %v and %v after %d requests", receipt, err, asked.Load())
	}
	want := s.ID + " Tue, 24 Nov 2026 11:30:00 GMT " + s.ID
	if first, second := <-seen, <-seen; first != want || second != want {
		t.Errorf("the requests were %q and %q, want %q", first, second, want)
	}
}
