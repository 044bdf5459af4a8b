package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"text/tabwriter"
	"time"

	"byoe/app"
	"byoe/config"
	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/event"
	"byoe/message"
	"byoe/providers"
	"byoe/redact"
)

// sendCommand is byoe send.
type sendCommand struct {
	To     string `required:"" help:"Address that gets the mail."`
	Locale string `default:"en-us" help:"Language as Entra would send it, such as ja-jp."`
	Flow   string `default:"sign-in" enum:"sign-up,sign-in,password-reset,other" help:"What the person is doing: sign-up, sign-in, password-reset or other."`
	App    string `help:"Application that the mail speaks of: its name, or its client id where it has a brand of its own." default:"byoe send"`
	DryRun bool   `help:"Ask every provider whether it would take the mail, and send none."`
}

var (
	// errNotSent says that no provider took the mail; what happened was printed.
	errNotSent = errors.New("the mail was not sent")
	// errNotReady says that a provider would not take the mail.
	errNotReady = errors.New("not every provider would take the mail")
)

// Run sends one mail and prints each phase's time. The code in it is made up and opens nothing.
func (c sendCommand) Run(p *program) error {
	phases := tabwriter.NewWriter(p.stdout, 0, 0, 3, ' ', 0)
	start := time.Now()
	settings, err := loadValid(p.environ, nil, (*app.Settings).ValidateMail)
	if err != nil {
		return err
	}
	var ended *delivery.Outcome
	mail, err := app.BuildMail(settings, memory.New(), func(e delivery.End) { ended = &e.Outcome })
	if err != nil {
		return err
	}
	phase(phases, "config", time.Since(start), "")
	e, err := c.event()
	if err != nil {
		return err
	}
	start = time.Now()
	m, err := mail.Composer.Compose(e)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	phase(phases, "render", time.Since(start), m.Variables["locale"]+", "+e.Flow.String())
	for _, provider := range mail.Providers {
		connect(p.ctx, phases, provider)
	}
	if c.DryRun {
		return check(p.ctx, phases, mail.Providers, m)
	}
	outcome := mail.Deliverer.Deliver(p.ctx, delivery.Order{Arrived: time.Now(), Recipient: e.Identifier, Code: e.Code, Message: m})
	mail.Deliverer.Drain(p.ctx) // here is time to see how a slow provider ends
	if ended != nil {
		outcome = *ended
	}
	for _, a := range outcome.Attempts {
		phase(phases, "submit", a.Duration, attemptText(a))
	}
	if err := phases.Flush(); err != nil {
		return err
	}
	if outcome.Result() != delivery.Accepted {
		return fmt.Errorf("%w: %s", errNotSent, outcome.Result())
	}
	return nil
}

// patience is how long one question to a provider may take here, where nobody waits for a code.
const patience = 5 * time.Second

// connect opens the way to a provider ahead of the mail, as the webhook does at its start. A failure is told and no more:
// the mail goes the same way once more.
func connect(ctx context.Context, phases io.Writer, p providers.Provider) {
	connector, ok := p.(providers.Connector)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	note := p.Name() + ": token and connection ready"
	if err := connector.Connect(ctx); err != nil {
		note = p.Name() + ": " + err.Error()
	}
	phase(phases, "connect", time.Since(start), note)
}

// check asks each provider whether it would take the mail.
func check(ctx context.Context, phases *tabwriter.Writer, list []providers.Provider, m *message.Message) error {
	var failed error
	for _, p := range list {
		checker, ok := p.(providers.Checker)
		if !ok {
			continue
		}
		bounded, cancel := context.WithTimeout(ctx, patience)
		start := time.Now()
		proven, err := checker.Check(bounded, delivery.NewSubmission(m))
		cancel()
		if err != nil {
			proven, failed = err.Error(), errNotReady
		}
		phase(phases, "check", time.Since(start), p.Name()+": "+proven)
	}
	return errors.Join(phases.Flush(), failed)
}

// event makes what Entra would have sent.
func (c sendCommand) event() (*event.Event, error) {
	code, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return nil, err
	}
	flow, _ := event.ParseFlow(c.Flow) // kong took nothing else
	client := event.ServicePrincipal{AppDisplayName: c.App}
	if config.IsGUID(c.App) {
		client = event.ServicePrincipal{AppID: c.App}
	}
	return &event.Event{
		Identifier: redact.NewSecret(c.To),
		Code:       redact.NewSecret(fmt.Sprintf("%08d", code)),
		Flow:       flow,
		Locale:     c.Locale,
		Client:     client,
	}, nil
}

func phase(w io.Writer, name string, took time.Duration, note string) {
	_, _ = fmt.Fprintf(w, "%s\t%.2f ms\t%s\n", name, delivery.Milliseconds(took), note) // flushed and checked at the end
}

func attemptText(a delivery.Attempt) string {
	if a.Err != nil {
		return a.Provider + ": " + a.Err.Error()
	}
	if a.MessageID == "" {
		return a.Provider + ": accepted"
	}
	return a.Provider + ": accepted, message id " + a.MessageID
}
