package sendgrid_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

const key = "SG.test-key-0123456789"

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "sendgrid",
		Secrets: []string{key},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
		},
		Connect: func(t *testing.T, address string) providers.Provider {
			return connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: "http://" + address})
		},
		ConnectTLS: func(t *testing.T, address string) providers.Provider {
			return connect(t, sendgrid.Config{APIKey: redact.NewSecret(key), BaseURL: "https://" + address})
		},
	})
}

func connect(t *testing.T, c sendgrid.Config) *sendgrid.Provider {
	t.Helper()
	provider, err := sendgrid.New(c, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	w.Header().Set("X-Message-Id", id)
	w.WriteHeader(http.StatusAccepted)
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	status := map[providertest.Behaviour]int{
		providertest.Throttle: http.StatusTooManyRequests,
		providertest.Break:    http.StatusInternalServerError,
		providertest.Quote:    http.StatusBadRequest,
	}[how]
	w.WriteHeader(status)
	body, _ := json.Marshal(map[string]any{
		"errors": []any{map[string]any{"message": prose, "field": prose, "help": prose, "error_id": prose}},
	})
	_, _ = w.Write(body)
}

// body is what the vendor's reference says a request may hold, as far as we use it.
type body struct {
	Personalizations []struct {
		To                  []address
		CC, BCC             []address
		CustomArgs          map[string]string `json:"custom_args"`
		DynamicTemplateData map[string]string `json:"dynamic_template_data"`
	}
	From    address
	ReplyTo address `json:"reply_to"`
	Subject string
	Content []struct{ Type, Value string }
	Headers map[string]string

	TemplateID       string         `json:"template_id"`
	MailSettings     map[string]any `json:"mail_settings"`
	TrackingSettings map[string]any `json:"tracking_settings"`
}

type address struct{ Email, Name string }

func (a address) mail() mail.Address { return mail.Address{Name: a.Name, Address: a.Email} }

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	var b body
	if err := json.Unmarshal(raw, &b); err != nil {
		return providertest.Mail{}, err
	}
	if got := header.Get("Authorization"); got != "Bearer "+key {
		return providertest.Mail{}, errors.New("no bearer key")
	}
	if len(b.Personalizations) != 1 || len(b.Content) != 2 ||
		b.Content[0].Type != "text/plain" || b.Content[1].Type != "text/html" {
		return providertest.Mail{}, fmt.Errorf("%d personalizations, content %v", len(b.Personalizations), b.Content)
	}
	m := providertest.Mail{
		From: b.From.mail(), ReplyTo: b.ReplyTo.mail(), Subject: b.Subject, Headers: map[string]string{},
		Text: strings.TrimRight(b.Content[0].Value, "\n"), HTML: strings.TrimRight(b.Content[1].Value, "\n"),
	}
	for _, list := range [][]address{b.Personalizations[0].To, b.Personalizations[0].CC, b.Personalizations[0].BCC} {
		for _, recipient := range list {
			m.Recipients = append(m.Recipients, recipient.Email)
		}
	}
	for name, value := range b.Headers {
		m.Headers[providertest.CanonicalHeader(name)] = value
	}
	return m, nil
}
