package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	netmail "net/mail"
	"strconv"
	"time"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// The types of event. An endpoint sends the mail of the first, and only looks at that of the second.
const (
	typeSend  = "mail.send"
	typeCheck = "mail.check"
)

// event is the body, in the form that Standard Webhooks recommend.
type event struct {
	Type string `json:"type"`
	// Timestamp is when the delivery began: the same in each attempt, so that the body is.
	Timestamp string `json:"timestamp"`
	Data      mail   `json:"data"`
}

type mail struct {
	ID            string            `json:"id"`
	CorrelationID string            `json:"correlationId"`
	From          mailbox           `json:"from"`
	ReplyTo       *mailbox          `json:"replyTo,omitempty"`
	To            string            `json:"to"`
	Subject       string            `json:"subject"`
	Text          string            `json:"text"`
	HTML          string            `json:"html"`
	Headers       []header          `json:"headers"`
	Variables     map[string]string `json:"variables"`
}

type mailbox struct {
	Address string `json:"address"`
	Name    string `json:"name"`
}

type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// request returns the signed request for one mail. The signature is made of the time of the attempt, because a receiver
// refuses one that is some minutes old, and of the body as it stands on the wire.
func (p *Provider) request(kind string, s providers.Submission, now time.Time) (httpclient.Request, error) {
	began := s.Began
	if began.IsZero() {
		began = now
	}
	request, err := httpclient.JSONRequest(p.url, http.Header{}, event{
		Type: kind, Timestamp: began.UTC().Format(time.RFC3339), Data: mailOf(s),
	})
	if err != nil {
		return httpclient.Request{}, err
	}
	timestamp := strconv.FormatInt(now.Unix(), 10)
	request.Header.Set("Webhook-Id", s.ID)
	request.Header.Set("Webhook-Timestamp", timestamp)
	request.Header.Set("Webhook-Signature", sign(p.key, s.ID, timestamp, request.Body))
	return request, nil
}

// sign returns the symmetric signature of Standard Webhooks, version 1.
func sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func mailOf(s providers.Submission) mail {
	m := s.Message
	content := mail{
		ID: s.ID, CorrelationID: m.CorrelationID,
		From: mailboxOf(m.From), To: m.To.Reveal(),
		Subject: providers.HeaderText(m.Subject), Text: m.Text, HTML: m.HTML,
		Headers: headersOf(s.Headers()), Variables: m.Variables,
	}
	if m.ReplyTo != nil {
		replyTo := mailboxOf(*m.ReplyTo)
		content.ReplyTo = &replyTo
	}
	if content.Variables == nil {
		content.Variables = map[string]string{} // an object for the receiver, never null
	}
	return content
}

func mailboxOf(address netmail.Address) mailbox {
	return mailbox{Address: address.Address, Name: providers.HeaderText(address.Name)}
}

func headersOf(fields []message.Header) []header {
	headers := make([]header, len(fields))
	for i, field := range fields {
		headers[i] = header{Name: field.Name, Value: providers.HeaderText(field.Value)}
	}
	return headers
}
