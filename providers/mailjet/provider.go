// Package mailjet sends through Mailjet's Send API v3.1. The answer's status is about the request; what became of the mail
// stands in the body.
package mailjet

import (
	"context"
	"errors"
	"net/http"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// Name is Mailjet's word in MAIL_PROVIDERS.
const Name = "mailjet"

// Provider is a [providers.Provider]. It may be used by many goroutines.
type Provider struct {
	config Config
	client *http.Client
}

var (
	_ providers.Provider  = (*Provider)(nil)
	_ providers.Connector = (*Provider)(nil)
	_ providers.Checker   = (*Provider)(nil)
	_ providers.Publisher = (*Provider)(nil)
	_ providers.Examiner  = (*Provider)(nil)
)

// New returns a Provider that uses client, which should be the one of [httpclient.New]. The error is a
// [config.Problems] where settings are wrong.
func New(c Config, client *http.Client) (*Provider, error) {
	if client == nil {
		return nil, errors.New("mailjet: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	return &Provider{config: c, client: client}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. That Mailjet has the recipient on its exclusion list is not to be seen here.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	return p.send(ctx, s, false)
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	return httpclient.Connect(ctx, p.client, p.config.baseURL())
}

// Check implements [providers.Checker]: the mail in sandbox mode, which validates and sends nothing.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	_, err := p.send(ctx, s, true)
	return "validated in sandbox mode", err
}

func (p *Provider) send(ctx context.Context, s providers.Submission, sandbox bool) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	request, err := p.request(s, sandbox)
	if err != nil {
		return providers.Receipt{}, err
	}
	answer, err := httpclient.Exchange(ctx, p.client, request)
	if err != nil {
		return providers.Receipt{}, err
	}
	if verdict, ok := verdictIn(answer); ok && answer.Status == http.StatusOK && verdict.Status == "success" {
		return providers.Receipt{MessageID: verdict.messageID()}, nil
	}
	return providers.Receipt{}, failureOf(answer)
}
