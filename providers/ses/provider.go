// Package ses sends through Amazon SES, API v2, as simple content that SES turns into MIME.
//
// The SDK is used without its config package and without its retries: the first probes addresses that on Azure belong
// to Azure's own metadata service, the second eat the time in which another provider could have sent the mail.
package ses

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// Name is Amazon SES's word in MAIL_PROVIDERS.
const Name = "ses"

// checkRecipient is SES's mailbox simulator: a mail to it counts as delivered and is in nobody's mailbox (SES developer
// guide, "Using the mailbox simulator").
const checkRecipient = "success@simulator.amazonses.com"

// Provider is a [providers.Provider]. It may be used by many goroutines.
type Provider struct {
	api              *sesv2.Client
	endpoint         string
	configurationSet string
	// role is nil where an access key is set.
	role   *role
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
		return nil, errors.New("ses: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	p := &Provider{configurationSet: c.ConfigurationSet, client: client}
	options := sesv2.Options{
		Region: c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(
			c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal()),
		// One attempt: the default retryer takes 1.9 s over three 429s and then hides them behind the context's error.
		Retryer:    aws.NopRetryer{},
		HTTPClient: client,
	}
	if c.RoleARN != "" {
		assumed, err := newRole(c, client)
		if err != nil {
			return nil, err
		}
		p.role, options.Credentials = assumed, assumed.credentials
	}
	if c.EndpointURL != "" {
		options.BaseEndpoint = aws.String(strings.TrimRight(c.EndpointURL, "/"))
	}
	p.api = sesv2.New(options)
	var err error
	p.endpoint, err = endpointOf(c)
	return p, err
}

// endpointOf is where the SDK sends the mails.
func endpointOf(c Config) (string, error) {
	if c.EndpointURL != "" {
		return c.EndpointURL, nil
	}
	resolved, err := sesv2.NewDefaultEndpointResolverV2().ResolveEndpoint(
		context.Background(), sesv2.EndpointParameters{Region: aws.String(c.Region)})
	return resolved.URI.String(), err
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. SES says itself that it may accept a mail without sending it, for example to a
// recipient on the account's suppression list; that is not to be seen here.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	return p.send(ctx, s, s.Message.To.Reveal())
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	if err := p.ready(ctx); err != nil {
		return err
	}
	return httpclient.Connect(ctx, p.client, p.endpoint)
}

// Run implements [providers.Runner]: it keeps fresh credentials where a role gives them.
func (p *Provider) Run(ctx context.Context) {
	if p.role != nil {
		p.role.run(ctx)
	}
}

// Check implements [providers.Checker]: the mail goes to the mailbox simulator. It takes one from the day's quota.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	if _, err := p.send(ctx, s, checkRecipient); err != nil {
		return "", err
	}
	return "accepted for the mailbox simulator", nil
}

func (p *Provider) send(ctx context.Context, s providers.Submission, to string) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	// Ahead of the mail and out of its Progress's sight: that a role could not be had says nothing about a mail.
	if err := p.ready(ctx); err != nil {
		return providers.Receipt{}, err
	}
	ctx, progress := httpclient.Watch(ctx)
	answer, err := p.api.SendEmail(ctx, input(s, to, p.configurationSet))
	if err != nil {
		return providers.Receipt{}, failureOf(err, progress)
	}
	if aws.ToString(answer.MessageId) == "" {
		// A 2xx of something in between, which the SDK takes for an answer of SES's: nobody has accepted anything.
		return providers.Receipt{}, &providers.Error{Kind: providers.KindAmbiguous, Code: "no message id"}
	}
	return providers.Receipt{MessageID: providers.MessageID(*answer.MessageId)}, nil
}

func (p *Provider) ready(ctx context.Context) error {
	if p.role == nil {
		return nil
	}
	return p.role.ready(ctx)
}
