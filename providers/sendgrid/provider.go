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

	"github.com/sendgrid/rest"
	vendor "github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"

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
	http   *http.Client
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
		return nil, errors.New("sendgrid: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, problems
	}
	return &Provider{config: c, http: client}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// templateID is the brand's template for this mail, or the one of the settings.
func (p *Provider) templateID(s providers.Submission) string {
	if id := s.Message.Templates[p.Name()]; id != "" {
		return id
	}
	return p.config.TemplateID
}

// Send implements [providers.Provider]. Accepted means the answer 202 and nothing else; that SendGrid has the recipient
// on a suppression list is not to be seen here, it drops such mails later.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return providers.Receipt{}, err
	}
	answer, err := p.post(ctx, mailOf(s, p.templateID(s)))
	if err != nil {
		return providers.Receipt{}, err
	}
	if answer.Status != http.StatusAccepted {
		return providers.Receipt{}, failureOf(answer)
	}
	return providers.Receipt{MessageID: providers.MessageID(answer.Header.Get("X-Message-Id"))}, nil
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	return httpclient.Connect(ctx, p.http, p.config.baseURL())
}

// Check implements [providers.Checker]: the same mail in sandbox mode, in which SendGrid validates the request and sends
// nothing. It says 200 then; a 202 is as good, because the setting was sent.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (proven string, err error) {
	if err := s.RequirePlainAddresses(); err != nil {
		return "", err
	}
	v3 := mailOf(s, p.templateID(s))
	v3.MailSettings.SetSandboxMode(mail.NewSetting(true))
	answer, err := p.post(ctx, v3)
	if err != nil {
		return "", err
	}
	if answer.Status != http.StatusOK && answer.Status != http.StatusAccepted {
		return "", failureOf(answer)
	}
	return "validated in sandbox mode", nil
}

// post hands over one mail and returns the answer, whatever it says. The error is an [*providers.Error]: no answer came.
func (p *Provider) post(ctx context.Context, v3 *mail.SGMailV3) (httpclient.Answer, error) {
	body, err := encode(v3)
	if err != nil {
		return httpclient.Answer{}, &providers.Error{Kind: providers.KindConfig, Code: "not encodable", Cause: err}
	}
	request := vendor.GetRequest(p.config.APIKey.Reveal(), mailSendPath, p.config.baseURL())
	request.Method = rest.Post
	request.Body = body

	ctx, progress := httpclient.Watch(ctx)
	client := rest.Client{HTTPClient: p.http}
	answer, err := client.SendWithContext(ctx, request)
	if answer == nil {
		return httpclient.Answer{}, progress.Failure(err)
	}
	// An answer with an error is one whose body broke off. The status came before it and decides.
	return httpclient.Answer{Status: answer.StatusCode, Header: answer.Headers, Body: []byte(answer.Body)}, nil
}
