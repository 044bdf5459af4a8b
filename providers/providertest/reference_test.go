package providertest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/httpclient"
	"byoe/providers/providertest"
)

// defect is something that a provider does wrong, and that the suite must find.
type defect = string

const (
	none             defect = ""
	retries          defect = "retries"
	ignoresContext   defect = "ignores the context"
	startsTooLate    defect = "starts although the context is over"
	saysTemporary    defect = "calls a lost answer temporary"
	saysAmbiguous    defect = "calls a refused connection ambiguous"
	acceptsAnything  defect = "accepts every answer"
	forgetsThrottle  defect = "does not know a throttled answer"
	swapsMails       defect = "swaps mails"
	changesMail      defect = "changes the submission"
	letsInjectionBy  defect = "lets line breaks through"
	dropsNonASCII    defect = "drops what is not ASCII"
	sendsToSomebody  defect = "sends to another address than the one beyond ASCII"
	readsEverything  defect = "reads every answer to its end"
	quotesTheAnswer  defect = "quotes the answer"
	quotesTheID      defect = "passes the vendor's id on"
	leaksGoroutines  defect = "leaves a goroutine behind"
	returnsBareError defect = "returns an error of its own"
	losesHeaders     defect = "loses header fields"
	hasAnotherName   defect = "has another name"
	dialsEachTime    defect = "opens a connection for each mail"
	connectsForShow  defect = "connects to nobody"
	trustsAnybody    defect = "looks at no certificate"
	trustsTheSender  defect = "lets the sender's address through"
	checksForShow    defect = "checks without asking"
	checksForEver    defect = "checks without a look at the time"
)

// reference is the least that a provider for an [providertest.HTTPVendor] has to be; its vendor takes a mail as the
// JSON of [providertest.Mail].
type reference struct {
	url    string
	client *http.Client
	defect defect

	mu     sync.Mutex
	shared []byte
}

func (p *reference) Name() string {
	if p.defect == hasAnotherName {
		return "other"
	}
	return "reference"
}

func (p *reference) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil && p.defect != sendsToSomebody && p.defect != trustsTheSender {
		return providers.Receipt{}, err
	}
	switch p.defect {
	case ignoresContext, startsTooLate:
		if p.defect == ignoresContext || ctx.Err() != nil {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 500*time.Millisecond)
			defer cancel()
		}
	case changesMail:
		s.Message.Text += "\n--\nsent by reference"
	case leaksGoroutines:
		go func() { time.Sleep(3 * time.Second) }()
	}
	receipt, err := p.attempt(ctx, p.encode(s))
	if err != nil && p.defect == retries {
		return p.attempt(ctx, p.encode(s))
	}
	return receipt, err
}

func (p *reference) Connect(ctx context.Context) error {
	if p.defect == connectsForShow {
		return nil
	}
	return httpclient.Connect(ctx, p.client, p.url)
}

func (p *reference) Check(ctx context.Context, _ providers.Submission) (string, error) {
	switch p.defect {
	case checksForShow:
		return "nothing", nil
	case checksForEver:
		ctx = context.WithoutCancel(ctx)
		late, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		ctx = late
	}
	_, err := httpclient.Ask(ctx, p.client, p.url, nil)
	return "asked", err
}

