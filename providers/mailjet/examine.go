package mailjet

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// Examine implements [providers.Examiner]: the state of each sender's domain as Mailjet finds it in the DNS, and whether the
// sender is active. Tracking needs no look: each mail switches it off.
func (p *Provider) Examine(ctx context.Context, senders []providers.Sender) []providers.Observation {
	var found []providers.Observation
	for _, domain := range providers.Domains(senders) {
		found = append(found, p.examineSenders(ctx, domain), p.examineRecords(ctx, domain))
	}
	return found
}

func (p *Provider) examineSenders(ctx context.Context, domain string) providers.Observation {
	about := "sender at " + domain
	var answer struct {
		Data []struct{ Status string }
	}
	if err := p.ask(ctx, "/v3/REST/sender?Limit=100&Domain="+url.QueryEscape(domain), &answer); err != nil {
		return providers.Unknown(about, err)
	}
	for _, sender := range answer.Data {
		if sender.Status == "Active" {
			return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "active"}
		}
	}
	return providers.Observation{
		About: about, Grade: providers.GradeBad, Evidence: "no active sender of this domain", Remedy: "Add the domain under Sender domains & addresses, and validate it",
	}
}

func (p *Provider) examineRecords(ctx context.Context, domain string) providers.Observation {
	about := "domain " + domain
	var answer struct {
		Data []struct{ DKIMStatus, SPFStatus string }
	}
	if err := p.ask(ctx, "/v3/REST/dns/"+url.PathEscape(domain), &answer); err != nil {
		return providers.Unknown(about, err)
	}
	const remedy = "Publish the records that the domain's authentication page shows, and let Mailjet check them again"
	switch {
	case len(answer.Data) != 1:
		return providers.Observation{About: about, Grade: providers.GradeDoubtful, Evidence: "Mailjet does not know the domain", Remedy: remedy}
	case !strings.EqualFold(answer.Data[0].DKIMStatus, "OK"):
		return providers.Observation{About: about, Grade: providers.GradeBad, Evidence: "Mailjet does not find its DKIM key", Remedy: remedy}
	case !strings.EqualFold(answer.Data[0].SPFStatus, "OK"):
		return providers.Observation{About: about, Grade: providers.GradeDoubtful, Evidence: "DKIM in order; Mailjet does not find its SPF record", Remedy: remedy}
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "DKIM and SPF in order"}
	}
}

func (p *Provider) ask(ctx context.Context, path string, into any) error {
	return httpclient.AskJSON(ctx, p.client, p.config.baseURL()+path, http.Header{"Authorization": {p.authorization()}}, into)
}
