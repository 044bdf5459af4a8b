package auth

import (
	"context"
	"net/http"
	"strings"
)

// Published is what a tenant's metadata and key document hold at this moment, as a [Verifier] would read them.
type Published struct {
	// TenantID is in lower case; Authority has it in the place of {tenant}.
	TenantID, Authority string
	// Issuer is what the metadata says. Tokens are taken with it, with those of Issuers, and with no other.
	Issuer  string
	Issuers []string
	// Keys is how many keys can vouch for a token: RSA of 2048 bits or more, with an id, for signatures.
	Keys int
	// Err is why there is nothing; its text is fit for a log.
	Err error
}

// Inspect fetches what every tenant publishes, once, and keeps nothing. The settings must be valid.
func Inspect(ctx context.Context, c Config, transport http.RoundTripper) []Published {
	found := make([]Published, len(c.TenantIDs))
	for i, tenantID := range c.TenantIDs {
		id := strings.ToLower(tenantID)
		p := Published{TenantID: id, Authority: strings.ReplaceAll(c.Authority, tenantPlaceholder, id)}
		p.Issuers = append(knownIssuers(id, c.AcceptV1), c.Issuers...)
		got, err := newDiscovery(p.Authority, transport).fetch(ctx)
		p.Issuer, p.Err = got.issuer, err
		for _, key := range got.keys {
			if use := string(key.Marshal().USE); use == "" || use == "sig" {
				p.Keys++
			}
		}
		found[i] = p
	}
	return found
}
