// Package mailgun sends through Mailgun's Messages API v3. It is the only vendor of those that byoe knows whose API carries
// a local part beyond ASCII.
package mailgun

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// Name is Mailgun's word in MAIL_PROVIDERS.
const Name = "mailgun"

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
		return nil, errors.New("mailgun: no HTTP client")
	}
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	return &Provider{config: c, client: client}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. Accepted means 200 with an id; that Mailgun has the recipient on a suppression list
// is not to be seen here, such mails fail later.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	return p.send(ctx, s, false)
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	return httpclient.Connect(ctx, p.client, p.config.baseURL())
}

// Check implements [providers.Checker]: the mail in test mode, which Mailgun takes, bills and does not deliver.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	_, err := p.send(ctx, s, true)
	return "validated in test mode", err
}

func (p *Provider) send(ctx context.Context, s providers.Submission, test bool) (providers.Receipt, error) {
	if err := s.RequirePlainSender(); err != nil {
		return providers.Receipt{}, err
	}
	answer, err := httpclient.Exchange(ctx, p.client, p.request(s, test))
	if err != nil {
		return providers.Receipt{}, err
	}
	var accepted struct {
		ID string `json:"id"`
	}
	if answer.Status == http.StatusOK && json.Unmarshal(answer.Body, &accepted) == nil && accepted.ID != "" {
		return providers.Receipt{MessageID: p.messageID(accepted.ID)}, nil
	}
	return providers.Receipt{}, failureOf(answer)
}

// messageID takes the id's left part out of "<20261124.1.ABC@mg.contoso.example>". The right part is the owner's domain; an
// id with another one is none.
func (p *Provider) messageID(id string) string {
	left, found := strings.CutSuffix(strings.Trim(id, "<>"), "@"+p.config.Domain)
	if !found {
		return ""
	}
	return providers.MessageID(left)
}
