package acs_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/acs"
	"byoe/providers/providertest"
	"byoe/redact"
)

// key is the access key as the connection string has it.
func key() string {
	return base64.StdEncoding.EncodeToString([]byte("access-key-of-the-tests-0123456789"))
}

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "acs",
		Secrets: []string{key()},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{
				Decode: decode, Accept: accept, Refuse: refuse,
				Key: func(h http.Header) string { return h.Get("Repeatability-Request-Id") },
			})
		},
		Connect:    func(t *testing.T, address string) providers.Provider { return connect(t, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider { return connect(t, "https://"+address) },
		// The service takes no name for the sender.
		Carries: func(m providertest.Mail) providertest.Mail { m.From.Name = ""; return m },
	})
}

func connection(url string) redact.Secret {
	return redact.NewSecret("endpoint=" + url + "/;accesskey=" + key())
}

func connect(t *testing.T, url string) providers.Provider {
	t.Helper()
	return connectWith(t, url, providertest.Client(t))
}

func connectWith(t *testing.T, url string, client *http.Client) *acs.Provider {
	t.Helper()
	provider, err := acs.New(acs.Config{ConnectionString: connection(url)}, client)
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	w.Header().Set("Operation-Location", "https://example.communication.azure.com/emails/operations/x")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id, "status": "Running"})
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	code := prose
	if how == providertest.Throttle {
		code = "TooManyRequests"
	}
	w.WriteHeader(map[providertest.Behaviour]int{providertest.Throttle: 429, providertest.Break: 500, providertest.Quote: 400}[how])
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": code, "message": prose, "target": prose}})
}

type address struct{ Address, DisplayName string }

// body is what the API description says a request may hold, as far as we use it.
type body struct {
	Headers       map[string]string
	SenderAddress string
	Content       struct{ Subject, PlainText, HTML string }
	Recipients    struct{ To, CC, BCC []address }
	ReplyTo       []address

	UserEngagementTrackingDisabled bool
}

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	var b body
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return providertest.Mail{}, err
	}
	if !strings.HasPrefix(header.Get("Authorization"), "HMAC-SHA256 ") || header.Get("Content-Type") != "application/json" || !b.UserEngagementTrackingDisabled {
		return providertest.Mail{}, errors.New("not signed, no JSON, or tracked")
	}
	m := providertest.Mail{
		From: mail.Address{Address: b.SenderAddress}, Subject: b.Content.Subject, Headers: map[string]string{},
		Text: strings.TrimRight(b.Content.PlainText, "\n"), HTML: strings.TrimRight(b.Content.HTML, "\n"),
	}
	for _, list := range [][]address{b.Recipients.To, b.Recipients.CC, b.Recipients.BCC} {
		for _, recipient := range list {
			m.Recipients = append(m.Recipients, recipient.Address)
		}
	}
	if len(b.ReplyTo) == 1 {
		m.ReplyTo = mail.Address{Name: b.ReplyTo[0].DisplayName, Address: b.ReplyTo[0].Address}
	}
	for name, value := range b.Headers {
		m.Headers[providertest.CanonicalHeader(name)] = value
	}
	return m, nil
}
