// Package webhook hands the composed mail to an endpoint of the owner's own, as JSON and signed as Standard Webhooks say,
// for mail systems that byoe does not know.
//
// The answer's status is the endpoint's word: 200, 201, 202 or 204 means that it has taken responsibility for the mail.
// Everything else is classified in failure.go, which is the endpoint's contract.
package webhook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// Name is the endpoint's word in MAIL_PROVIDERS.
const Name = "http"

// Provider is a [providers.Provider]. It may be used by many goroutines.
type Provider struct {
	url    string
	origin string
	key    []byte
	client *http.Client
}

var (
	_ providers.Provider  = (*Provider)(nil)
	_ providers.Connector = (*Provider)(nil)
	_ providers.Checker   = (*Provider)(nil)
)

// New returns a Provider that uses client, which should be the one of [httpclient.New]. The error is a
// [config.Problems] where settings are wrong.
func New(c Config, client *http.Client) (*Provider, error) {
	if client == nil {
		return nil, errors.New("webhook: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, problems
	}
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	endpoint, err := url.Parse(c.URL.Reveal())
	if err != nil {
		return nil, err
	}
	origin := url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host, Path: "/"}
	return &Provider{url: c.URL.Reveal(), origin: origin.String(), key: key, client: client}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. It asks once: that a receiver remembers webhook-id is recommended by Standard
// Webhooks and promised by none.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	answer, err := p.post(ctx, typeSend, s)
	if err != nil {
		return providers.Receipt{}, err
	}
	var accepted struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(answer.Body, &accepted) // the id is the endpoint's to give or not; the status has decided
	return providers.Receipt{MessageID: cmp.Or(providers.MessageID(accepted.ID), s.ID)}, nil
}

// Connect implements [providers.Connector]. It asks for the root, so that the endpoint itself sees nothing but mails.
func (p *Provider) Connect(ctx context.Context) error {
	return httpclient.Connect(ctx, p.client, p.origin)
}

// Check implements [providers.Checker]: the same mail under a type that an endpoint must not send.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (proven string, err error) {
	if _, err := p.post(ctx, typeCheck, s); err != nil {
		return "", err
	}
	return "the endpoint took a mail.check", nil
}

// post returns the answer that accepts the event.
func (p *Provider) post(ctx context.Context, kind string, s providers.Submission) (httpclient.Answer, error) {
	if err := s.RequirePlainSender(); err != nil {
		return httpclient.Answer{}, err
	}
	request, err := p.request(kind, s, time.Now())
	if err != nil {
		return httpclient.Answer{}, err
	}
	answer, err := httpclient.Exchange(ctx, p.client, request)
	if err != nil {
		return httpclient.Answer{}, err
	}
	if !accepts(answer.Status) {
		return httpclient.Answer{}, failureOf(answer)
	}
	return answer, nil
}
