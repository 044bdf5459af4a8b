// Package sendgrid sends through Twilio SendGrid's Mail Send API v3, as plain content or through a dynamic template that
// the owner keeps at SendGrid.
//
// Of the vendor's library only the request builder and the mail types are used. Its Client shares one request body
// between goroutines and can hand one person's code to another (sendgrid-go issue 474), its retries sleep without
// regard to the context, and its default client is a global without a time-out.
package sendgrid

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sendgrid/rest"
	vendor "github.com/sendgrid/sendgrid-go"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// Name is SendGrid's word in MAIL_PROVIDERS.
const Name = "sendgrid"

// mailSendPath is the endpoint of API v3.
const mailSendPath = "/v3/mail/send"

// Provider is a [providers.Provider]. It may be used by many goroutines.
type Provider struct {
	config Config
	client rest.Client
}

var _ providers.Provider = (*Provider)(nil)

// New returns a Provider that uses client, which should be the one of [httpclient.New]. The error is a
// [config.Problems] where settings are wrong.
func New(c Config, client *http.Client) (*Provider, error) {
	if client == nil {
		return nil, errors.New("sendgrid: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	return &Provider{config: c, client: rest.Client{HTTPClient: client}}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. Accepted means the answer 202 and nothing else; that SendGrid has the recipient
// on a suppression list is not to be seen here, it drops such mails later.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	body := requestBody(s, p.config.TemplateID)
	if len(body) == 0 {
		return providers.Receipt{}, &providers.Error{Kind: providers.KindConfig, Code: "not encodable"}
	}
	request := vendor.GetRequest(p.config.APIKey.Reveal(), mailSendPath, p.config.baseURL())
	request.Method = rest.Post
	request.Body = body

	ctx, progress := httpclient.Watch(ctx)
	answer, err := p.client.SendWithContext(ctx, request)
	if answer == nil {
		return providers.Receipt{}, progress.Failure(err)
	}
	// An answer with an error is one whose body broke off. The status came before it and decides.
	if answer.StatusCode == http.StatusAccepted {
		return providers.Receipt{MessageID: providers.MessageID(http.Header(answer.Headers).Get("X-Message-Id"))}, nil
	}
	return providers.Receipt{}, failureOf(answer, time.Now())
}
