package devtenant

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenLifetime is an Entra access token's: it says 3599 seconds of it.
const tokenLifetime = time.Hour - time.Second

// TokenOption changes a token from what Entra would give to what a test wants.
type TokenOption func(*tokenDraft)

// tokenDraft is a token before it is signed.
type tokenDraft struct {
	header map[string]any
	claims map[string]any
	forged bool
}

// With sets a claim.
func With(claim string, value any) TokenOption {
	return func(d *tokenDraft) { d.claims[claim] = value }
}

// Without leaves a claim out.
func Without(claim string) TokenOption {
	return func(d *tokenDraft) { delete(d.claims, claim) }
}

// WithHeader sets a header field. The signature is RS256's all the same: a token that says otherwise is a forgery.
func WithHeader(field string, value any) TokenOption {
	return func(d *tokenDraft) { d.header[field] = value }
}

// WithoutHeader leaves a header field out.
func WithoutHeader(field string) TokenOption {
	return func(d *tokenDraft) { delete(d.header, field) }
}

// Forged signs with a key that the tenant never had, under the id of one that it publishes.
func Forged() TokenOption {
	return func(d *tokenDraft) { d.forged = true }
}

// Token returns a signed access token (v2.0) as Entra's caller application presents it to a webhook of this tenant.
func (t *Tenant) Token(options ...TokenOption) (string, error) {
	key := t.keys.current()
	draft := &tokenDraft{
		header: map[string]any{"typ": "JWT", "alg": keyAlgorithm, "kid": key.public.ID},
		claims: t.claims(time.Now()),
	}
	for _, option := range options {
		option(draft)
	}
	if draft.forged {
		stranger, err := newSigningKey()
		if err != nil {
			return "", err
		}
		key = stranger
	}
	token := &jwt.Token{Header: draft.header, Claims: jwt.MapClaims(draft.claims), Method: jwt.SigningMethodRS256}
	signed, err := token.SignedString(key.private)
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed, nil
}

// claims are those of a client-credentials token: the subject is the caller's own service principal in the tenant. aio,
// rh and uti are Entra's own and opaque: no webhook may look into them.
func (t *Tenant) claims(now time.Time) map[string]any {
	const callerObjectID = "34d97ed7-a7b1-4f58-a9a7-85770c2d5112"
	return map[string]any{
		"aud":    t.audience,
		"iss":    t.Authority(),
		"iat":    now.Unix(),
		"nbf":    now.Unix(),
		"exp":    now.Add(tokenLifetime).Unix(),
		"aio":    opaque(32),
		"azp":    CallerAppID,
		"azpacr": "2", // the caller proved itself by a certificate
		"oid":    callerObjectID,
		"rh":     "1." + opaque(24) + ".",
		"sub":    callerObjectID,
		"tid":    t.tenantID,
		"uti":    opaque(16),
		"ver":    "2.0",
	}
}

// opaque returns that many random octets as text.
func opaque(octets int) string {
	random := make([]byte, octets)
	_, _ = rand.Read(random) // never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(random)
}
