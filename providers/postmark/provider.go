// Package postmark sends through Postmark's API. Its answer 200 may hold an error, and it is the only vendor that says at
// once that a recipient is suppressed.
package postmark

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// Name is Postmark's word in MAIL_PROVIDERS.
const Name = "postmark"

// testToken is Postmark's own for requests that are looked at and not sent (its page "Sandbox mode"). It is no secret.
const testToken = "POSTMARK_API_TEST" //nolint:gosec // published by the vendor for everybody

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
		return nil, errors.New("postmark: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	return &Provider{config: c, client: client}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider].
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	return p.send(ctx, s, p.config.ServerToken.Reveal())
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	return httpclient.Connect(ctx, p.client, p.config.baseURL())
}

// Check implements [providers.Checker]. It takes two questions: the token proves itself where it reads its own server, and
// the mail is validated under the vendor's test token, under which nothing is sent.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	answer, err := httpclient.Ask(ctx, p.client, p.config.baseURL()+"/server", header(p.config.ServerToken.Reveal()))
	if err != nil {
		return "", err
	}
	if answer.Status != http.StatusOK {
		return "", failureOf(answer)
	}
	_, err = p.send(ctx, s, testToken)
	return "token accepted, mail validated with the test token", err
}

func (p *Provider) send(ctx context.Context, s providers.Submission, token string) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	request, err := p.request(s, token)
	if err != nil {
		return providers.Receipt{}, err
	}
	answer, err := httpclient.Exchange(ctx, p.client, request)
	if err != nil {
		return providers.Receipt{}, err
	}
	// ErrorCode is a pointer because 0 is success: an answer that lacks it says nothing.
	var accepted struct {
		ErrorCode *int
		MessageID string
	}
	if answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &accepted) == nil && accepted.ErrorCode != nil && *accepted.ErrorCode == 0 {
		return providers.Receipt{MessageID: providers.MessageID(accepted.MessageID)}, nil
	}
	return providers.Receipt{}, failureOf(answer)
}
