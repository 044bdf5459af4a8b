package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

// devCommand is byoe dev with its parts.
type devCommand struct {
	Run   devRunCommand   `cmd:"" default:"withargs" help:"Run it (the default)."`
	Check devCheckCommand `cmd:"" help:"Check whether a webhook is what Entra needs, and report."`
	Token devTokenCommand `cmd:"" help:"Print a bearer token of the running local tenant, for curl."`
}

// devRunCommand is byoe dev.
type devRunCommand struct {
	Locale  string `default:"en-us" help:"Language of the sample sign-up, such as ja-jp."`
	To      string `default:"someone@example.com" help:"Address of the sample sign-up; the mail goes to the local mailbox."`
	Webhook string `help:"Drive the webhook at this address instead of one in this process." placeholder:"URL"`
	Once    bool   `help:"End after the sample; fail where it did not arrive."`
}

// devPort is where func start would listen: what a developer tries against one works against the other.
const devPort = "7071"

// sampleMost bounds the sample: two attempts of Entra's and the mail's way.
const sampleMost = 10 * time.Second

// Run starts tenant and webhook, sends the sample, and stays until a signal comes.
func (c devRunCommand) Run(p *program) error {
	d, err := startDev(p, c.Webhook)
	if err != nil {
		return err
	}
	defer d.close()
	tour := tour{out: p.stdout, tenant: d.tenant, webhook: d.webhook}
	err = tour.run(p.ctx, devtenant.SignIn{To: c.To, Locale: c.Locale})
	switch {
	case c.Once:
		d.stop()
	case err != nil:
		_, _ = fmt.Fprintln(p.stderr, err) // the pages stay open for a look
		err = nil
	}
	if c.Webhook != "" && !c.Once {
		tour.printf("Settings of a webhook for this tenant:\n\n%s\n", settingLines(d.tenant))
	}
	if !c.Once {
		tour.printf("Try:  %s/signin\n      samples/send.sh samples/japanese.json\n      go run . dev token\n\nCtrl-C ends it. ", d.tenant.URL())
	}
	if c.Webhook == "" {
		tour.printf("The webhook's log, as it would be in Azure:\n\n")
	}
	d.log.release()
	return errors.Join(err, d.wait())
}

// settingLines are the tenant's settings, ready for a .env file.
func settingLines(t *devtenant.Tenant) string {
	var lines []string
	for name, value := range t.Settings() {
		lines = append(lines, "  "+name+"="+value+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// tour shows a newcomer one code on its way.
type tour struct {
	out     io.Writer
	tenant  *devtenant.Tenant
	webhook string
}

// errNoSample says that the sample did not arrive; what happened was printed.
var errNoSample = errors.New("the sample sign-up did not get its mail")

func (t tour) run(ctx context.Context, s devtenant.SignIn) error {
	ctx, cancel := context.WithTimeout(ctx, sampleMost)
	defer cancel()
	t.printf("byoe dev: a local tenant, its mailbox and the webhook\n\n"+
		"  webhook   %s\n  tenant    %s\n  mailbox   %s/mailbox   (SMTP %s)\n\n", t.webhook, t.tenant.URL(), t.tenant.URL(), t.tenant.MailboxAddr())
	start := time.Now()
	exchange, err := t.tenant.SendCode(ctx, t.webhook, s)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoSample, err)
	}
	if !exchange.Accepted() {
		return fmt.Errorf("%w: the webhook answered %d: %s", errNoSample, exchange.Last().Status, exchange.Last().Refusal)
	}
	code := exchange.Code.Reveal()
	mail, err := t.tenant.Mailbox().Wait(ctx, func(m mailbox.Mail) bool { return m.Code == code })
	if err != nil {
		return fmt.Errorf("%w: the webhook said 200, but no mail came", errNoSample)
	}
	t.show(exchange.Last(), mail, time.Since(start))
	return nil
}

// show prints the phases and the mail.
func (t tour) show(a devtenant.Attempt, m mailbox.Mail, total time.Duration) {
	t.printf("A sample sign-up went through all of it:\n\n")
	phases := tabwriter.NewWriter(t.out, 0, 0, 3, ' ', 0)
	phase(phases, "  token signed", a.Token, "by the local tenant, with Entra's claims")
	phase(phases, "  request sent", a.Request, "the documented event")
	phase(phases, fmt.Sprintf("  answer %d", a.Status), a.Answer, "token checked, mail composed and accepted")
	phase(phases, "  mail in the box", total, "all in all")
	_ = phases.Flush() // to the terminal
	t.printf("\n  to        %s\n  subject   %s\n  read it   %s/mailbox/%s\n\n", strings.Join(m.To, ", "), m.Subject, t.tenant.URL(), m.ID)
}

func (t tour) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...) // to the terminal
}
