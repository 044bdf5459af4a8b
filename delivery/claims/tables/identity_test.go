package tables_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"byoe/delivery/claims/tables"
)

// platform gives tokens as App Service does (learn.microsoft.com, "How to use managed identities for App Service").
func platform(t *testing.T, does http.HandlerFunc) {
	t.Helper()
	server := httptest.NewServer(does)
	t.Cleanup(server.Close)
	t.Setenv("IDENTITY_ENDPOINT", server.URL)
	t.Setenv("IDENTITY_HEADER", "header")
}

// bearerStore is a store that opens its account with the platform's tokens. last is the Authorization that the service was
// asked with last.
func bearerStore(t *testing.T, clientID string) (s *tables.Store, last *string) {
	t.Helper()
	last = new(string)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*last = r.Header.Get("Authorization")
		w.Header().Set("x-ms-error-code", "ResourceNotFound")
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	s, err := tables.New(tables.Config{Table: "claims", URL: server.URL, ClientID: clientID}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return s, last
}

func TestManagedIdentity(t *testing.T) {
	var asked, client string
	platform(t, func(w http.ResponseWriter, r *http.Request) {
		asked, client = r.URL.Query().Get("resource"), r.URL.Query().Get("client_id")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"hunter2","expires_on":"4102444800","resource":"https://storage.azure.com","token_type":"Bearer"}`))
	})
	id := rand.Text() // the SDK keeps tokens for the whole process
	s, bearer := bearerStore(t, id)
	_, err := s.Acquire(t.Context(), numbered(1), "a", time.Second)
	if want := "table storage: insert: no token of the managed identity yet"; err == nil || err.Error() != want || asked != "" {
		t.Errorf("before there is a token Acquire gave %v, want %s and nothing asked", err, want)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatalf("Check: %v", err)
	}
	if asked != "https://storage.azure.com" || client != id || *bearer != "Bearer hunter2" {
		t.Errorf("the token is for %q and client %q, and the service got %q", asked, client, *bearer)
	}
}

func TestPlatformThatHangsHoldsNobodyUp(t *testing.T) {
	hang := make(chan struct{})
	asked := make(chan struct{}, 1)
	platform(t, func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-hang })
	s, _ := bearerStore(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	<-asked
	start := time.Now()
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Second); err == nil || time.Since(start) > time.Second {
		t.Errorf("Acquire gave %v after %v", err, time.Since(start))
	}
	cancel()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("Run does not stop")
	}
	close(hang)
}

func TestPlatformThatRefusesIsNotQuoted(t *testing.T) {
	platform(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"message":"hunter2"}`))
	})
	s, _ := bearerStore(t, "")
	if err := s.Check(t.Context()); err == nil || err.Error() != "table storage: ask the platform for a token: refused or not to be reached" {
		t.Errorf("Check gave %v", err)
	}
}
