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

// Provider is a [providers.Provider]. It may be used by many goroutines.
type Provider struct {
	api              *sesv2.Client
	configurationSet string
}

var _ providers.Provider = (*Provider)(nil)

// New returns a Provider that uses client, which should be the one of [httpclient.New]. The error is a
// [config.Problems] where settings are wrong.
func New(c Config, client *http.Client) (*Provider, error) {
	if client == nil {
		return nil, errors.New("ses: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	options := sesv2.Options{
		Region: c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(
			c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal()),
		// One attempt: the default retryer takes 1.9 s over three 429s and then hides them behind the context's error.
		Retryer:    aws.NopRetryer{},
		HTTPClient: client,
	}
	if c.EndpointURL != "" {
		options.BaseEndpoint = aws.String(strings.TrimRight(c.EndpointURL, "/"))
	}
	return &Provider{api: sesv2.New(options), configurationSet: c.ConfigurationSet}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. SES says itself that it may accept a mail without sending it, for example to a
// recipient on the account's suppression list; that is not to be seen here.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	ctx, progress := httpclient.Watch(ctx)
	answer, err := p.api.SendEmail(ctx, input(s, p.configurationSet))
	if err != nil {
		return providers.Receipt{}, failureOf(err, progress)
	}
	return providers.Receipt{MessageID: providers.MessageID(aws.ToString(answer.MessageId))}, nil
}
