// Package entra stands for Microsoft Entra in measurements: it publishes a tenant's keys, and makes the calls that Entra
// would make, each with a genuine token and an event of its own. It does nothing while calls are made but copy.
package entra

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The tenant, the webhook's registration, and Entra's own application, which calls.
const (
	TenantID    = "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d"
	Audience    = "eeeeeeee-1111-2222-3333-444444444444"
	CallerAppID = "99045fe1-7639-4a75-9d4a-577b6ca3810f"

	keyID = "bench-key-1-27-characters-x"
)

// tokens is how many different ones the calls take in turn. Entra caches a token and uses it for many calls.
const tokens = 32

// Tenant is a tenant that calls webhooks.
type Tenant struct {
	key      *rsa.PrivateKey
	server   *http.Server
	listener net.Listener
	served   chan error
	tokens   [][]byte
}

// Start makes a key and tokens, and publishes the key on a free port of the loopback until Close.
func Start(ctx context.Context) (*Tenant, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &Tenant{key: key, listener: listener, served: make(chan error, 1)}
	for n := range tokens {
		token, err := t.sign(n)
		if err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		t.tokens = append(t.tokens, []byte(token))
	}
	t.server = &http.Server{Handler: t.routes(), ReadHeaderTimeout: 5 * time.Second}
	go func() { t.served <- t.server.Serve(listener) }()
	return t, nil
}

// Close ends the publishing of keys.
func (t *Tenant) Close() error {
	err := t.server.Close()
	if served := <-t.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Authority is where the metadata is, in the form of ENTRA_AUTHORITY.
func (t *Tenant) Authority() string {
	return "http://" + t.listener.Addr().String() + "/" + TenantID + "/v2.0"
}

// Settings are what a webhook must know of the tenant.
func (t *Tenant) Settings() []string {
	return []string{"ENTRA_TENANT_ID=" + TenantID, "ENTRA_AUDIENCE=" + Audience, "ENTRA_AUTHORITY=" + t.Authority()}
}

// PublicKey is the tenant's key in PEM form, for programs that know nothing of metadata.
func (t *Tenant) PublicKey() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(&t.key.PublicKey)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// issuer is that of Entra's tokens for external tenants.
const issuer = "https://" + TenantID + ".ciamlogin.com/" + TenantID + "/v2.0"

// sign makes a token with the claims that Entra's have.
func (t *Tenant) sign(n int) (string, error) {
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"aud": Audience, "iss": issuer, "tid": TenantID, "ver": "2.0",
		"azp": CallerAppID, "azpacr": "2", "oid": "87654321-0000-1111-2222-333333333333", "sub": "87654321-0000-1111-2222-333333333333",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(),
		"aio": fmt.Sprintf("k2BgYHjx%04dWlvbg==", n), "rh": "1.AXYAX1__amq7e7zMjN3dndmdneERnJmTl1YRLBvbRTq4WVGAAHY.", "uti": fmt.Sprintf("uti-%018d", n),
	})
	token.Header["kid"] = keyID
	return token.SignedString(t.key)
}

// routes publishes the metadata and the key set.
func (t *Tenant) routes() http.Handler {
	base := "/" + TenantID
	exponent := big.NewInt(int64(t.key.E)).Bytes()
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/v2.0/.well-known/openid-configuration", publish(map[string]any{
		"issuer": issuer, "jwks_uri": "http://" + t.listener.Addr().String() + base + "/discovery/v2.0/keys",
	}))
	mux.HandleFunc("GET "+base+"/discovery/v2.0/keys", publish(map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "kid": keyID,
		"n": base64.RawURLEncoding.EncodeToString(t.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(exponent),
	}}}))
	return mux
}

func publish(document any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(document) // who has hung up needs no keys
	}
}
