package entra

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"byoe/entra/graph"
)

// Pace is how long news is waited for on its way through the directory, which usually takes seconds.
type Pace struct {
	// First is the first pause; each is twice the one before, up to Longest. All are drawn from half to one and a half of it.
	First, Longest time.Duration
	// Most bounds the whole wait at one place.
	Most time.Duration
}

// DefaultPace waits for a minute at most.
func DefaultPace() Pace {
	return Pace{First: 500 * time.Millisecond, Longest: 8 * time.Second, Most: time.Minute}
}

func (a *Applier) pace() Pace {
	if a.Pace == (Pace{}) {
		return DefaultPace()
	}
	return a.Pace
}

// waiting is one place's wait.
type waiting struct {
	pace  Pace
	next  time.Duration
	until time.Time
}

func (p Pace) start() *waiting {
	return &waiting{pace: p, next: p.First, until: time.Now().Add(p.Most)}
}

func (w *waiting) over() bool { return !time.Now().Before(w.until) }

// pause waits once; its error is ctx's.
func (w *waiting) pause(ctx context.Context) error {
	pause := w.next/2 + rand.N(w.next+1) //nolint:gosec // not a secret: it keeps two runs from asking in step
	w.next = min(2*w.next, w.pace.Longest)
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// patiently repeats what may fail only because the directory has not heard yet of what was just made.
func (a *Applier) patiently(ctx context.Context, news bool, do func() error) error {
	wait := a.pace().start()
	for {
		err := do()
		if err == nil || !news || !mayBeNews(err) || wait.over() {
			return err
		}
		a.tell("waiting for the directory to hear of what was just made")
		if err := wait.pause(ctx); err != nil {
			return err
		}
	}
}

// mayBeNews says whether an error is of those that a thing causes which has not arrived everywhere: it is not found, or what
// refers to it is called a bad request. Such a request did nothing.
func mayBeNews(err error) bool {
	if _, refused := errors.AsType[*refusal](err); refused {
		return true
	}
	e, ok := errors.AsType[*graph.Error](err)
	return ok && !isThere(err) && (e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest)
}
