// Package delivery gets one message out, once and in time, through the first provider that takes it.
//
// It knows neither vendors nor templates: it sees providers only through their interface and their error kinds. Which kind
// leads to which action stands in failover.go.
package delivery

import (
	"context"
	"errors"
	"time"

	"byoe/message"
	"byoe/providers"
)

// leastAttempt is the least time that an attempt is begun with: less would only make an ambiguous failure.
const leastAttempt = 20 * time.Millisecond

// Deliverer sends messages through an ordered list of providers. It is safe for concurrent use.
type Deliverer struct {
	providers []providers.Provider
	budget    time.Duration
}

// New makes a deliverer. The first provider is asked first.
func New(c Config, ordered []providers.Provider) *Deliverer {
	return &Deliverer{providers: ordered, budget: c.Budget}
}

// Deliver sends m. All time counts from arrived, the moment at which the request came in: the caller's patience does too.
//
// When ctx is cancelled (the caller hung up) the attempt goes on until its own time ends: the mail may be on its way, and
// breaking it off would leave nobody knowing.
func (d *Deliverer) Deliver(ctx context.Context, arrived time.Time, m *message.Message) Outcome {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), arrived.Add(d.budget))
	defer cancel()
	submission := providers.Submission{ID: newID(), Message: m}
	var outcome Outcome
	for i, provider := range d.providers {
		share := share(ctx, len(d.providers)-i)
		if share < leastAttempt {
			outcome.outOfTime = true
			break
		}
		attempt := try(ctx, provider, submission, share)
		outcome.Attempts = append(outcome.Attempts, attempt)
		if attempt.Err == nil || !goesOn(providers.KindOf(attempt.Err)) {
			break
		}
	}
	return outcome
}

// share is the time for the next attempt: what is left, in equal parts for those who may still have to be asked, so that a
// provider that hangs leaves the next one its time.
func share(ctx context.Context, candidates int) time.Duration {
	deadline, _ := ctx.Deadline()
	return time.Until(deadline) / time.Duration(candidates)
}

func try(ctx context.Context, provider providers.Provider, s providers.Submission, limit time.Duration) Attempt {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	start := time.Now()
	receipt, err := provider.Send(ctx, s)
	return Attempt{
		Provider:  provider.Name(),
		Duration:  time.Since(start),
		MessageID: receipt.MessageID,
		Err:       err,
		cut:       err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded),
	}
}
