package mailbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// sendGridRequest is the body of POST /v3/mail/send (SendGrid's API description, tsg_mail_v3), as far as it is looked at.
type sendGridRequest struct {
	Personalizations []personalization `json:"personalizations"`
	From             *sendGridAddress  `json:"from"`
	ReplyTo          *sendGridAddress  `json:"reply_to"`
	Subject          string            `json:"subject"`
	Content          []sendGridContent `json:"content"`
	Headers          map[string]string `json:"headers"`
	TemplateID       string            `json:"template_id"`
	MailSettings     struct {
		SandboxMode struct {
			Enable bool `json:"enable"`
		} `json:"sandbox_mode"`
	} `json:"mail_settings"`
}

// personalization is one mail of a request: whom it goes to, and what differs from the others.
type personalization struct {
	To                  []sendGridAddress `json:"to"`
	CC                  []sendGridAddress `json:"cc"`
	BCC                 []sendGridAddress `json:"bcc"`
	Subject             string            `json:"subject"`
	Headers             map[string]string `json:"headers"`
	DynamicTemplateData json.RawMessage   `json:"dynamic_template_data"`
	// CustomArgs come back in SendGrid's event webhook and stand in no mail.
	CustomArgs map[string]string `json:"custom_args"`
}

type sendGridAddress struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

type sendGridContent struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// recipients returns everybody, in the request's order.
func (r sendGridRequest) recipients() []string {
	var recipients []string
	for _, p := range r.Personalizations {
		recipients = append(recipients, p.recipients()...)
	}
	return recipients
}

func (p personalization) recipients() []string {
	var recipients []string
	for _, list := range [][]sendGridAddress{p.To, p.CC, p.BCC} {
		for _, address := range list {
			recipients = append(recipients, address.Email)
		}
	}
	return recipients
}

// mails writes the request's mails, one for each personalization, as SendGrid sends them. The request must have been
// checked. id is what the answer says.
func (r sendGridRequest) mails(id string) []Mail {
	mails := make([]Mail, 0, len(r.Personalizations))
	for _, p := range r.Personalizations {
		l := letter{
			id: id, date: time.Now(), from: *r.From, to: p.To, cc: p.CC, subject: cmp.Or(p.Subject, r.Subject),
			headers: mergeHeaders(r.Headers, p.Headers), parts: r.Content,
		}
		if r.ReplyTo != nil {
			l.replyTo = []sendGridAddress{*r.ReplyTo}
		}
		if len(l.parts) == 0 {
			l.subject = cmp.Or(l.subject, "(the template's own subject)")
			l.parts = []sendGridContent{{Type: "text/plain", Value: templateText(r.TemplateID, p.DynamicTemplateData)}}
		}
		mails = append(mails, receive(SendGrid, r.From.Email, p.recipients(), l.raw()))
	}
	return mails
}

// mergeHeaders returns the fields by name: what a personalization says goes before what the whole request says.
func mergeHeaders(all, own map[string]string) []Header {
	fields := make(map[string]Header)
	for _, headers := range []map[string]string{all, own} {
		for _, name := range slices.Sorted(maps.Keys(headers)) {
			fields[strings.ToLower(name)] = Header{Name: name, Value: headers[name]}
		}
	}
	merged := make([]Header, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		merged = append(merged, fields[name])
	}
	return merged
}

// templateText stands for a mail whose words SendGrid keeps. The data come first: the code is looked for from the top, and
// a template's id has runs of digits too.
func templateText(id string, data json.RawMessage) string {
	var text bytes.Buffer
	if isNone(data) || json.Indent(&text, data, "", "  ") != nil {
		text.Reset()
		text.WriteString("{}")
	}
	return valid(text.String()) + "\n\nSendGrid would put these data into its dynamic template\n" + id + "\n"
}
