package resend_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/resend"
	"byoe/redact"
)

const key = "re_test_0123456789"

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "resend",
		Secrets: []string{key},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{
				Decode: decode, Accept: accept, Refuse: refuse,
				Key: func(h http.Header) string { return h.Get("Idempotency-Key") },
			})
		},
		Connect:    func(t *testing.T, address string) providers.Provider { return connect(t, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider { return connect(t, "https://"+address) },
	})
}

func connect(t *testing.T, url string) providers.Provider {
	t.Helper()
	provider, err := resend.New(resend.Config{APIKey: redact.NewSecret(key), BaseURL: url}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id})
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	status, name := map[providertest.Behaviour]int{
		providertest.Throttle: 429, providertest.Break: 500, providertest.Quote: 422,
	}[how], map[providertest.Behaviour]string{
		providertest.Throttle: "rate_limit_exceeded", providertest.Break: "internal_server_error", providertest.Quote: prose,
	}[how]
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"statusCode": status, "name": name, "message": prose})
}

// body is what the vendor's reference says a request may hold, as far as we use it.
type body struct {
	From    string            `json:"from"`
	To      []string          `json:"to"`
	ReplyTo string            `json:"reply_to"`
	Subject string            `json:"subject"`
	HTML    string            `json:"html"`
	Text    string            `json:"text"`
	Headers map[string]string `json:"headers"`
	Tags    []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"tags"`
}

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	var b body
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return providertest.Mail{}, err
	}
	if header.Get("Authorization") != "Bearer "+key || header.Get("Content-Type") != "application/json" || header.Get("User-Agent") != "byoe" {
		return providertest.Mail{}, errors.New("no bearer key, no JSON, or nobody's")
	}
	from, err := mail.ParseAddress(b.From)
	if err != nil {
		return providertest.Mail{}, err
	}
	m := providertest.Mail{
		Recipients: b.To, From: *from, Subject: b.Subject, Headers: map[string]string{},
		Text: strings.TrimRight(b.Text, "\n"), HTML: strings.TrimRight(b.HTML, "\n"),
	}
	if b.ReplyTo != "" {
		replyTo, err := mail.ParseAddress(b.ReplyTo)
		if err != nil {
			return providertest.Mail{}, err
		}
		m.ReplyTo = *replyTo
	}
	for name, value := range b.Headers {
		m.Headers[providertest.CanonicalHeader(name)] = value
	}
	return m, nil
}
