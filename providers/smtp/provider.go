// Package smtp submits mail to the owner's own server or any vendor's SMTP endpoint (RFC 5321, RFC 6409).
//
// go-mail writes the MIME and speaks the commands; the order of the dialogue is ours. Its high-level client bounds only
// the TCP handshake by the context, reports a failed RSET or QUIT like a failed mail, and does not say whether an error
// came before or after the mail was on its way, which is the one thing that failing over needs to know. One command at
// a time, each point has one meaning: up to the final dot of DATA nothing has been accepted, from there to the server's
// reply the outcome is unknown, and the reply decides.
package smtp

import (
	"context"

	"byoe/config"
	"byoe/providers"
)

// Name is the word for SMTP in MAIL_PROVIDERS.
const Name = "smtp"

// Provider is a [providers.Provider]. It may be used by many goroutines; each mail has a connection of its own.
type Provider struct {
	dialer *dialer
}

var _ providers.Provider = (*Provider)(nil)

// New returns a Provider. It does not connect. The error is a [config.Problems] where settings are wrong.
func New(c Config) (*Provider, error) {
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	d, err := newDialer(c.withDefaults())
	if err != nil {
		return nil, err
	}
	return &Provider{dialer: d}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. The receipt holds the server's queue id where its reply shows one, else the
// mail's Message-ID.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	mail, err := compose(s)
	if err != nil {
		return providers.Receipt{}, err
	}
	l, err := p.dialer.open(ctx)
	if err != nil {
		return providers.Receipt{}, err
	}
	release := l.bind(ctx)
	defer release()
	defer l.hangUp()
	reply, err := l.submit(ctx, mail)
	if err != nil {
		return providers.Receipt{}, err
	}
	return providers.Receipt{MessageID: receiptID(reply, s, mail)}, nil
}
