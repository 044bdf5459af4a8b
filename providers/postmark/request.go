package postmark

import (
	"net/http"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// maxMetadata is the longest metadata value that Postmark takes, in characters.
const maxMetadata = 80

// mail is the body of POST /email.
type mail struct {
	From          string
	To            string
	ReplyTo       string `json:",omitempty"`
	Subject       string
	HtmlBody      string
	TextBody      string
	Headers       []field
	TrackOpens    bool
	TrackLinks    string
	MessageStream string
	Metadata      map[string]string
}

type field struct{ Name, Value string }

func (p *Provider) request(s providers.Submission, token string) (httpclient.Request, error) {
	m := s.Message
	body := mail{
		From: providers.Mailbox(m.From), To: m.To.Reveal(), Subject: providers.HeaderText(m.Subject),
		HtmlBody: m.HTML, TextBody: m.Text,
		TrackOpens: false, TrackLinks: "None", MessageStream: p.config.stream(),
		Metadata: map[string]string{
			"correlation_id": m.CorrelationID[:min(len(m.CorrelationID), maxMetadata)], "submission_id": s.ID,
		},
	}
	if m.ReplyTo != nil {
		body.ReplyTo = providers.Mailbox(*m.ReplyTo)
	}
	for _, header := range s.Headers() {
		body.Headers = append(body.Headers, field{header.Name, providers.HeaderText(header.Value)})
	}
	return httpclient.JSONRequest(p.config.baseURL()+"/email", header(token), body)
}

func header(token string) http.Header {
	return http.Header{"Accept": {"application/json"}, "X-Postmark-Server-Token": {token}}
}