func (p *reference) encode(s providers.Submission) []byte {
	clean := providers.HeaderText
	switch p.defect {
	case letsInjectionBy:
		clean = func(text string) string { return text }
	case dropsNonASCII:
		clean = func(text string) string {
			return strings.Map(func(r rune) rune {
				if r > '~' {
					return '?'
				}
				return r
			}, providers.HeaderText(text))
		}
	}
	m := s.Message
	mail := providertest.Mail{
		Recipients: []string{m.To.Reveal()},
		From:       netmail.Address{Name: clean(m.From.Name), Address: m.From.Address},
		ReplyTo:    netmail.Address{Name: clean(m.ReplyTo.Name), Address: m.ReplyTo.Address},
		Subject:    clean(m.Subject), Text: strings.TrimRight(m.Text, "\n"), HTML: strings.TrimRight(m.HTML, "\n"),
		Headers: map[string]string{},
	}
	if from, evil, found := strings.Cut(mail.From.Address, ">"); found {
		mail.From.Address, mail.Recipients = from, append(mail.Recipients, evil)
	}
	if p.defect == sendsToSomebody {
		mail.Recipients[0] = clean(mail.Recipients[0]) + ".example"
	}
	for _, header := range s.Headers() {
		if p.defect == losesHeaders && header.Name == "X-Entity-Ref-ID" {
			continue
		}
		mail.Headers[providertest.CanonicalHeader(header.Name)] = header.Value
	}
	body, _ := json.Marshal(mail)
	if p.defect != swapsMails {
		return body
	}
	p.mu.Lock()
	p.shared = body
	p.mu.Unlock()
	time.Sleep(time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shared
}

func (p *reference) attempt(ctx context.Context, body []byte) (providers.Receipt, error) {
	watched, progress := httpclient.Watch(ctx)
	req, err := http.NewRequestWithContext(watched, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return providers.Receipt{}, &providers.Error{Kind: providers.KindConfig, Code: "url"}
	}
	req.Close = p.defect == dialsEachTime
	res, err := p.client.Do(req)
	if err != nil {
		return providers.Receipt{}, p.lost(progress.Failure(err), err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, _ := io.ReadAll(res.Body)
	if res.StatusCode == http.StatusOK || p.defect == acceptsAnything {
		if p.defect == quotesTheID {
			return providers.Receipt{MessageID: res.Header.Get("Id")}, nil
		}
		return providers.Receipt{MessageID: providers.MessageID(res.Header.Get("Id"))}, nil
	}
	return providers.Receipt{}, p.refusal(res.StatusCode, answer)
}

func (p *reference) lost(failure *providers.Error, err error) error {
	switch {
	case p.defect == returnsBareError:
		return err
	case p.defect == saysTemporary && failure.Kind == providers.KindAmbiguous:
		failure.Kind = providers.KindTemporary
	case p.defect == saysAmbiguous:
		failure.Kind = providers.KindAmbiguous
	}
	return failure
}

func (p *reference) refusal(status int, answer []byte) error {
	failure := &providers.Error{Kind: providers.KindConfig, Code: strconv.Itoa(status)}
	switch {
	case status == http.StatusTooManyRequests && p.defect != forgetsThrottle:
		failure.Kind = providers.KindThrottled
	case status >= http.StatusInternalServerError:
		failure.Kind = providers.KindTemporary
	}
	if p.defect == quotesTheAnswer {
		failure.Code = string(answer[:min(40, len(answer))])
	}
	return failure
}

// adapter joins the suite and a reference provider with this defect.
func adapter(d defect) providertest.Adapter {
	return providertest.Adapter{
		Name:    "reference",
		Secrets: []string{"key-of-the-reference"},
		Serve: func(t *testing.T) providertest.Peer {
			return providertest.NewHTTPPeer(t, providertest.HTTPVendor{
				Decode: func(_ http.Header, body []byte) (mail providertest.Mail, err error) {
					return mail, json.Unmarshal(body, &mail)
				},
				Accept: func(w http.ResponseWriter, id string) { w.Header().Set("Id", id) },
				Refuse: func(w http.ResponseWriter, how providertest.Behaviour, prose string) {
					w.WriteHeader(map[providertest.Behaviour]int{
						providertest.Throttle: 429, providertest.Break: 500, providertest.Quote: 400,
					}[how])
					_, _ = w.Write([]byte(prose))
				},
			})
		},
		Connect: func(t *testing.T, address string) providers.Provider { return connect(t, d, "http://"+address) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider {
			return connect(t, d, "https://"+address)
		},
	}
}

func connect(t *testing.T, d defect, url string) *reference {
	t.Helper()
	client := providertest.Client(t)
	if d == readsEverything || d == trustsAnybody {
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: d == trustsAnybody}}}
		t.Cleanup(client.CloseIdleConnections)
	}
	return &reference{url: url, client: client, defect: d}
}
