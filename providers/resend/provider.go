// Package resend sends through Resend's API. Its idempotency keys hold for a day, so that a lost answer is asked for again
// and makes no second mail.
//
// Opens and clicks are tracked by domain there, off unless the owner switches it on; no mail can say otherwise.
package resend

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// Name is Resend's word in MAIL_PROVIDERS.
const Name = "resend"

// checkRecipient is the vendor's address for tests: a mail to it counts as delivered and is in nobody's mailbox.
const checkRecipient = "delivered@resend.dev"

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
		return nil, errors.New("resend: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	return &Provider{config: c, client: client}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. Accepted means 200 with an id; that Resend suppresses the recipient is not to be
// seen here.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	return p.send(ctx, s, s.Message.To.Reveal(), s.ID)
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	return httpclient.Connect(ctx, p.client, p.config.baseURL())
}

// Check implements [providers.Checker]: the mail goes to the vendor's own address for tests, under a key of its own, so
// that it can never stand for the mail to the person.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return "", err
	}
	_, err := p.send(ctx, s, checkRecipient, s.ID+"-check")
	return "accepted for the vendor's test address", err
}

func (p *Provider) send(ctx context.Context, s providers.Submission, to, key string) (providers.Receipt, error) {
	request, err := p.request(s, to, key)
	if err != nil {
		return providers.Receipt{}, err
	}
	answer, err := httpclient.ExchangeIdempotent(ctx, p.client, request, inProgress)
	if err != nil {
		return providers.Receipt{}, err
	}
	var accepted struct {
		ID string `json:"id"`
	}
	if answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &accepted) == nil && accepted.ID != "" {
		return providers.Receipt{MessageID: providers.MessageID(accepted.ID)}, nil
	}
	return providers.Receipt{}, failureOf(answer)
}
