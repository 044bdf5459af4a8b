package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// documents answers with the metadata to the first request and with the keys to the second.
type documents struct{ metadata, keys []byte }

func (d documents) RoundTrip(r *http.Request) (*http.Response, error) {
	body := d.keys
	if strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration") {
		body = d.metadata
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// Whatever the documents say, a set has a key that is one, or it is an error that quotes nothing.
func FuzzKeyDocument(f *testing.F) {
	const metadata = `{"issuer":"https://login.example/t/v2.0","jwks_uri":"https://login.example/t/keys"}`
	key, err := rsa.GenerateKey(rand.Reader, minKeyBits)
	if err != nil {
		f.Fatal(err)
	}
	good := fmt.Sprintf(`{"kty":"RSA","use":"sig","kid":"k1","n":%q,"e":"AQAB","x5c":["x"],"issuer":"https://login.example/{tenantid}/v2.0"}`,
		base64.RawURLEncoding.EncodeToString(key.N.Bytes()))
	for _, keys := range []string{
		`{"keys":[` + good + `]}`, `{"keys":[` + good + `,{"kty":"EC"},{}]}`, `{"keys":[]}`, `{"keys":null}`, `[]`, `{"error":"x"}`, `{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}`,
		`{"keys":[` + strings.Replace(good, "AQAB", "AA", 1) + `]}`, `{"keys":[{"kty":"oct","kid":"s","k":"c2VjcmV0"}]}`,
	} {
		f.Add([]byte(metadata), []byte(keys))
	}
	f.Add([]byte(`{"jwks_uri":"https://evil.example/keys"}`), []byte(`{}`))
	f.Add([]byte(`{"jwks_uri":"http://login.example/keys"}`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, metadata, keys []byte) {
		d := newDiscovery("https://login.example/t/v2.0", documents{metadata, keys})
		got, err := d.fetch(t.Context())
		if err != nil {
			if len(err.Error()) > 100 {
				t.Errorf("the error says too much: %v", err)
			}
			return
		}
		if len(got.keys) == 0 {
			t.Error("a set without a key")
		}
		for _, key := range got.keys {
			public, isRSA := key.Key().(*rsa.PublicKey)
			if !isRSA || public.N.BitLen() < minKeyBits || public.E < 2 || key.Marshal().KID == "" {
				t.Errorf("the key %+v is none", key.Marshal())
			}
		}
		if err := newKeySet(staticFetcher{got}).refresh(t.Context()); err != nil {
			t.Errorf("the set cannot be used: %v", err)
		}
	})
}

type staticFetcher struct{ fetched }

func (s staticFetcher) fetch(context.Context) (fetched, error) { return s.fetched, nil }
