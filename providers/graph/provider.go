// Package graph sends through a mailbox in Exchange Online, by Microsoft Graph's sendMail.
//
// The mail goes as JSON. Graph also takes MIME, which would carry our own text part and every header field, but then it
// keeps each mail, code and all, in the mailbox's Sent Items: only JSON can say that it must not. Exchange makes the text
// part of the HTML by itself; of the header fields Graph takes those that begin with X-.
package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
	"byoe/providers/microsoft"
)

// Name is Microsoft Graph's word in MAIL_PROVIDERS.
const Name = "graph"

// Provider is a [providers.Provider]. It may be used by many goroutines.
type Provider struct {
	config Config
	tokens *microsoft.Source
	client *http.Client
}

var (
	_ providers.Provider  = (*Provider)(nil)
	_ providers.Connector = (*Provider)(nil)
	_ providers.Runner    = (*Provider)(nil)
	_ providers.Checker   = (*Provider)(nil)
	_ providers.Publisher = (*Provider)(nil)
)

// New returns a Provider that uses client, which should be the one of [httpclient.New]. The error is a
// [config.Problems] where settings are wrong.
func New(c Config, client *http.Client) (*Provider, error) {
	if client == nil {
		return nil, errors.New("graph: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	tokens, err := c.source(client)
	if err != nil {
		return nil, err
	}
	return &Provider{config: c, tokens: tokens, client: client}, nil
}

// source gives the tokens of the app registration that has a secret, else those of a managed identity.
func (c Config) source(client *http.Client) (*microsoft.Source, error) {
	scope := c.baseURL() + "/.default"
	if c.ClientSecret.IsZero() {
		return microsoft.ManagedIdentity(c.ClientID, scope)
	}
	return microsoft.ClientSecret(c.TenantID, c.ClientID, c.ClientSecret.Reveal(), scope, client)
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. Accepted (202) means that Exchange has taken the mail to send it. The receipt holds
// Graph's request id: sendMail gives no other.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	answer, err := p.post(ctx, s, []recipient{{EmailAddress: address{Address: s.Message.To.Reveal()}}})
	if err != nil {
		return providers.Receipt{}, err
	}
	if answer.Status != http.StatusAccepted {
		return providers.Receipt{}, failureOf(answer)
	}
	return providers.Receipt{MessageID: providers.MessageID(answer.Header.Get("Request-Id"))}, nil
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	if _, err := p.tokens.Token(ctx); err != nil {
		return err
	}
	return httpclient.Connect(ctx, p.client, p.config.baseURL())
}

// Run implements [providers.Runner]: it keeps a fresh token.
func (p *Provider) Run(ctx context.Context) { p.tokens.Run(ctx) }

// Check implements [providers.Checker]. Graph has no mode for tests; a mail to nobody is refused for want of recipients, and
// only after permission and mailbox were found in order. That order is what Graph does, not what it promises.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	answer, err := p.post(ctx, s, []recipient{})
	if err != nil {
		return "", err
	}
	if answer.Status != http.StatusBadRequest || codeIn(answer) != "ErrorInvalidRecipients" {
		return "", failureOf(answer)
	}
	return "permission and mailbox accepted, no mail handed over", nil
}

func (p *Provider) post(ctx context.Context, s providers.Submission, to []recipient) (httpclient.Answer, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return httpclient.Answer{}, err
	}
	token, err := p.tokens.Token(ctx)
	if err != nil {
		return httpclient.Answer{}, err
	}
	request, err := p.request(s, to, token)
	if err != nil {
		return httpclient.Answer{}, err
	}
	return httpclient.Exchange(ctx, p.client, request)
}

// codeIn is the code of an error answer, "" where there is none.
func codeIn(answer httpclient.Answer) string {
	var body struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	_ = json.Unmarshal(answer.Body, &body) // an answer of another shape has no code
	return body.Error.Code
}
