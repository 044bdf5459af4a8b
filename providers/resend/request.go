package resend

import (
	"net/http"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// mail is the body of POST /emails. topic_id is left out on purpose: it adds a link by which a person unsubscribes from
// codes.
type mail struct {
	From    string            `json:"from"`
	To      []string          `json:"to"`
	ReplyTo string            `json:"reply_to,omitempty"`
	Subject string            `json:"subject"`
	HTML    string            `json:"html"`
	Text    string            `json:"text"`
	Headers map[string]string `json:"headers"`
	Tags    []tag             `json:"tags,omitempty"`
}

type tag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// request returns the request for one mail to one recipient. A second one for the same submission has the same body byte
// for byte; Resend refuses a key that comes with another.
func (p *Provider) request(s providers.Submission, to, key string) (httpclient.Request, error) {
	m := s.Message
	body := mail{
		From: providers.Mailbox(m.From), To: []string{to}, Subject: providers.HeaderText(m.Subject),
		HTML: m.HTML, Text: m.Text, Headers: map[string]string{}, Tags: tags(s),
	}
	if m.ReplyTo != nil {
		body.ReplyTo = providers.Mailbox(*m.ReplyTo)
	}
	for _, header := range s.Headers() {
		body.Headers[header.Name] = providers.HeaderText(header.Value)
	}
	return httpclient.JSONRequest(p.config.baseURL()+"/emails", http.Header{
		"Authorization":   {"Bearer " + p.config.APIKey.Reveal()},
		"Idempotency-Key": {key},
		"User-Agent":      {"byoe"}, // the vendor's front refuses a request without one
	}, body)
}

// tags are what the dashboard and the event webhooks show of the mail. An empty value is refused by Resend.
func tags(s providers.Submission) []tag {
	var tags []tag
	for _, t := range []tag{{"correlation_id", s.Message.CorrelationID}, {"submission_id", s.ID}} {
		if t.Value = providers.TagValue(t.Value); t.Value != "" {
			tags = append(tags, t)
		}
	}
	return tags
}
