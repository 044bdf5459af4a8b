package mailjet

import (
	"encoding/base64"
	"maps"
	"net/http"
	netmail "net/mail"
	"strconv"

	"byoe/message"
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
	// TrackOpens and TrackClicks may only be there with an HTMLPart, and that not with a TemplateID (Mailjet's guide): a
	// template is tracked as the account says.
	TextPart    string `json:",omitempty"`
	HTMLPart    string `json:",omitempty"`
	TrackOpens  string `json:",omitempty"`
	TrackClicks string `json:",omitempty"`
	*template
	Headers map[string]string
	// CustomID finds the mail by the API, EventPayload comes back in the webhooks.
	CustomID, EventPayload string
}

// template is a mail whose text lies at Mailjet. Without TemplateLanguage the variables stay unread; without
// TemplateErrorDeliver a mistake in the template keeps back, unsaid, a mail that was answered with success.
type template struct {
	TemplateID           int64
	TemplateLanguage     bool
	TemplateErrorDeliver bool
	Variables            map[string]string
}

type mailbox struct {
	Email string
	Name  string `json:",omitempty"`
}

func (p *Provider) request(s providers.Submission, sandbox bool) (httpclient.Request, error) {
	m := s.Message
	content := mail{
		From: mailboxOf(m.From), To: []mailbox{{Email: m.To.Reveal()}}, Subject: subject(m.Subject),
		Headers: map[string]string{}, CustomID: s.ID, EventPayload: m.CorrelationID,
	}
	if id := p.templateID(m); id == "" {
		content.TextPart, content.HTMLPart, content.TrackOpens, content.TrackClicks = m.Text, m.HTML, "disabled", "disabled"
	} else {
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return httpclient.Request{}, &providers.Error{Kind: providers.KindConfig, Code: "template id"}
		}
		content.template = &template{TemplateID: number, TemplateLanguage: true, TemplateErrorDeliver: true, Variables: variables(m, content.Subject)}
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

// templateID is the brand's template for this mail, or the one of the settings.
func (p *Provider) templateID(m *message.Message) string {
	if id := m.Templates[p.Name()]; id != "" {
		return id
	}
	return p.config.TemplateID
}

// variables are the message's, with the subject among them: a template's own may be written as {{var:subject}}.
func variables(m *message.Message, subject string) map[string]string {
	all := map[string]string{"subject": subject}
	maps.Copy(all, m.Variables)
	return all
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
