package graph_test

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
	"byoe/providers/graph"
	"byoe/providers/providertest"
)

const (
	token = "token-of-the-platform"
	user  = "no-reply@contoso.example"
)

func TestConformance(t *testing.T) {
	platform := providertest.NewIdentity(t, token)
	connect := func(t *testing.T, url string) providers.Provider {
		return open(t, platform, url, providertest.Client(t))
	}
	providertest.Run(t, providertest.Adapter{
		Name:    "graph",
		Secrets: []string{token},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
		},
		Connect:    func(t *testing.T, address string) providers.Provider { return connect(t, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider { return connect(t, "https://"+address) },
		// Exchange makes the text of the HTML, and Graph takes no other header fields.
		Carries: func(m providertest.Mail) providertest.Mail {
			m.Text = ""
			for name := range m.Headers {
				if !strings.HasPrefix(name, "X-") {
					delete(m.Headers, name)
				}
			}
			return m
		},
	})
}

func open(t *testing.T, platform *providertest.Identity, url string, client *http.Client) *graph.Provider {
	t.Helper()
	provider, err := graph.New(graph.Config{User: user, ClientID: platform.ClientID, BaseURL: url}, client)
	if err != nil {
		t.Fatal(err)
	}
	// The suite's deadlines are about the vendor; the token is there, as it is while Run runs.
	if err := warm(t, provider); err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	w.Header().Set("Request-Id", id)
	w.WriteHeader(http.StatusAccepted)
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	code := prose
	if how == providertest.Throttle {
		code = "ApplicationThrottled"
	}
	w.WriteHeader(map[providertest.Behaviour]int{providertest.Throttle: 429, providertest.Break: 500, providertest.Quote: 400}[how])
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": code, "message": prose}})
}

type recipient struct {
	EmailAddress struct{ Address, Name string }
}

func (r recipient) mail() mail.Address {
	return mail.Address{Name: r.EmailAddress.Name, Address: r.EmailAddress.Address}
}

// body is what Graph's metadata says a request may hold, as far as we use it.
type body struct {
	Message struct {
		Subject string
		Body    struct{ ContentType, Content string }
		From    recipient

		ToRecipients, CcRecipients, BccRecipients, ReplyTo []recipient

		InternetMessageHeaders []struct{ Name, Value string }
	}
	SaveToSentItems *bool
}

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	var b body
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return providertest.Mail{}, err
	}
	if header.Get("Authorization") != "Bearer "+token || header.Get("Content-Type") != "application/json" {
		return providertest.Mail{}, errors.New("no token, or no JSON")
	}
	if b.SaveToSentItems == nil || *b.SaveToSentItems || b.Message.Body.ContentType != "HTML" {
		return providertest.Mail{}, errors.New("kept in Sent Items, or no HTML")
	}
	m := providertest.Mail{
		From: b.Message.From.mail(), Subject: b.Message.Subject, Headers: map[string]string{},
		HTML: strings.TrimRight(b.Message.Body.Content, "\n"),
	}
	for _, list := range [][]recipient{b.Message.ToRecipients, b.Message.CcRecipients, b.Message.BccRecipients} {
		for _, to := range list {
			m.Recipients = append(m.Recipients, to.EmailAddress.Address)
		}
	}
	if len(b.Message.ReplyTo) == 1 {
		m.ReplyTo = b.Message.ReplyTo[0].mail()
	}
	for _, field := range b.Message.InternetMessageHeaders {
		if !strings.HasPrefix(strings.ToLower(field.Name), "x-") {
			return providertest.Mail{}, fmt.Errorf("header field %s (ErrorInvalidInternetHeaderName)", field.Name)
		}
		m.Headers[providertest.CanonicalHeader(field.Name)] = field.Value
	}
	return m, nil
}
