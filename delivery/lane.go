package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"byoe/providers"
)

const (
	// laneWidth is how many mails one provider is handed at once. Beyond it mails queue inside their own time.
	laneWidth = 128
	// tripAfter is how many failures in a row open a provider's breaker: few, because each costs a person a part of their
	// two seconds.
	tripAfter = 3
	// rest is how long an open breaker keeps a provider out before one mail probes it again.
	rest = 10 * time.Second
)

// lane is one provider with what protects it and us from each other: a breaker and a bound on mails at once.
type lane struct {
	provider providers.Provider
	breaker  *gobreaker.CircuitBreaker[providers.Receipt]
	slots    chan struct{}
}

func newLane(p providers.Provider) *lane {
	return &lane{
		provider: p,
		slots:    make(chan struct{}, laneWidth),
		breaker: gobreaker.NewCircuitBreaker[providers.Receipt](gobreaker.Settings{
			Timeout:     rest,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
			IsExcluded:  func(err error) bool { return errors.As(err, new(*notItsFault)) },
		}),
	}
}

// notItsFault wraps a failure that says nothing about the provider's health.
type notItsFault struct{ error }

func (e *notItsFault) Unwrap() error { return e.error }

// guard runs send and tells the breaker. What the recipient caused does not count, nor what happened in less than the
// provider's normal time: one slow caller must not close a good provider to everybody. A provider that rests, or that
// another mail is just probing, is not asked, unless nobody else is left: better a try than no mail.
func (l *lane) guard(t turn, send func() (providers.Receipt, error)) (providers.Receipt, error) {
	receipt, err := l.breaker.Execute(func() (providers.Receipt, error) {
		receipt, err := send()
		if err != nil && !counts(providers.KindOf(err), t.limit >= t.normal) {
			err = &notItsFault{err}
		}
		return receipt, err
	})
	if excluded, ok := errors.AsType[*notItsFault](err); ok {
		return receipt, excluded.error
	}
	if !isOpen(err) {
		return receipt, err
	}
	if t.lastResort {
		return send()
	}
	return providers.Receipt{}, &providers.Error{Kind: providers.KindTemporary, Code: "resting", Cause: err}
}

// isOpen says that the breaker let nobody through.
func isOpen(err error) bool {
	return errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
}

// counts says whether a failure of this kind speaks against the provider.
func counts(kind providers.Kind, fullTime bool) bool {
	switch kind {
	case providers.KindRefused, providers.KindInvalidAddress:
		return false
	case providers.KindAmbiguous, providers.KindTemporary:
		return fullTime
	case providers.KindAuth, providers.KindConfig, providers.KindThrottled:
		return true
	default:
		return true
	}
}

func (l *lane) resting() bool { return l.breaker.State() == gobreaker.StateOpen }

// state is the breaker's in words.
func (l *lane) state() string {
	switch l.breaker.State() {
	case gobreaker.StateOpen:
		return "resting"
	case gobreaker.StateHalfOpen:
		return "probing"
	case gobreaker.StateClosed:
		return "ok"
	default:
		return "ok"
	}
}

// inService counts who does not rest.
func inService(lanes []*lane) int {
	n := 0
	for _, l := range lanes {
		if !l.resting() {
			n++
		}
	}
	return n
}

// enter takes a slot, within the attempt's own time.
func (l *lane) enter(ctx context.Context) error {
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &providers.Error{Kind: providers.KindTemporary, Code: "queue full", Cause: ctx.Err()}
	}
}

func (l *lane) leave() { <-l.slots }
