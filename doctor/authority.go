package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"byoe/auth"
)

const groupAuthority = "authority"

// Metadata is the name of the check that others need, for [Check.After].
const Metadata = "metadata"

// Authority looks at what the tenants publish, with the code by which the webhook reads it. The settings must be valid.
func Authority(c auth.Config, transport *Transport) []Check {
	var published []auth.Published // written by the first check, which the second waits for
	return []Check{
		{ID: Metadata, Title: "Metadata", Group: groupAuthority, Look: func(ctx context.Context) []Result {
			w := transport.web()
			defer w.close()
			published = auth.Inspect(ctx, c, w.client.Transport)
			return eachTenant(published, judgeMetadata)
		}},
		{ID: "keys", Title: "Signing keys", Group: groupAuthority, After: []string{Metadata}, Look: func(context.Context) []Result {
			return eachTenant(published, judgeKeys)
		}},
	}
}

func eachTenant(published []auth.Published, judge func(auth.Published) Result) []Result {
	found := make([]Result, len(published))
	for i, p := range published {
		found[i] = judge(p)
		if len(published) > 1 {
			found[i].Evidence = "tenant " + p.TenantID + ": " + found[i].Evidence
		}
	}
	return found
}

// judgeMetadata wants the issuer to be of this tenant: https://<GUID>.ciamlogin.com/<GUID>/v2.0 is what real tokens of an
// external tenant have, whatever the documentation shows.
func judgeMetadata(p auth.Published) Result {
	const mend = "Leave ENTRA_AUTHORITY out for the public cloud, and give ENTRA_TENANT_ID the external tenant's GUID"
	issuer := printable(p.Issuer)
	switch {
	case p.Err != nil && p.Issuer == "":
		return fail("cannot be had from "+hostOf(p.Authority)+": "+fetchError(p.Err), "Let this machine reach that host over https. "+mend)
	case !strings.Contains(strings.ToLower(p.Issuer), p.TenantID):
		return fail("the issuer "+issuer+" is not of the tenant "+p.TenantID, mend)
	case slices.Contains(p.Issuers, p.Issuer), strings.TrimSuffix(p.Authority, "/") == p.Issuer:
		return ok("issuer " + issuer)
	default:
		return warn("the issuer "+issuer+" is neither the authority nor one that Entra's tokens are known to have",
			"Compare it with the iss of a real call in the webhook's log, and add that to ENTRA_ISSUERS where they differ")
	}
}

func judgeKeys(p auth.Published) Result {
	switch {
	case p.Err != nil:
		return fail(fetchError(p.Err), "Let this machine reach the host that jwks_uri names; without keys every call is answered 503")
	case p.Keys == 0:
		return fail("none that RS256 can use", "See that ENTRA_AUTHORITY is Entra's own")
	default:
		return ok(plural(p.Keys, "key") + " that RS256 can use")
	}
}

// fetchError keeps what auth says of its own and puts a word in the place of a network error, which holds the URL.
func fetchError(err error) string {
	text := err.Error()
	for _, known := range []string{"status ", "jwks_uri", "not the JSON", "larger than", "no usable key"} {
		if strings.Contains(text, known) {
			return text
		}
	}
	return why(err)
}

// metadata is the part of a tenant's metadata that leads to a token.
type metadata struct {
	TokenEndpoint string `json:"token_endpoint"`
}

// tokenEndpoint finds where the tenant gives tokens.
func tokenEndpoint(ctx context.Context, w *web, authority string) (string, error) {
	r, err := w.ask(ctx, http.MethodGet, strings.TrimSuffix(authority, "/")+"/.well-known/openid-configuration", nil, nil)
	if err != nil {
		return "", err
	}
	var m metadata
	if r.status != http.StatusOK || json.Unmarshal(r.body, &m) != nil || m.TokenEndpoint == "" {
		return "", fmt.Errorf("status %d", r.status)
	}
	return m.TokenEndpoint, nil
}
