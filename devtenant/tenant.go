// Package devtenant is a small Entra External ID tenant on the loopback, for development and tests: it publishes
// metadata and signing keys, gives out the tokens that Entra's caller application presents, plays the call with a code,
// and takes the mail that comes of it.
//
// It states the contract a second time, on its own: it imports nothing of what it is there to test (event, auth,
// handler, message, delivery), because a stand-in that shares code with its subject agrees with every mistake in it.
//
// It is no part of production: [Start] refuses where it sees Azure, listens on the loopback unless it is told otherwise, and
// logs nothing.
package devtenant

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"byoe/config"
	"byoe/devtenant/mailbox"
	"byoe/devtenant/otp"
)

// The defaults. The identifiers are those of Microsoft's documentation, so that the documented payload works as it is.
const (
	// Addr is where the tenant listens: metadata, keys, tokens and pages.
	Addr = "127.0.0.1:7072"
	// MailboxAddr is where the tenant takes mail by SMTP.
	MailboxAddr = "127.0.0.1:1025"
	// TenantID is the tenant of the documented EmailOtpSend payload.
	TenantID = "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d"
	// Audience is the client id of the app registration that protects the webhook.
	Audience = "22223333-cccc-4444-dddd-5555eeee6666"
	// CallerAppID is Microsoft's application "Azure Active Directory Authentication Extensions", which calls webhooks.
	CallerAppID = "99045fe1-7639-4a75-9d4a-577b6ca3810f"
	// MailFrom is the sender that the tenant's settings propose.
	MailFrom = "Local tenant <no-reply@example.com>"
)

// Options says what kind of tenant to start. Zero values mean the defaults above.
type Options struct {
	// Addr is host:port of the tenant's HTTP server; port 0 takes a free one.
	Addr string
	// MailboxAddr is host:port of its SMTP server; port 0 takes a free one.
	MailboxAddr string
	// TenantID is the tenant's GUID.
	TenantID string
	// Audience is what tokens are for (aud).
	Audience string
	// B2C is how an Azure AD B2C policy of the tenant would call.
	B2C B2C
	// Exposed allows addresses that other machines reach. Whoever reaches them gets tokens and reads every mail.
	Exposed bool
	// Codes are the kinds of one-time codes that people can choose on the sign-in page; empty means [Presets].
	Codes []Preset
	// Conformance checks a webhook for the page that does; nil leaves the page out.
	Conformance Conformance
}

// withDefaults fills in what is empty.
func (o Options) withDefaults() Options {
	o.Addr = orDefault(o.Addr, Addr)
	o.MailboxAddr = orDefault(o.MailboxAddr, MailboxAddr)
	o.TenantID = orDefault(o.TenantID, TenantID)
	o.Audience = orDefault(o.Audience, Audience)
	o.B2C = o.B2C.withDefaults(o.TenantID)
	return o
}

// Tenant is a running local tenant. Its methods may be called by many goroutines at once.
type Tenant struct {
	tenantID string
	audience string
	url      string
	port     string
	b2c      B2C

	exposed bool

	keys        *keyRing
	keyEndpoint keyEndpoint
	mailbox     *mailbox.Mailbox
	pages       *pages
	messages    *otp.Messages
	conformance Conformance
	checking    sync.Mutex

	attached attached
	conduct  conduct
	calls    calls
	journeys *journeys

	// stopping is done when Close was called, for answers that are held back on purpose.
	stopping context.Context //nolint:containedctx // the tenant's own life, not a caller's
	stop     context.CancelFunc

	server *http.Server
	served chan error
	client *http.Client

	closing  sync.Once
	closeErr error
}

