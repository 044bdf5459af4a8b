package mailjet

import (
	"encoding/base64"
	"net/http"
	netmail "net/mail"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// maxSubject is the longest subject that Mailjet takes, in characters. The code stands at its start and is never cut.
const maxSubject = 255

// send is the body of POST /v3.1/send. SandboxMode belongs here and not into the message.
type send struct {
	SandboxMode bool `json:",omitempty"`
	Messages    []mail
}

type mail struct {
	From    mailbox
	To      []mailbox
	ReplyTo *mailbox `json:",omitempty"`
	Subject string
	// TrackOpens and TrackClicks may only be there with an HTMLPart (Mailjet's guide).
	TextPart, HTMLPart      string
	TrackOpens, TrackClicks string
	Headers                 map[string]string
	// CustomID finds the mail by the API, EventPayload comes back in the webhooks.
	CustomID, EventPayload string
}

type mailbox struct {
	Email string
	Name  string `json:",omitempty"`
}

func (p *Provider) request(s providers.Submission, sandbox bool) (httpclient.Request, error) {
	m := s.Message
	content := mail{
		From: mailboxOf(m.From), To: []mailbox{{Email: m.To.Reveal()}}, Subject: subject(m.Subject),
		TextPart: m.Text, HTMLPart: m.HTML, TrackOpens: "disabled", TrackClicks: "disabled",
		Headers: map[string]string{}, CustomID: s.ID, EventPayload: m.CorrelationID,
	}
	if m.ReplyTo != nil {
		replyTo := mailboxOf(*m.ReplyTo)
		content.ReplyTo = &replyTo
	}
	for _, header := range s.Headers() {
		content.Headers[header.Name] = providers.HeaderText(header.Value)
	}
	return httpclient.JSONRequest(p.config.baseURL()+"/v3.1/send", http.Header{"Authorization": {p.authorization()}},
		send{SandboxMode: sandbox, Messages: []mail{content}})
}

func mailboxOf(address netmail.Address) mailbox {
	return mailbox{Email: address.Address, Name: providers.HeaderText(address.Name)}
}

func subject(text string) string {
	runes := []rune(providers.HeaderText(text))
	return string(runes[:min(len(runes), maxSubject)])
}

func (p *Provider) authorization() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(p.config.APIKey.Reveal()+":"+p.config.SecretKey.Reveal()))
}
