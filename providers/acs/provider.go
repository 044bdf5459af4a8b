// Package acs sends through Azure Communication Services Email. There is no SDK for Go; the API is one POST.
//
// Accepted (202) means queued. What becomes of the mail could be asked for, but that has a quota of its own, smaller than
// the mails', and takes most of the time that Entra waits: byoe does not ask.
package acs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
	"byoe/providers/microsoft"
)

// Name is Azure Communication Services' word in MAIL_PROVIDERS.
const Name = "acs"

const (
	// apiVersion is the stable one of September 2025 (azure-rest-api-specs, communication/Email).
	apiVersion = "2025-09-01"
	// scope is what a managed identity's token is for.
	scope = "https://communication.azure.com/.default"
)

// Provider is a [providers.Provider]. It may be used by many goroutines.
type Provider struct {
	account account
	// tokens is nil where a key opens the resource.
	tokens *microsoft.Source
	client *http.Client
}

var (
	_ providers.Provider  = (*Provider)(nil)
	_ providers.Connector = (*Provider)(nil)
	_ providers.Runner    = (*Provider)(nil)
	_ providers.Checker   = (*Provider)(nil)
	_ providers.Publisher = (*Provider)(nil)
	_ providers.Examiner  = (*Provider)(nil)
)

// New returns a Provider that uses client, which should be the one of [httpclient.New]. The error is a
// [config.Problems] where settings are wrong.
func New(c Config, client *http.Client) (*Provider, error) {
	if client == nil {
		return nil, errors.New("acs: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	opened, _ := c.account() // its problems are among those of Validate
	p := &Provider{account: opened, client: client}
	if opened.key == nil {
		tokens, err := microsoft.ManagedIdentity(c.ClientID, scope)
		if err != nil {
			return nil, err
		}
		p.tokens = tokens
	}
	return p, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. The receipt holds the id of the send operation, by which the resource's logs know
// the mail.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	request, err := p.request(ctx, s, time.Now())
	if err != nil {
		return providers.Receipt{}, err
	}
	answer, err := httpclient.ExchangeIdempotent(ctx, p.client, request, inProgress)
	if err != nil {
		return providers.Receipt{}, err
	}
	if answer.Status != http.StatusAccepted {
		return providers.Receipt{}, failureOf(answer)
	}
	// The status has decided. An answer without an id does not lose the mail: the operation was asked to have ours.
	return providers.Receipt{MessageID: cmp.Or(operationIn(answer), s.ID)}, nil
}

// operationIn is the id of the operation that an answer tells of, "" where there is none or none fit for a log.
func operationIn(answer httpclient.Answer) string {
	var operation struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(answer.Body, &operation) // an answer of another shape tells of no operation
	return providers.MessageID(operation.ID)
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	if p.tokens != nil {
		if _, err := p.tokens.Token(ctx); err != nil {
			return err
		}
	}
	return httpclient.Connect(ctx, p.client, p.account.endpoint)
}

// Run implements [providers.Runner]: it keeps a fresh token where there is one.
func (p *Provider) Run(ctx context.Context) {
	if p.tokens != nil {
		p.tokens.Run(ctx)
	}
}

// Check implements [providers.Checker]. The service has no mode for tests; it is asked for an operation that does not
// exist, which it looks for only after it has accepted the credentials. The answer must be one of the service's own:
// whatever else stands at a wrong endpoint says 200 or 404 too.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return "", err
	}
	target := "/emails/operations/" + s.ID + "?api-version=" + apiVersion
	header, err := p.authorize(ctx, http.MethodGet, target, nil, time.Now())
	if err != nil {
		return "", err
	}
	answer, err := httpclient.Ask(ctx, p.client, p.account.endpoint+target, header)
	if err != nil {
		return "", err
	}
	known := answer.Status == http.StatusOK && operationIn(answer) != ""
	unknown := answer.Status == http.StatusNotFound && complaintIn(answer).Code != ""
	if !known && !unknown {
		return "", failureOf(answer)
	}
	return "credentials accepted; the service cannot check the mail itself", nil
}
