package postmark

import (
	"context"
	"net/url"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// Examine implements [providers.Examiner]: the server and its message stream. Domains and credits belong to the account, whose
// token byoe does not have.
func (p *Provider) Examine(ctx context.Context, _ []providers.Sender) []providers.Observation {
	return append(p.examineServer(ctx), p.examineStream(ctx))
}

func (p *Provider) examineServer(ctx context.Context) []providers.Observation {
	var server struct {
		DeliveryType string
		TrackOpens   bool
		TrackLinks   string
	}
	if err := p.ask(ctx, "/server", &server); err != nil {
		return []providers.Observation{providers.Unknown("server", err)}
	}
	delivery := providers.Observation{About: "server", Grade: providers.GradeGood, Evidence: "a live server"}
	if server.DeliveryType == "Sandbox" {
		delivery = providers.Observation{
			About: "server", Grade: providers.GradeBad, Evidence: "a sandbox server: it takes mails and delivers none",
			Remedy: "Give the token of a live server",
		}
	}
	tracking := providers.Observation{About: "tracking", Grade: providers.GradeGood, Evidence: "off"}
	if server.TrackOpens || server.TrackLinks != "" && server.TrackLinks != "None" {
		tracking = providers.Observation{
			About: "tracking", Grade: providers.GradeDoubtful, Evidence: "on for the server; only each of byoe's mails says otherwise",
			Remedy: "Switch it off in the server's settings, or give codes a server of their own",
		}
	}
	return []providers.Observation{delivery, tracking}
}

func (p *Provider) examineStream(ctx context.Context) providers.Observation {
	const about = "message stream"
	var stream struct {
		MessageStreamType string
		ArchivedAt        *string
	}
	if err := p.ask(ctx, "/message-streams/"+url.PathEscape(p.config.stream()), &stream); err != nil {
		return providers.Unknown(about, err)
	}
	bad := func(evidence string) providers.Observation {
		return providers.Observation{
			About: about, Grade: providers.GradeBad, Evidence: evidence, Remedy: "Name a transactional stream in POSTMARK_MESSAGE_STREAM, such as outbound",
		}
	}
	switch {
	case stream.ArchivedAt != nil:
		return bad("archived")
	case stream.MessageStreamType != "Transactional":
		return bad("not a transactional one: people can unsubscribe from it")
	default:
		return providers.Observation{About: about, Grade: providers.GradeGood, Evidence: "transactional"}
	}
}

func (p *Provider) ask(ctx context.Context, path string, into any) error {
	return httpclient.AskJSON(ctx, p.client, p.config.baseURL()+path, header(p.config.ServerToken.Reveal()), into)
}
