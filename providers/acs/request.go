package acs

import (
	"context"
	"maps"
	"net/http"
	"time"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// mail is the body of emails:send.
type mail struct {
	Headers       map[string]string `json:"headers"`
	SenderAddress string            `json:"senderAddress"`
	Content       content           `json:"content"`
	Recipients    recipients        `json:"recipients"`
	ReplyTo       []address         `json:"replyTo,omitempty"`
	// TrackingDisabled goes before what the resource says.
	TrackingDisabled bool `json:"userEngagementTrackingDisabled"`
}

type content struct {
	Subject   string `json:"subject"`
	PlainText string `json:"plainText"`
	HTML      string `json:"html"`
}

type recipients struct {
	To []address `json:"to"`
}

type address struct {
	Address     string `json:"address"`
	DisplayName string `json:"displayName,omitempty"`
}

// request returns the signed request for one mail. The service takes no name for the sender: it has the one that the domain's
// MailFrom address was given.
//
// The submission's id goes three ways: as the operation's id, by which the mail is found again, and with its moment as a
// repeatable request (OASIS), under which the service does not send a second time for five minutes.
func (p *Provider) request(ctx context.Context, s providers.Submission, now time.Time) (httpclient.Request, error) {
	const target = "/emails:send?api-version=" + apiVersion
	began := s.Began
	if began.IsZero() {
		began = now
	}
	request, err := httpclient.JSONRequest(p.account.endpoint+target, http.Header{
		"Operation-Id":                  {s.ID},
		"Repeatability-Request-Id":      {s.ID},
		"Repeatability-First-Sent":      {began.UTC().Format(http.TimeFormat)},
		"X-Ms-Client-Request-Id":        {clientRequestID(s)},
		"X-Ms-Return-Client-Request-Id": {"true"},
	}, mailOf(s))
	if err != nil {
		return httpclient.Request{}, err
	}
	authorization, err := p.authorize(ctx, http.MethodPost, target, request.Body, now)
	if err != nil {
		return httpclient.Request{}, err
	}
	maps.Copy(request.Header, authorization)
	return request, nil
}

// clientRequestID is what the resource's logs show beside the operation: Entra's correlation id where it has the form that
// the service wants.
func clientRequestID(s providers.Submission) string {
	if config.IsGUID(s.Message.CorrelationID) {
		return s.Message.CorrelationID
	}
	return s.ID
}

func mailOf(s providers.Submission) mail {
	m := s.Message
	body := mail{
		Headers: map[string]string{}, SenderAddress: m.From.Address,
		Content:    content{Subject: providers.HeaderText(m.Subject), PlainText: m.Text, HTML: m.HTML},
		Recipients: recipients{To: []address{{Address: m.To.Reveal()}}}, TrackingDisabled: true,
	}
	if m.ReplyTo != nil {
		body.ReplyTo = []address{{Address: m.ReplyTo.Address, DisplayName: providers.HeaderText(m.ReplyTo.Name)}}
	}
	for _, header := range s.Headers() {
		body.Headers[header.Name] = providers.HeaderText(header.Value)
	}
	return body
}
