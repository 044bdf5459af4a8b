package mailgun

import (
	"context"
	"net/http"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// Examine implements [providers.Examiner]: the sending domain and its tracking. The key of a domain alone, which is the right
// one to have, may ask for neither.
func (p *Provider) Examine(ctx context.Context, _ []providers.Sender) []providers.Observation {
	return []providers.Observation{p.examineDomain(ctx), p.examineTracking(ctx)}
}

func (p *Provider) examineDomain(ctx context.Context) providers.Observation {
	about := "domain " + p.config.Domain
	var answer struct {
		Domain struct {
			State      string `json:"state"`
			Type       string `json:"type"`
			IsDisabled bool   `json:"is_disabled"`
		} `json:"domain"`
		Records []struct {
			Valid string `json:"valid"`
		} `json:"sending_dns_records"`
	}
	if err := p.ask(ctx, "/v4/domains/"+p.config.Domain, &answer); err != nil {
		return providers.Unknown(about, err)
	}
	missing := 0
	for _, record := range answer.Records {
		if record.Valid != "valid" {
			missing++
		}
	}
	domain := answer.Domain
	switch {
	case domain.IsDisabled || domain.State == "disabled":
		return providers.Observation{About: about, Grade: providers.GradeBad, Evidence: "disabled", Remedy: "Ask Mailgun's support why"}
	case domain.Type == "sandbox":
		return providers.Observation{
			About: about, Grade: providers.GradeBad, Evidence: "a sandbox domain: it mails to authorized recipients only", Remedy: "Add and verify a domain of your own",
		}
	case domain.State != "active" || missing > 0:
		return providers.Observation{
			About: about, Grade: providers.GradeDoubtful, Evidence: "not all of its records are found", Remedy: "Publish the records that the domain's page shows, and let Mailgun check them",
		}
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "active, with all its records"}
	}
}

// examineTracking: the footer by which a person unsubscribes is the worst of the three, because it ends later codes.
func (p *Provider) examineTracking(ctx context.Context) providers.Observation {
	type kind struct {
		Active bool `json:"active"`
	}
	var answer struct {
		Tracking struct {
			Open        kind `json:"open"`
			Click       kind `json:"click"`
			Unsubscribe kind `json:"unsubscribe"`
		} `json:"tracking"`
	}
	const about, remedy = "tracking", "Switch it off in the domain's settings"
	if err := p.ask(ctx, "/v3/domains/"+p.config.Domain+"/tracking", &answer); err != nil {
		return providers.Unknown(about, err)
	}
	switch t := answer.Tracking; {
	case t.Unsubscribe.Active:
		return providers.Observation{
			About: about, Grade: providers.GradeDoubtful, Evidence: "mails get a link to unsubscribe, and whoever follows it gets no more codes", Remedy: remedy,
		}
	case t.Open.Active || t.Click.Active:
		return providers.Observation{
			About: about, Grade: providers.GradeDoubtful, Evidence: "on for the domain; only each of byoe's mails says otherwise", Remedy: remedy,
		}
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "off"}
	}
}

func (p *Provider) ask(ctx context.Context, path string, into any) error {
	return httpclient.AskJSON(ctx, p.client, p.config.baseURL()+path, http.Header{"Authorization": {p.authorization()}}, into)
}
