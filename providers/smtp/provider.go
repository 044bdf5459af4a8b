// Package smtp submits mail to the owner's own server or any vendor's SMTP endpoint (RFC 5321, RFC 6409), over connections
// that are kept: greeting, encryption and login take five to seven round trips, a mail on a connection that has them behind
// it takes two.
//
// go-mail opens the dialogue: EHLO, STARTTLS and the logins. From there the order is ours. Its high-level client bounds only
// the TCP handshake by the context, reports a failed RSET or QUIT like a failed mail, knows no PIPELINING, and does not say
// whether an error came before or after the mail was on its way, which is the one thing that failing over needs to know.
// Here each point has one meaning: up to the final dot of DATA nothing has been accepted, from there to the server's reply
// the outcome is unknown, and the reply decides.
package smtp

import (
	"context"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/mime"
)

// Name is the word for SMTP in MAIL_PROVIDERS.
const Name = "smtp"

// Provider is a [providers.Provider]. It may be used by many goroutines; each mail has a connection for itself while it is
// submitted.
type Provider struct {
	pool *pool
}

var (
	_ providers.Provider  = (*Provider)(nil)
	_ providers.Connector = (*Provider)(nil)
	_ providers.Runner    = (*Provider)(nil)
	_ providers.Checker   = (*Provider)(nil)
)

// New returns a Provider. It does not connect. The error is a [config.Problems] where settings are wrong.
func New(c Config) (*Provider, error) {
	if problems := c.Validate(); len(problems) > 0 {
		return nil, config.Problems(problems)
	}
	c = c.withDefaults()
	d, err := newDialer(c)
	if err != nil {
		return nil, err
	}
	return &Provider{pool: newPool(d, c.Connections)}, nil
}

// Name implements [providers.Provider].
func (p *Provider) Name() string { return Name }

// Send implements [providers.Provider]. The receipt holds the server's queue id where its reply shows one, else the
// mail's Message-ID.
func (p *Provider) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	mail, err := mime.Compose(s)
	if err != nil {
		return providers.Receipt{}, err
	}
	var reply string
	err = p.use(ctx, func(l *link) (err error) {
		reply, err = l.submit(ctx, mail)
		return err
	})
	if err != nil {
		return providers.Receipt{}, err
	}
	return providers.Receipt{MessageID: receiptID(reply, s, mail)}, nil
}

// Connect implements [providers.Connector].
func (p *Provider) Connect(ctx context.Context) error {
	return p.use(ctx, func(*link) error { return nil })
}

// Check implements [providers.Checker]: it names sender and recipient and hands no mail over.
func (p *Provider) Check(ctx context.Context, s providers.Submission) (string, error) {
	mail, err := mime.Compose(s)
	if err != nil {
		return "", err
	}
	err = p.use(ctx, func(l *link) error { return l.rehearse(ctx, mail) })
	return "sender and recipient accepted, no mail handed over", err
}

// use does something on a link. An idle link that turns out to be dead is replaced once: nothing of the mail has been said
// on it that counts.
func (p *Provider) use(ctx context.Context, do func(*link) error) error {
	l, used, err := p.pool.take(ctx)
	if err != nil {
		return err
	}
	err = do(l)
	if used && l.left && ctx.Err() == nil {
		if l, err = p.pool.retake(ctx, l); err != nil {
			return err
		}
		err = do(l)
	}
	if l.lost || l.inContent {
		p.pool.discard(l)
	} else {
		p.pool.give(l)
	}
	return err
}
