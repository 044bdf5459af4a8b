package delivery

import (
	"slices"
	"time"
)

// await waits for the flight's outcome, from a request's arrival on for as long as hold. A definite outcome is answered at
// once. An open one is withheld while it may still turn good: Entra retries a call that timed out, and the retry joins
// this flight, while an early answer that is no 200 could make Microsoft send a mail of its own beside ours.
func (f *flight) await(arrived time.Time, hold time.Duration) Outcome {
	patience := time.NewTimer(time.Until(arrived.Add(hold)))
	defer patience.Stop()
	select {
	case <-f.done:
	case <-patience.C:
	}
	return f.soFar()
}

// soFar is the outcome, or what is known where it is still open.
func (f *flight) soFar() Outcome {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.outcome
	o.Attempts = slices.Clone(o.Attempts)
	if !f.ended {
		f.gone++
		o.open = true
	}
	return o
}
