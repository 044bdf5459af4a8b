package webhook_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/webhook"
	"byoe/redact"
)

const (
	// key is what the secret holds.
	key    = "thirty-two-bytes-for-tests-only!"
	secret = "whsec_dGhpcnR5LXR3by1ieXRlcy1mb3ItdGVzdHMtb25seSE="
	// inQuery stands for the key of whatever guards the endpoint.
	inQuery = "query-key-of-the-tests"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "http",
		Secrets: []string{secret, strings.TrimPrefix(secret, "whsec_"), key, inQuery},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
		},
		Connect: func(t *testing.T, address string) providers.Provider { return connect(t, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider {
			return connect(t, "https://"+address)
		},
	})
}

func connect(t *testing.T, base string) *webhook.Provider {
	t.Helper()
	provider, err := webhook.New(webhook.Config{
		URL: redact.NewSecret(base + "/send?code=" + inQuery), Secret: redact.NewSecret(secret),
	}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id})
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(map[providertest.Behaviour]int{
		providertest.Throttle: http.StatusTooManyRequests,
		providertest.Break:    http.StatusInternalServerError,
		providertest.Quote:    http.StatusUnprocessableEntity,
	}[how])
	_ = json.NewEncoder(w).Encode(map[string]string{"type": prose, "title": prose, "detail": prose, "code": prose})
}

// body is the contract as docs have it.
type body struct {
	Type, Timestamp string
	Data            struct {
		ID, CorrelationID string
		From              mailbox
		ReplyTo           mailbox
		To, Subject       string
		Text, HTML        string
		Headers           []struct{ Name, Value string }
		Variables         map[string]string
	}
}

type mailbox struct{ Address, Name string }

func (m mailbox) mail() mail.Address { return mail.Address{Name: m.Name, Address: m.Address} }

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	if err := verify(header, raw); err != nil {
		return providertest.Mail{}, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var b body
	if err := decoder.Decode(&b); err != nil {
		return providertest.Mail{}, err
	}
	if b.Type != "mail.send" || b.Data.ID != header.Get("Webhook-Id") {
		return providertest.Mail{}, fmt.Errorf("type %q with an id that may be another than the header's", b.Type)
	}
	m := providertest.Mail{
		Recipients: []string{b.Data.To}, From: b.Data.From.mail(), ReplyTo: b.Data.ReplyTo.mail(),
		Subject: b.Data.Subject, Headers: map[string]string{},
		Text: strings.TrimRight(b.Data.Text, "\n"), HTML: strings.TrimRight(b.Data.HTML, "\n"),
	}
	for _, field := range b.Data.Headers {
		m.Headers[providertest.CanonicalHeader(field.Name)] = field.Value
	}
	return m, nil
}

// verify checks the signature with the bytes that the secret was made of.
func verify(header http.Header, raw []byte) error {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", header.Get("Webhook-Id"), header.Get("Webhook-Timestamp"), raw)
	if header.Get("Webhook-Signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		return errors.New("the signature is wrong")
	}
	return nil
}
