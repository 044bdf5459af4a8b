package conformance

import (
	"context"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"

	"byoe/devtenant"
)

// maxDocument bounds the tenant's metadata and keys.
const maxDocument = 1 << 20

// publishedKey is what a key set says of a key (RFC 7517).
type publishedKey struct {
	ID       string `json:"kid"`
	Modulus  string `json:"n"`
	Exponent string `json:"e"`
}

// withoutSignature are genuine claims under alg none (RFC 7519, section 6), in two letter cases because a filter may know
// one only.
func withoutSignature(_ context.Context, t *devtenant.Tenant) ([]string, error) {
	claims, err := genuineClaims(t)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, alg := range []string{"none", "None"} {
		values = append(values, "Bearer "+encode(`{"alg":"`+alg+`","typ":"JWT"}`)+"."+claims+".")
	}
	return values, nil
}

// withPublicKey are genuine claims under HS256, the secret being what everybody can read at the key endpoint: the modulus, and
// the key as a PEM file would have it.
func withPublicKey(ctx context.Context, t *devtenant.Tenant) ([]string, error) {
	claims, err := genuineClaims(t)
	if err != nil {
		return nil, err
	}
	key, err := firstKey(ctx, t)
	if err != nil {
		return nil, err
	}
	modulus, file, err := key.secrets()
	if err != nil {
		return nil, err
	}
	signed := encode(`{"alg":"HS256","typ":"JWT","kid":"`+key.ID+`"}`) + "." + claims
	var values []string
	for _, secret := range [][]byte{modulus, file} {
		mac := hmac.New(sha256.New, secret)
		_, _ = mac.Write([]byte(signed)) // never fails: see hash.Hash
		values = append(values, "Bearer "+signed+"."+base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
	}
	return values, nil
}

// secrets returns the modulus and the PEM form.
func (k publishedKey) secrets() (modulus, file []byte, err error) {
	modulus, err = base64.RawURLEncoding.DecodeString(k.Modulus)
	if err != nil {
		return nil, nil, fmt.Errorf("decoding a modulus: %w", err)
	}
	exponent, err := base64.RawURLEncoding.DecodeString(k.Exponent)
	if err != nil {
		return nil, nil, fmt.Errorf("decoding an exponent: %w", err)
	}
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding a public key: %w", err)
	}
	return modulus, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// genuineClaims is the middle part of a genuine token.
func genuineClaims(t *devtenant.Tenant) (string, error) {
	token, err := t.Token()
	if err != nil {
		return "", err
	}
	return strings.Split(token, ".")[1], nil
}

func encode(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }

// firstKey finds a published key as a stranger would: by the metadata.
func firstKey(ctx context.Context, t *devtenant.Tenant) (publishedKey, error) {
	var metadata struct {
		KeysURI string `json:"jwks_uri"`
	}
	err := fetch(ctx, t.Authority()+"/.well-known/openid-configuration", &metadata)
	if err != nil {
		return publishedKey{}, err
	}
	var set struct {
		Keys []publishedKey `json:"keys"`
	}
	err = fetch(ctx, metadata.KeysURI, &set)
	if err == nil && len(set.Keys) == 0 {
		err = errors.New("the tenant publishes no key")
	}
	if err != nil {
		return publishedKey{}, err
	}
	return set.Keys[0], nil
}

// fetch reads a document of the tenant.
func fetch(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return json.NewDecoder(io.LimitReader(response.Body, maxDocument)).Decode(into)
}
