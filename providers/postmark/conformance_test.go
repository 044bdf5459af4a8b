package postmark_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/postmark"
	"byoe/providers/providertest"
	"byoe/redact"
)

const token = "postmark-token-0123456789"

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "postmark",
		Secrets: []string{token},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
		},
		Connect:    func(t *testing.T, address string) providers.Provider { return connect(t, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider { return connect(t, "https://"+address) },
	})
}

func connect(t *testing.T, url string) providers.Provider {
	t.Helper()
	provider, err := postmark.New(postmark.Config{ServerToken: redact.NewSecret(token), BaseURL: url}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	_ = json.NewEncoder(w).Encode(map[string]any{"ErrorCode": 0, "Message": "OK", "MessageID": id, "To": "…"})
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	status := map[providertest.Behaviour]int{providertest.Throttle: 429, providertest.Break: 500, providertest.Quote: 422}[how]
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"ErrorCode": 406, "Message": prose})
}

// body is what the vendor's reference says a request may hold, as far as we use it.
type body struct {
	From, To, ReplyTo, Subject, HtmlBody, TextBody string

	Headers       []struct{ Name, Value string }
	TrackOpens    *bool
	TrackLinks    string
	MessageStream string
	Metadata      map[string]string
}

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	var b body
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return providertest.Mail{}, err
	}
	if header.Get("X-Postmark-Server-Token") != token || header.Get("Content-Type") != "application/json" || header.Get("Accept") != "application/json" {
		return providertest.Mail{}, errors.New("no token, or no JSON")
	}
	if b.TrackOpens == nil || *b.TrackOpens || b.TrackLinks != "None" || b.MessageStream != "outbound" {
		return providertest.Mail{}, errors.New("tracked, or not in the transactional stream")
	}
	for name, value := range b.Metadata {
		if len(name) > 20 || len(value) > 80 {
			return providertest.Mail{}, errors.New("metadata too long")
		}
	}
	from, err := mail.ParseAddress(b.From)
	if err != nil {
		return providertest.Mail{}, err
	}
	m := providertest.Mail{
		Recipients: []string{b.To}, From: *from, Subject: b.Subject, Headers: map[string]string{},
		Text: strings.TrimRight(b.TextBody, "\n"), HTML: strings.TrimRight(b.HtmlBody, "\n"),
	}
	if b.ReplyTo != "" {
		replyTo, err := mail.ParseAddress(b.ReplyTo)
		if err != nil {
			return providertest.Mail{}, err
		}
		m.ReplyTo = *replyTo
	}
	for _, field := range b.Headers {
		m.Headers[providertest.CanonicalHeader(field.Name)] = field.Value
	}
	return m, nil
}
