package resend

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// domain is one entry of GET /domains, and GET /domains/<id>.
type domain struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Status        string `json:"status"`
	OpenTracking  bool   `json:"open_tracking"`
	ClickTracking bool   `json:"click_tracking"`
}

// Examine implements [providers.Examiner]: each sender's domain and its tracking, which no mail can switch off here. A key with
// sending access alone may not ask.
func (p *Provider) Examine(ctx context.Context, senders []providers.Sender) []providers.Observation {
	var list struct {
		Data []domain `json:"data"`
	}
	if err := p.ask(ctx, "/domains", &list); err != nil {
		return []providers.Observation{providers.Unknown("domains", err)}
	}
	var found []providers.Observation
	for _, name := range providers.Domains(senders) {
		found = append(found, p.examineDomain(ctx, name, list.Data))
	}
	return found
}

func (p *Provider) examineDomain(ctx context.Context, name string, list []domain) providers.Observation {
	about := "domain " + name
	for _, listed := range list {
		if !strings.EqualFold(listed.Name, name) {
			continue
		}
		var d domain
		if err := p.ask(ctx, "/domains/"+url.PathEscape(listed.ID), &d); err != nil {
			return providers.Unknown(about, err)
		}
		return judge(about, d)
	}
	return providers.Observation{
		About: about, Grade: providers.GradeBad, Evidence: "not a domain of this team: mails from it are refused",
		Remedy: "Add the domain under Domains, and publish the records that it shows",
	}
}

func judge(about string, d domain) providers.Observation {
	switch {
	case d.Status != "verified":
		return providers.Observation{
			About: about, Grade: providers.GradeBad, Evidence: "not verified", Remedy: "Publish the records that the domain's page shows, and let Resend verify them",
		}
	case d.OpenTracking || d.ClickTracking:
		return providers.Observation{
			About: about, Grade: providers.GradeDoubtful, Evidence: "verified, and its mails are tracked: links lead over another host, and a picture tells who reads",
			Remedy: "Switch open and click tracking off in the domain's configuration: no mail can do it for itself",
		}
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "verified, tracking off"}
	}
}

func (p *Provider) ask(ctx context.Context, path string, into any) error {
	header := http.Header{"Authorization": {"Bearer " + p.config.APIKey.Reveal()}, "User-Agent": {"byoe"}}
	return httpclient.AskJSON(ctx, p.client, p.config.baseURL()+path, header, into)
}
