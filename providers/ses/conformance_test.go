package ses_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/ses"
	"byoe/redact"
)

const (
	keyID  = "AKIATESTKEYID0000001"
	secret = "secret/key+of+the+tests"
	token  = "session-token-of-the-tests"
)

func testConfig(address string) ses.Config {
	return ses.Config{
		Region: "eu-west-1", AccessKeyID: keyID, SecretAccessKey: redact.NewSecret(secret),
		SessionToken: redact.NewSecret(token), EndpointURL: "http://" + address, ConfigurationSet: "codes",
	}
}

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "ses",
		Secrets: []string{secret, token, keyID},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
		},
		Connect: func(t *testing.T, address string) providers.Provider { return connect(t, testConfig(address)) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider {
			c := testConfig(address)
			c.EndpointURL = "https://" + address
			return connect(t, c)
		},
	})
}

func connect(t *testing.T, c ses.Config) *ses.Provider {
	t.Helper()
	provider, err := ses.New(c, providertest.Client(t))
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

func accept(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"MessageId": id})
}

func refuse(w http.ResponseWriter, how providertest.Behaviour, prose string) {
	if how == providertest.Throttle {
		respond(w, http.StatusTooManyRequests, "TooManyRequestsException", prose)
		return
	}
	if how == providertest.Break {
		respond(w, http.StatusInternalServerError, "InternalServiceErrorException", prose)
		return
	}
	respond(w, http.StatusBadRequest, prose, prose)
}

// respond answers as the REST JSON protocol of AWS does: the error's name in a header and in the body.
func respond(w http.ResponseWriter, status int, name, prose string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", name)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": name, "message": prose})
}

type content struct{ Data, Charset string }

// body is what the API model says a request may hold, as far as we use it.
type body struct {
	FromEmailAddress     string
	ReplyToAddresses     []string
	Destination          struct{ ToAddresses, CcAddresses, BccAddresses []string }
	ConfigurationSetName string
	EmailTags            []struct{ Name, Value string }
	Content              struct {
		Simple struct {
			Subject content
			Body    struct{ Text, Html content }
			Headers []struct{ Name, Value string }
		}
	}
	ConfigurationOverrides map[string]any
}

func decode(header http.Header, raw []byte) (providertest.Mail, error) {
	var b body
	if err := json.Unmarshal(raw, &b); err != nil {
		return providertest.Mail{}, err
	}
	if !strings.Contains(header.Get("Authorization"), "Credential="+keyID+"/") {
		return providertest.Mail{}, errors.New("not signed with the key")
	}
	if isBeyondASCII(b.FromEmailAddress) || isBeyondASCII(strings.Join(b.ReplyToAddresses, "")) {
		return providertest.Mail{}, errors.New("an address field is not 7-bit, which SES cannot carry")
	}
	from, err := mail.ParseAddress(b.FromEmailAddress)
	if err != nil {
		return providertest.Mail{}, err
	}
	simple := b.Content.Simple
	for _, part := range []content{simple.Subject, simple.Body.Text, simple.Body.Html} {
		if part.Charset != "UTF-8" {
			return providertest.Mail{}, errors.New("a part has no charset")
		}
	}
	m := providertest.Mail{
		Recipients: append(append(b.Destination.ToAddresses, b.Destination.CcAddresses...), b.Destination.BccAddresses...),
		From:       *from, Subject: simple.Subject.Data, Headers: map[string]string{},
		Text: strings.TrimRight(simple.Body.Text.Data, "\n"), HTML: strings.TrimRight(simple.Body.Html.Data, "\n"),
	}
	if len(b.ReplyToAddresses) == 1 {
		replyTo, err := mail.ParseAddress(b.ReplyToAddresses[0])
		if err != nil {
			return providertest.Mail{}, err
		}
		m.ReplyTo = *replyTo
	}
	for _, field := range simple.Headers {
		m.Headers[providertest.CanonicalHeader(field.Name)] = field.Value
	}
	return m, nil
}

func isBeyondASCII(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r > '~' })
}
