package providertest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Identity is a platform that gives managed identities their tokens, as App Service does (learn.microsoft.com, "How to use
// managed identities for App Service").
type Identity struct {
	// ClientID is a new one for each test: the SDK keeps tokens for the whole process.
	ClientID string

	mu        sync.Mutex
	token     string
	resources []string
}

// NewIdentity starts a platform that gives this token, and makes it this process's. The test cannot run in parallel.
func NewIdentity(t *testing.T, token string) *Identity {
	t.Helper()
	i := &Identity{ClientID: guid(), token: token}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	t.Setenv("IDENTITY_ENDPOINT", server.URL)
	t.Setenv("IDENTITY_HEADER", "header")
	return i
}

func guid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Resources says what tokens were asked for.
func (i *Identity) Resources() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string(nil), i.resources...)
}

// Refuse makes the platform give no token any more.
func (i *Identity) Refuse() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.token = ""
}

// ServeHTTP implements [http.Handler].
func (i *Identity) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.resources = append(i.resources, r.URL.Query().Get("resource"))
	w.Header().Set("Content-Type", "application/json")
	if i.token == "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"statusCode":400,"message":"no such identity"}`))
		return
	}
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_on":"4102444800","resource":"x","token_type":"Bearer"}`, i.token)
}
