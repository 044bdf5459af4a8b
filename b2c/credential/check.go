// Package credential answers whether a call comes from the owner's Azure AD B2C policies: by HTTP Basic, by a key in a
// header field, or by a token that an application of theirs got (client credentials). It takes whichever of these the owner
// configured, and tells nobody what was wrong with the rest.
package credential

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"

	"byoe/auth"
)

// Refusal is a call without a credential that counts.
type Refusal struct {
	// Token is why a bearer token was refused, for the log; nil where none came or none can count.
	Token *auth.Refusal
}

// Error says as little as the answer does.
func (*Refusal) Error() string { return "credential refused" }

// Checker checks credentials. It is safe for concurrent use.
type Checker struct {
	header    string
	keys      []digest
	username  digest
	passwords []digest
	verifier  *auth.Verifier // nil where no tokens are taken
}

// New makes a checker out of valid settings (see [Config.Validate]). The transport reaches the tenant's metadata and keys;
// nil means Go's default one.
func New(c Config, transport http.RoundTripper) (*Checker, error) {
	checker := &Checker{header: c.header(), keys: digests(split(c.APIKeys)), username: digestOf(c.BasicUsername), passwords: digests(split(c.BasicPasswords))}
	if !c.bearer() {
		return checker, nil
	}
	verifier, err := auth.New(c.auth(), transport)
	if err != nil {
		return nil, err
	}
	checker.verifier = verifier
	return checker, nil
}

// Run keeps the keys of tokens at hand until ctx is done, and tells of each fetch that fails.
func (c *Checker) Run(ctx context.Context, failed func(auth.KeyFailure)) {
	if c.verifier != nil {
		c.verifier.Run(ctx, failed)
	}
}

// Ready says whether calls can be checked without waiting.
func (c *Checker) Ready() bool { return c.verifier == nil || c.verifier.Ready() }

// Check returns nil where one credential of the call counts: any that is configured will do, so that policies can change
// from one kind to another. Otherwise it is a [*Refusal], or an error that wraps [auth.ErrKeysUnavailable] where a token
// came and its tenant's keys cannot be had before ctx is done.
func (c *Checker) Check(ctx context.Context, header http.Header) error {
	if c.knowsKey(header.Values(c.header)) || c.knowsPassword(header) {
		return nil
	}
	if c.verifier == nil {
		return &Refusal{}
	}
	_, err := c.verifier.Verify(ctx, header.Values("Authorization"))
	if refusal, ok := errors.AsType[*auth.Refusal](err); ok {
		return &Refusal{Token: ours(refusal)}
	}
	return err
}

// Challenges are what a 401 asks for: every scheme that the owner configured (RFC 9110, section 11.6.1), and nothing of
// what was wrong with what came. ApiKey is no registered scheme, but a 401 has to have a challenge.
func (c *Checker) Challenges() []string {
	var challenges []string
	if len(c.passwords) > 0 {
		challenges = append(challenges, `Basic realm="byoe", charset="UTF-8"`)
	}
	if len(c.keys) > 0 {
		challenges = append(challenges, `ApiKey realm="byoe"`)
	}
	if c.verifier != nil {
		challenges = append(challenges, `Bearer realm="byoe"`)
	}
	return challenges
}

// knowsKey wants one value: of two fields, something in front of us may have looked at the other.
func (c *Checker) knowsKey(values []string) bool {
	return len(values) == 1 && among(c.keys, values[0])
}

// knowsPassword compares both parts whatever comes of the first, so that the time tells nothing of either.
func (c *Checker) knowsPassword(header http.Header) bool {
	username, password, ok := (&http.Request{Header: header}).BasicAuth()
	if !ok || len(header.Values("Authorization")) != 1 {
		return false
	}
	knownName, knownPassword := among([]digest{c.username}, username), among(c.passwords, password)
	return knownName && knownPassword
}

// ours rewords what a refused token's owner can do: the settings have other names here.
func ours(refusal *auth.Refusal) *auth.Refusal {
	reworded := *refusal
	reworded.Remedy = map[auth.Check]string{
		auth.CheckVersion:  "this is a v1 token: set api.requestedAccessTokenVersion to 2 on the app registration, or B2C_BEARER_ACCEPT_V1=true",
		auth.CheckAudience: "set B2C_BEARER_AUDIENCE to the client id of the app registration that the policies ask a token for",
		auth.CheckCaller:   "add the application that got the token to B2C_BEARER_ALLOWED_APPS",
		auth.CheckTenant:   "set B2C_BEARER_TENANT_ID to the GUID of the tenant that issues the token",
	}[refusal.Check]
	return &reworded
}

// digest stands for a secret: two of them are compared in the same time whatever their lengths were.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

func digests(secrets []string) []digest {
	all := make([]digest, len(secrets))
	for i, secret := range secrets {
		all[i] = digestOf(secret)
	}
	return all
}

// among says whether a secret is one of the known, having looked at each.
func among(known []digest, secret string) bool {
	given, found := digestOf(secret), 0
	for _, one := range known {
		found |= subtle.ConstantTimeCompare(one[:], given[:])
	}
	return found == 1
}
