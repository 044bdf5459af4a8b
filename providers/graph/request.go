package graph

import (
	"net/http"
	netmail "net/mail"
	"net/url"
	"strings"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// maxHeaders is how many header fields Graph takes (learn.microsoft.com, internetMessageHeader).
const maxHeaders = 5

// sendMail is the body of /users/{id}/sendMail.
type sendMail struct {
	Message mail `json:"message"`
	// SaveToSentItems false keeps the codes out of the mailbox.
	SaveToSentItems bool `json:"saveToSentItems"`
}

type mail struct {
	Subject                string      `json:"subject"`
	Body                   body        `json:"body"`
	From                   recipient   `json:"from"`
	ToRecipients           []recipient `json:"toRecipients"`
	ReplyTo                []recipient `json:"replyTo,omitempty"`
	InternetMessageHeaders []header    `json:"internetMessageHeaders,omitempty"`
}

type body struct {
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

type recipient struct {
	EmailAddress address `json:"emailAddress"`
}

type address struct {
	Address string `json:"address"`
	Name    string `json:"name,omitempty"`
}

type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (p *Provider) request(s providers.Submission, to []recipient, token string) (httpclient.Request, error) {
	m := s.Message
	content := mail{
		Subject: providers.HeaderText(m.Subject), Body: body{ContentType: "HTML", Content: m.HTML},
		From: recipientOf(m.From), ToRecipients: to, InternetMessageHeaders: headers(s),
	}
	if m.ReplyTo != nil {
		content.ReplyTo = []recipient{recipientOf(*m.ReplyTo)}
	}
	clientRequestID := s.ID
	if config.IsGUID(m.CorrelationID) {
		clientRequestID = m.CorrelationID
	}
	return httpclient.JSONRequest(p.config.baseURL()+"/v1.0/users/"+url.PathEscape(p.config.User)+"/sendMail", http.Header{
		"Authorization":     {"Bearer " + token},
		"Client-Request-Id": {clientRequestID}, // in Graph's activity log
	}, sendMail{Message: content})
}

func recipientOf(mailbox netmail.Address) recipient {
	return recipient{EmailAddress: address{Address: mailbox.Address, Name: providers.HeaderText(mailbox.Name)}}
}

// headers are those that Graph takes; any other one would cost the mail (ErrorInvalidInternetHeaderName).
func headers(s providers.Submission) []header {
	var taken []header
	for _, field := range s.Headers() {
		if strings.HasPrefix(strings.ToLower(field.Name), "x-") && len(taken) < maxHeaders {
			taken = append(taken, header{field.Name, providers.HeaderText(field.Value)})
		}
	}
	return taken
}
