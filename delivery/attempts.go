package delivery

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"byoe/providers"
)

// leastAttempt is the least time that an attempt is begun with: less would only make an ambiguous failure.
const leastAttempt = 20 * time.Millisecond

// attempts asks one provider after the other until one takes the mail. Each gets its share of the budget, so that the next
// still has time; the last one has nobody to leave time to and may take what the flight has. A provider that rests is passed
// over as long as somebody else is left.
func (d *Deliverer) attempts(ctx context.Context, f *flight, id string, address Key) Outcome {
	submission := providers.Submission{ID: id, Began: idTime(id), Message: f.order.Message}
	lanes := d.rotation.order(d.lanes, address)
	var outcome Outcome
	for i, l := range lanes {
		left := time.Until(f.order.Arrived.Add(d.config.Budget))
		if left < leastAttempt {
			outcome.outOfTime = true
			break
		}
		turn := turn{limit: time.Until(f.order.Arrived.Add(flightMost)), normal: d.normalShare(), lastResort: true}
		if others := inService(lanes[i+1:]); others > 0 {
			turn.limit, turn.lastResort = left/time.Duration(others+1), false
		}
		attempt := l.try(ctx, submission, turn)
		outcome.Attempts = append(outcome.Attempts, attempt)
		f.note(attempt)
		if attempt.Err == nil {
			d.rotation.accepted(address, l)
			break
		}
		if !goesOn(providers.KindOf(attempt.Err)) {
			break
		}
	}
	return outcome
}

// turn is what a provider may do with an attempt.
type turn struct {
	limit      time.Duration
	normal     time.Duration // what it has when nothing went wrong before
	lastResort bool          // nobody else is left to ask
}

// normalShare is the time that an attempt has when nothing went wrong before it. A provider that fails with less than
// most of it has not shown that it hangs.
func (d *Deliverer) normalShare() time.Duration {
	return d.config.Budget / time.Duration(len(d.lanes)) * 9 / 10
}

// try gives one provider its turn.
func (l *lane) try(ctx context.Context, s providers.Submission, t turn) Attempt {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	start := time.Now()
	attempt := Attempt{Provider: l.provider.Name(), Began: start}
	receipt, err := l.guard(t, func() (receipt providers.Receipt, err error) {
		defer func() {
			if recover() != nil {
				// What it panicked with may hold anything. Whether the mail went out nobody knows.
				attempt.stack = string(debug.Stack())
				err = &providers.Error{Kind: providers.KindAmbiguous, Code: "panic"}
			}
		}()
		if err := l.enter(ctx); err != nil {
			return providers.Receipt{}, err
		}
		defer l.leave()
		return l.provider.Send(ctx, s)
	})
	attempt.MessageID = receipt.MessageID
	attempt.Err = err
	attempt.Duration = time.Since(start)
	attempt.cut = err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded)
	return attempt
}
