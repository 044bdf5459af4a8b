package conformance

import (
	"context"
	"net/http"

	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

// baseline is what the documented event showed. Everything else is measured against it: where the webhook does not take
// this one, that it takes no other says nothing.
type baseline struct {
	who devtenant.SignIn
	// err says that the event could not be sent.
	err error
	// last is the last attempt with the documented spelling, attempts how many there were.
	last     devtenant.Attempt
	attempts int
	// lowerCase says that onetimecode had to be tried, and that it was accepted.
	lowerCase bool
	// accepted says that the webhook said 200 in time, whatever the body; answer is that attempt.
	accepted bool
	answer   devtenant.Attempt
	// mail is what came of it; nil where none came.
	mail *mailbox.Mail
}

// late says that the webhook let both attempts time out.
func (b baseline) late() bool { return b.err == nil && b.last.TimedOut() }

// silent says that no answer came at all, in time or not.
func (b baseline) silent() bool { return b.err != nil || b.last.Status == 0 }

// sound says that the answer is the documented one. Where it is not, one check says so and not all of them.
func (b baseline) sound() bool { return b.accepted && b.answer.Accepted() }

// probe sends the documented event. A webhook that only knows Microsoft's other spelling of the code gets that from then
// on, so that more can be told about it than this one thing.
func (r *run) probe(ctx context.Context, url string) baseline {
	b := r.send(ctx, url)
	if b.late() {
		r.caller.hurry()
	}
	if b.err == nil && !b.accepted && b.last.Status >= http.StatusBadRequest && !isRefusedCaller(b.last.Status) {
		lower := documented()
		lower.LowerCaseCode = true
		r.tenant.SetBehaviour(lower)
		if again := r.send(ctx, url); again.accepted {
			again.last, again.attempts, again.lowerCase = b.last, b.attempts, true
			b = again
		} else {
			r.tenant.SetBehaviour(documented())
		}
	}
	if b.accepted {
		b.mail = r.arrived(ctx, b.who.To)
	}
	return b
}

func (r *run) send(ctx context.Context, url string) baseline {
	b := baseline{who: r.people.next()}
	exchange, err := r.tenant.SendCode(ctx, url, b.who)
	if err != nil {
		b.err = err
		return b
	}
	b.last, b.attempts = exchange.Last(), len(exchange.Attempts)
	b.accepted, b.answer = b.last.Status == http.StatusOK, b.last
	return b
}

// isRefusedCaller says that the webhook does not want this caller at all.
func isRefusedCaller(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}
