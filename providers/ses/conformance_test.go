package ses_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"testing"

	"byoe/message"
	"byoe/providers"
	"byoe/providers/httpclient"
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
	})
}

// The vendor cannot carry such an address and might guess at another: it is not asked.
func TestLocalPartBeyondASCII(t *testing.T) {
	t.Parallel()
	peer := providertest.NewHTTPPeer(t, providertest.HTTPVendor{Decode: decode, Accept: accept, Refuse: refuse})
	to, err := message.ParseAddress("用户@example.org")
	if err != nil {
		t.Fatal(err)
	}
	s := providertest.Submission(1)
	s.Message.To = to
	_, err = connect(t, testConfig(peer.Address())).Send(t.Context(), s)
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != providers.KindRefused || failure.Code != "non-ascii local part" {
		t.Errorf("Send returned %v, want refused (non-ascii local part)", err)
	}
	if mails := peer.Mails(); len(mails) != 0 {
		t.Errorf("the vendor got %d mails, want none", len(mails))
	}
}

func connect(t *testing.T, c ses.Config) *ses.Provider {
	t.Helper()
	client := httpclient.New()
	t.Cleanup(client.CloseIdleConnections)
	provider, err := ses.New(c, client)
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
