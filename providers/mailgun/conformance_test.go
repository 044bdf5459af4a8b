package mailgun_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/mailgun"
	"byoe/providers/providertest"
	"byoe/redact"
)

const (
	key    = "key-of-the-tests-0123456789"
	domain = "mg.contoso.example"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "mailgun",
		Secrets: []string{key},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
		},
		Connect:    func(t *testing.T, address string) providers.Provider { return connect(t, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider { return connect(t, "https://"+address) },
	})
}

func connect(t *testing.T, baseURL string) providers.Provider {
	t.Helper()
	provider, err := mailgun.New(mailgun.Config{APIKey: redact.NewSecret(key), Domain: domain, BaseURL: baseURL}, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	_ = json.NewEncoder(w).Encode(map[string]string{"id": "<" + id + "@" + domain + ">", "message": "Queued. Thank you."})
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	w.WriteHeader(map[providertest.Behaviour]int{providertest.Throttle: 429, providertest.Break: 500, providertest.Quote: 400}[how])
	_ = json.NewEncoder(w).Encode(map[string]string{"message": prose})
}

// decode takes the fields of the vendor's reference that we use, and no other.
func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return providertest.Mail{}, err
	}
	request := http.Request{Header: header}
	if user, password, ok := request.BasicAuth(); !ok || user != "api" || password != key || header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return providertest.Mail{}, errors.New("no key, or no form")
	}
	from, err := mail.ParseAddress(form.Get("from"))
	if err != nil {
		return providertest.Mail{}, err
	}
	m := providertest.Mail{
		Recipients: form["to"], From: *from, Subject: form.Get("subject"), Headers: map[string]string{},
		Text: strings.TrimRight(form.Get("text"), "\n"), HTML: strings.TrimRight(form.Get("html"), "\n"),
	}
	for name, values := range form {
		field, isHeader := strings.CutPrefix(name, "h:")
		switch {
		case name == "h:Reply-To":
			replyTo, err := mail.ParseAddress(values[0])
			if err != nil {
				return providertest.Mail{}, err
			}
			m.ReplyTo = *replyTo
		case isHeader:
			m.Headers[providertest.CanonicalHeader(field)] = strings.Join(values, " | ")
		case strings.HasPrefix(name, "o:tracking"):
			if values[0] != "no" {
				return providertest.Mail{}, errors.New("tracked")
			}
		case name == "from", name == "to", name == "subject", name == "text", name == "html", strings.HasPrefix(name, "v:"):
		default:
			return providertest.Mail{}, fmt.Errorf("a field that is not known: %s", name)
		}
	}
	if len(form["o:tracking"])+len(form["o:tracking-clicks"])+len(form["o:tracking-opens"]) != 3 {
		return providertest.Mail{}, errors.New("tracking is not switched off")
	}
	return m, nil
}
