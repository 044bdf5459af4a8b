package doctor_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"byoe/auth"
)

const (
	tenantID = "11111111-2222-3333-4444-555555555555"
	clientID = "66666666-7777-8888-9999-000000000000"
	callerID = "99045fe1-7639-4a75-9d4a-577b6ca3810f"
)

// issuer is a tenant that publishes metadata and keys and gives tokens to another application.
type issuer struct {
	server *httptest.Server
	key    *rsa.PrivateKey

	// What differs from a good one; set before the first request.
	name      string         // issuer in the metadata and the tokens
	keys      any            // the key document
	claims    map[string]any // over those of a good token
	tokenCode int            // AADSTS code in place of a token
	jwksURI   string
	status    int // of the metadata
}

func newIssuer(t *testing.T, change func(*issuer)) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, status: http.StatusOK}
	mux := http.NewServeMux()
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	i.name, i.jwksURI = i.authority(), i.server.URL+"/keys"
	i.keys = map[string]any{"keys": []any{i.jwk("k1", "sig")}}
	if change != nil {
		change(i)
	}
	mux.HandleFunc("/"+tenantID+"/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(i.status)
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.name, "jwks_uri": i.jwksURI, "token_endpoint": i.server.URL + "/token"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(i.keys) })
	mux.HandleFunc("/token", i.serveToken)
	return i
}

func (i *issuer) authority() string { return i.server.URL + "/" + tenantID + "/v2.0" }

func (i *issuer) config() auth.Config {
	return auth.Config{TenantIDs: []string{tenantID}, Audiences: []string{clientID}, Authority: i.server.URL + "/{tenant}/v2.0", CallerAppID: callerID}
}

func (i *issuer) jwk(id, use string) map[string]string {
	return map[string]string{
		"kty": "RSA", "use": use, "kid": id, "n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(i.key.E)).Bytes()),
	}
}

const otherSecret = "secret-of-the-other-application"

func (i *issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	if i.tokenCode != 0 || r.PostFormValue("client_secret") != otherSecret || r.PostFormValue("scope") != clientID+"/.default" {
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": "invalid_client", "error_description": "prose with " + otherSecret, "error_codes": []int{i.tokenCode}})
		return
	}
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": i.name, "tid": tenantID, "aud": clientID, "azp": "00000000-1111-2222-3333-444444444444", "ver": "2.0",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	for name, value := range i.claims {
		claims[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = "k1"
	signed, err := token.SignedString(i.key)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"access_token": signed})
}
