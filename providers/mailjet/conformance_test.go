package mailjet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/mailjet"
	"byoe/providers/providertest"
	"byoe/redact"
)

const (
	key    = "mailjet-key-0123456789"
	secret = "mailjet-secret-0123456789"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "mailjet",
		Secrets: []string{key, secret},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
		},
		Connect:    func(t *testing.T, address string) providers.Provider { return connect(t, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider { return connect(t, "https://"+address) },
	})
}

func connect(t *testing.T, url string) providers.Provider {
	t.Helper()
	provider, err := mailjet.New(mailjet.Config{APIKey: redact.NewSecret(key), SecretKey: redact.NewSecret(secret), BaseURL: url}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	_ = json.NewEncoder(w).Encode(map[string]any{"Messages": []any{map[string]any{
		"Status": "success", "To": []any{map[string]any{"Email": "…", "MessageUUID": id}},
	}}})
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	w.WriteHeader(map[providertest.Behaviour]int{providertest.Throttle: 429, providertest.Break: 500, providertest.Quote: 200}[how])
	_ = json.NewEncoder(w).Encode(map[string]any{"Messages": []any{map[string]any{"Status": "error", "Errors": []any{map[string]any{
		"ErrorIdentifier": prose, "ErrorCode": prose, "StatusCode": 400, "ErrorMessage": prose, "ErrorRelatedTo": []string{prose},
	}}}}})
}

type mailbox struct{ Email, Name string }

// body is what the vendor's guide says a request may hold, as far as we use it.
type body struct {
	Messages []struct {
		From                    mailbox
		To                      []mailbox
		ReplyTo                 mailbox
		Subject                 string
		TextPart, HTMLPart      string
		TrackOpens, TrackClicks string
		Headers                 map[string]string
		CustomID, EventPayload  string
	}
}

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	var b body
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return providertest.Mail{}, err
	}
	request := http.Request{Header: header}
	if user, password, ok := request.BasicAuth(); !ok || user != key || password != secret || header.Get("Content-Type") != "application/json" {
		return providertest.Mail{}, errors.New("no keys, or no JSON")
	}
	if len(b.Messages) != 1 {
		return providertest.Mail{}, fmt.Errorf("%d messages", len(b.Messages))
	}
	one := b.Messages[0]
	if one.TrackOpens != "disabled" || one.TrackClicks != "disabled" || one.HTMLPart == "" {
		return providertest.Mail{}, errors.New("tracked")
	}
	m := providertest.Mail{
		From: mail.Address{Name: one.From.Name, Address: one.From.Email}, ReplyTo: mail.Address{Name: one.ReplyTo.Name, Address: one.ReplyTo.Email},
		Subject: one.Subject, Headers: map[string]string{},
		Text: strings.TrimRight(one.TextPart, "\n"), HTML: strings.TrimRight(one.HTMLPart, "\n"),
	}
	for _, to := range one.To {
		m.Recipients = append(m.Recipients, to.Email)
	}
	for name, value := range one.Headers {
		switch strings.ToLower(name) {
		case "from", "sender", "to", "cc", "bcc", "subject", "reply-to", "date", "message-id", "x-mailer", "user-agent", "list-id", "x-feedback-id":
			return providertest.Mail{}, fmt.Errorf("header field %s is forbidden (send-0011)", name)
		}
		m.Headers[providertest.CanonicalHeader(name)] = value
	}
	return m, nil
}
