package sendgrid

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// Examine implements [providers.Examiner]: what the key may do, which it may always ask, and which domains are authenticated,
// which a key for sending alone may not. Tracking needs no look: each mail switches it off.
func (p *Provider) Examine(ctx context.Context, senders []providers.Sender) []providers.Observation {
	found := []providers.Observation{p.examineScopes(ctx)}
	for _, domain := range providers.Domains(senders) {
		found = append(found, p.examineDomain(ctx, domain))
	}
	return found
}

func (p *Provider) examineScopes(ctx context.Context) providers.Observation {
	const about = "permissions"
	var answer struct {
		Scopes []string `json:"scopes"`
	}
	if err := p.ask(ctx, "/v3/scopes", &answer); err != nil {
		return providers.Unknown(about, err)
	}
	switch {
	case !slices.Contains(answer.Scopes, "mail.send"):
		return providers.Observation{
			About: about, Grade: providers.GradeBad, Evidence: "the key has no mail.send",
			Remedy: "Give it the permission Mail Send under Settings, API Keys",
		}
	case slices.ContainsFunc(answer.Scopes, func(scope string) bool { return strings.HasPrefix(scope, "api_keys.") }):
		// Whoever reads the app's settings could make keys of their own with it.
		return providers.Observation{
			About: about, Grade: providers.GradeDoubtful, Evidence: "the key may send, and do much else: it may even make keys",
			Remedy: "Make a key with Restricted Access and Mail Send alone",
		}
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "the key may send"}
	}
}

func (p *Provider) examineDomain(ctx context.Context, domain string) providers.Observation {
	about := "domain " + domain
	var answer []struct {
		Domain string `json:"domain"`
		Valid  bool   `json:"valid"`
	}
	if err := p.ask(ctx, "/v3/whitelabel/domains?limit=50&domain="+url.QueryEscape(domain), &answer); err != nil {
		return providers.Unknown(about, err)
	}
	const remedy = "Authenticate the domain under Settings, Sender Authentication, and publish the records that it shows"
	for _, d := range answer {
		if !strings.EqualFold(d.Domain, domain) {
			continue
		}
		if d.Valid {
			return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "authenticated"}
		}
		return providers.Observation{About: about, Grade: providers.GradeBad, Evidence: "SendGrid does not find the domain's records", Remedy: remedy}
	}
	return providers.Observation{
		About: about, Grade: providers.GradeDoubtful, Evidence: "not among the authenticated domains of this account", Remedy: remedy,
	}
}

func (p *Provider) ask(ctx context.Context, path string, into any) error {
	header := http.Header{"Authorization": {"Bearer " + p.config.APIKey.Reveal()}}
	return httpclient.AskJSON(ctx, p.http, p.config.baseURL()+path, header, into)
}