// Start starts a tenant that runs until [Tenant.Close]; ctx bounds the start only. environ is the process's environment,
// in which signs of Azure are looked for. What it refuses is a [config.Problem].
func Start(ctx context.Context, o Options, environ map[string]string) (*Tenant, error) {
	err := RefusedInAzure(environ)
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	if !config.IsGUID(o.TenantID) {
		return nil, config.Problem{
			Setting: "ENTRA_TENANT_ID",
			What:    "the local tenant needs a GUID for its id",
			Remedy:  "Give one tenant's GUID, or none for the tenant of Microsoft's documentation",
		}
	}
	t := &Tenant{
		tenantID: o.TenantID, audience: o.Audience, b2c: o.B2C, exposed: o.Exposed, conformance: o.Conformance,
		served: make(chan error, 1), client: newClient(),
		attached: attached{webhook: Webhook{URL: DefaultWebhook}}, conduct: conduct{behaviour: defaultBehaviour()},
	}
	t.journeys, err = newJourneys(o.Codes)
	if err != nil {
		return nil, err
	}
	t.messages, err = otp.LoadMessages()
	if err != nil {
		return nil, err
	}
	t.keys, err = newKeyRing()
	if err != nil {
		return nil, err
	}
	t.pages, err = loadPages(t.navigation())
	if err != nil {
		return nil, err
	}
	err = t.listen(ctx, o)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// listen opens both addresses or none.
func (t *Tenant) listen(ctx context.Context, o Options) error {
	open := listenLoopback
	if o.Exposed {
		open = listenAnywhere
	}
	web, err := open(ctx, settingAddr, o.Addr)
	if err != nil {
		return err
	}
	mail, err := open(ctx, settingMailboxAddr, o.MailboxAddr)
	if err != nil {
		return errors.Join(err, web.Close())
	}
	_, t.port, err = net.SplitHostPort(web.Addr().String())
	if err != nil {
		return errors.Join(err, web.Close(), mail.Close())
	}
	t.url = "http://" + reachable(web.Addr())
	t.stopping, t.stop = context.WithCancel(context.WithoutCancel(ctx))
	t.mailbox = mailbox.Serve(mail)
	t.server = newServer(t.guard(t.routes()))
	go func() { t.served <- t.server.Serve(web) }()
	return nil
}

// URL returns the tenant's address, such as "http://127.0.0.1:7072".
func (t *Tenant) URL() string { return t.url }

// Authority returns what ENTRA_AUTHORITY must be for a webhook of this tenant; it is the issuer of the tokens too.
func (t *Tenant) Authority() string { return t.url + "/" + t.tenantID + "/v2.0" }

// MailboxAddr returns host:port of the SMTP server.
func (t *Tenant) MailboxAddr() string { return t.mailbox.Addr() }

// Mailbox returns what the SMTP server took.
func (t *Tenant) Mailbox() *mailbox.Mailbox { return t.mailbox }

// RollKeys makes a new signing key and signs with it from now on. Earlier keys stay published, as at Entra, until
// [Tenant.WithdrawOldKeys].
func (t *Tenant) RollKeys() error { return t.keys.roll() }

// WithdrawOldKeys stops publishing every key but the one in use, as Entra does at the end of a roll-over or when a key
// was stolen: a webhook must not take a token that an old one signed for ever.
func (t *Tenant) WithdrawOldKeys() { t.keys.withdrawOld() }

// stopTimeout is how long Close waits for requests that are being answered.
const stopTimeout = 2 * time.Second

// Close stops both servers and waits until they are gone. A second call returns what the first did.
func (t *Tenant) Close() error {
	t.closing.Do(func() { t.closeErr = t.close() })
	return t.closeErr
}

// onStop has do called when the tenant stops, unless its return value is called before.
func (t *Tenant) onStop(do func()) (forget func() bool) { return context.AfterFunc(t.stopping, do) }

func (t *Tenant) close() error {
	t.stop()
	mailboxErr := t.mailbox.Close() // first: requests to the SendGrid stand-in that hang end with it
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := t.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = t.server.Close() // a client that sends nothing must not keep the program alive
	}
	served := <-t.served
	if !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	t.client.CloseIdleConnections()
	return errors.Join(err, mailboxErr)
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
