package conformance

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"byoe/devtenant/mailbox"
)

const (
	// arrival is how long after its answer a webhook may take to have the mail in the mailbox. It answers 200 when a provider
	// took the mail, so that everything beyond the blink of an eye is generous already.
	arrival = 5 * time.Second
	// quiet is how long a mailbox is watched for a mail that must not come.
	quiet = 300 * time.Millisecond
)

// arrived waits for somebody's first mail. It returns nil where none comes.
func (r *run) arrived(ctx context.Context, to string) *mailbox.Mail {
	ctx, cancel := context.WithTimeout(ctx, arrival)
	defer cancel()
	mail, err := r.tenant.Mailbox().Wait(ctx, func(m mailbox.Mail) bool { return isFor(m, to) })
	if err != nil {
		return nil
	}
	return &mail
}

// settled waits until late mails would be here too and returns somebody's, newest first.
func (r *run) settled(ctx context.Context, to string) []mailbox.Mail {
	pause(ctx, quiet)
	return slices.DeleteFunc(r.tenant.Mailbox().Mails(), func(m mailbox.Mail) bool { return !isFor(m, to) })
}

// isFor says whether the mail goes to that address, whoever else gets it. Letter case means nothing in practice, and some
// webhooks lower it.
func isFor(m mailbox.Mail, to string) bool {
	return slices.ContainsFunc(m.To, func(recipient string) bool { return strings.EqualFold(recipient, to) })
}

// carries says whether a person finds the code in the mail.
func carries(m mailbox.Mail, code string) bool {
	return strings.Contains(m.Subject, code) || strings.Contains(m.Text, code) || strings.Contains(m.HTML, code)
}

// count says how many mails there are, for evidence.
func count(mails int) string {
	switch mails {
	case 0:
		return "no mail"
	case 1:
		return "1 mail"
	default:
		return strconv.Itoa(mails) + " mails"
	}
}

// pause waits; the end of ctx cuts it short.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
