package auth

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/jwkset"
)

const (
	// maxDocument bounds the metadata and the key document in bytes; Entra's have some 2 and 30 KiB.
	maxDocument = 1 << 20
	// fetchMost bounds one document's fetch. A call that waits for it has less, and does not wait longer.
	fetchMost = 2 * time.Second
	// minKeyBits is what RS256 demands of a key (RFC 7518, section 3.3).
	minKeyBits = 2048
)

// discovery fetches a tenant's metadata and the keys that it points to (OpenID Connect Discovery 1.0).
type discovery struct {
	authority string
	client    *http.Client
}

func newDiscovery(authority string, transport http.RoundTripper) *discovery {
	refuseRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &discovery{authority: strings.TrimSuffix(authority, "/"), client: &http.Client{Transport: transport, CheckRedirect: refuseRedirect}}
}

// fetch returns the tenant's issuer and its usable keys, at least one. With an error the issuer is there where it was found.
func (d *discovery) fetch(ctx context.Context) (fetched, error) {
	var metadata struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := d.get(ctx, d.authority+"/.well-known/openid-configuration", &metadata); err != nil {
		return fetched{}, fmt.Errorf("metadata: %w", err)
	}
	got := fetched{issuer: metadata.Issuer, keyIssuers: map[string]string{}}
	if err := d.keysAllowedAt(metadata.JWKSURI); err != nil {
		return got, fmt.Errorf("metadata: %w", err)
	}
	var document struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := d.get(ctx, metadata.JWKSURI, &document); err != nil {
		return got, fmt.Errorf("keys: %w", err)
	}
	for _, raw := range document.Keys {
		got.add(raw)
	}
	if len(got.keys) == 0 {
		return got, errors.New("keys: the document has no usable key")
	}
	return got, nil
}

// add takes one key; one that cannot be used is passed over, so that a new kind of key does not take the others with it.
func (f *fetched) add(raw json.RawMessage) {
	var (
		marshal jwkset.JWKMarshal
		more    struct {
			Issuer string `json:"issuer"`
		}
	)
	if json.Unmarshal(raw, &marshal) != nil || json.Unmarshal(raw, &more) != nil {
		return
	}
	if marshal.KID == "" {
		return
	}
	// The certificates say nothing that the key does not: with them a broken chain would cost us a good key.
	marshal.X5C, marshal.X5T, marshal.X5TS256, marshal.X5U = nil, "", "", ""
	key, err := jwkset.NewJWKFromMarshal(marshal, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return
	}
	if public, isRSA := key.Key().(*rsa.PublicKey); !isRSA || public.N.BitLen() < minKeyBits {
		return
	}
	f.keys = append(f.keys, key)
	if more.Issuer != "" {
		f.keyIssuers[marshal.KID] = more.Issuer
	}
}

// keysAllowedAt refuses a key document at a stranger's: whoever could change the metadata alone must not be able to
// bring keys of their own.
func (d *discovery) keysAllowedAt(jwksURI string) error {
	keys, err := url.Parse(jwksURI)
	if err != nil || keys.Host == "" {
		return errors.New("jwks_uri is no URL")
	}
	authority, err := url.Parse(d.authority)
	if err != nil {
		return errors.New("the authority is no URL")
	}
	if keys.Scheme == authority.Scheme && keys.Host == authority.Host {
		return nil
	}
	if keys.Scheme == "https" && isMicrosoftLogin(keys.Host) {
		return nil
	}
	return errors.New("jwks_uri is on another host than the authority and on no Microsoft login host")
}

// isMicrosoftLogin knows the hosts that Entra serves keys from, by cloud.
func isMicrosoftLogin(host string) bool {
	return strings.HasSuffix(host, ".ciamlogin.com") || slices.Contains([]string{
		"login.microsoftonline.com",
		"login.microsoftonline.us",
		"login.partner.microsoftonline.cn",
	}, host)
}

// get reads one JSON document. Its errors name no content: an error page may hold anything.
func (d *discovery) get(ctx context.Context, from string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, fetchMost)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return err
	}
	res, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	if err != nil {
		return err
	}
	if len(body) > maxDocument {
		return fmt.Errorf("larger than %d bytes", maxDocument)
	}
	if json.Unmarshal(body, into) != nil {
		return errors.New("not the JSON that was expected")
	}
	return nil
}
