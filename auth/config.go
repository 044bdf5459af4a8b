package auth

import (
	"net/url"
	"slices"
	"strings"

	"byoe/config"
)

// tenantPlaceholder stands for the tenant's GUID in ENTRA_AUTHORITY.
const tenantPlaceholder = "{tenant}"

// Config is what the owner says about their tenants.
type Config struct {
	TenantIDs   []string `env:"ENTRA_TENANT_ID" desc:"Tenant GUID of the External ID tenant; several, comma-separated"`
	Audiences   []string `env:"ENTRA_AUDIENCE" desc:"Client id of the app registration that protects the endpoint, or api://host/<id>; one for all tenants, or one per tenant by position"`
	Authority   string   `env:"ENTRA_AUTHORITY" envDefault:"https://{tenant}.ciamlogin.com/{tenant}/v2.0" desc:"Where the tenant's metadata is, at <authority>/.well-known/openid-configuration; plain http only on loopback"`
	Issuers     []string `env:"ENTRA_ISSUERS" desc:"Extra accepted iss values, comma-separated"`
	CallerAppID string   `env:"ENTRA_CALLER_APP_ID" envDefault:"99045fe1-7639-4a75-9d4a-577b6ca3810f" desc:"Application that may call (azp, v1 appid); the default is Entra's own in the public cloud"`
	AcceptV1    bool     `env:"ENTRA_ACCEPT_V1" envDefault:"false" desc:"Accept v1 tokens too"`

	// MoreCallers may call too. Only Entra's one application calls Entra's endpoint, so there is no setting for it.
	MoreCallers []string
}

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	return slices.Concat(c.tenantProblems(), c.audienceProblems(), c.authorityProblems(), c.callerProblems())
}

func (c Config) tenantProblems() config.Problems {
	const setting = "ENTRA_TENANT_ID"
	if len(c.TenantIDs) == 0 {
		return config.Problems{{Setting: setting, What: "not set", Remedy: "Give the tenant GUID from the overview page of your External ID tenant"}}
	}
	var problems config.Problems
	for _, id := range c.TenantIDs {
		if !config.IsGUID(id) {
			problems = append(problems, config.Problem{Setting: setting, What: "not a GUID", Remedy: "Give the tenant's GUID, not its name or domain"})
		}
	}
	return problems
}

func (c Config) audienceProblems() config.Problems {
	const setting = "ENTRA_AUDIENCE"
	if len(c.Audiences) == 0 {
		return config.Problems{{Setting: setting, What: "not set", Remedy: "Give the client id of the app registration that the custom authentication extension uses"}}
	}
	var problems config.Problems
	for _, audience := range c.Audiences {
		if !config.IsGUID(audienceID(audience)) {
			problems = append(problems, config.Problem{Setting: setting, What: "neither a GUID nor api://host/<GUID>", Remedy: "Give the app registration's client id"})
		}
	}
	if len(c.Audiences) != 1 && len(c.Audiences) != len(c.TenantIDs) {
		problems = append(problems, config.Problem{Setting: setting, What: "neither one value nor as many as ENTRA_TENANT_ID has", Remedy: "Give one audience for all tenants, or one for each in the same order"})
	}
	return problems
}

func (c Config) authorityProblems() config.Problems {
	problem := func(what string) config.Problems {
		return config.Problems{{Setting: "ENTRA_AUTHORITY", What: what, Remedy: "Leave it out for the public cloud, or give a URL such as https://login.example/{tenant}/v2.0"}}
	}
	u, err := url.Parse(strings.ReplaceAll(c.Authority, tenantPlaceholder, "tenant"))
	if err != nil || u.Host == "" {
		return problem("not a URL")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return problem("has a user, a query or a fragment")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !config.IsLoopback(u.Hostname())) {
		return problem("not https (plain http is for loopback only)")
	}
	if len(c.TenantIDs) > 1 && !strings.Contains(c.Authority, tenantPlaceholder) {
		return problem("has no {tenant} in it, but there are several tenants")
	}
	return nil
}

func (c Config) callerProblems() config.Problems {
	if config.IsGUID(c.CallerAppID) && !slices.ContainsFunc(c.MoreCallers, func(id string) bool { return !config.IsGUID(id) }) {
		return nil
	}
	return config.Problems{{Setting: "ENTRA_CALLER_APP_ID", What: "not a GUID", Remedy: "Leave it out for the public cloud"}}
}

// audience returns the client id that tokens for the tenant at position i are made for.
func (c Config) audience(i int) string {
	if len(c.Audiences) == 1 {
		i = 0
	}
	return audienceID(c.Audiences[i])
}

// audienceID strips api://host/ (or api:// alone, the portal's own proposal) from an App ID URI: what is left is the
// client id.
func audienceID(audience string) string {
	uri, isURI := strings.CutPrefix(audience, "api://")
	if !isURI {
		return strings.ToLower(audience)
	}
	host, id, hasPath := strings.Cut(uri, "/")
	if !hasPath {
		return strings.ToLower(host)
	}
	return strings.ToLower(id)
}
