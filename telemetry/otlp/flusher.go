package otlp

import (
	"context"
	"time"
)

// The leash of an export after a call. The platform may freeze the process as soon as nothing is in flight.
const (
	// flushGathers lets the answer go out first, and what ends together go together.
	flushGathers = 10 * time.Millisecond
	flushMost    = 800 * time.Millisecond
	// flushEvery is the least time between two: a busy process is not frozen, and needs none.
	flushEvery = time.Second
)

// flusher makes many requests for a flush few flushes, one at a time.
type flusher struct{ asked chan struct{} }

func newFlusher() flusher { return flusher{make(chan struct{}, 1)} }

// ask asks for a flush and waits for nothing.
func (f flusher) ask() {
	select {
	case f.asked <- struct{}{}:
	default:
	}
}

// run flushes soon after it was asked to, until ctx is done.
func (f flusher) run(ctx context.Context, flush func(ctx context.Context)) {
	for {
		select {
		case <-f.asked:
		case <-ctx.Done():
			return
		}
		if !sleep(ctx, flushGathers) {
			return
		}
		bounded, cancel := context.WithTimeout(ctx, flushMost)
		flush(bounded)
		cancel()
		if !sleep(ctx, flushEvery) {
			return
		}
	}
}

// sleep says whether ctx was still alive at its end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
