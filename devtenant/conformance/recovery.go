package conformance

import (
	"context"
	"sync"
	"time"
)

const (
	// recoverMost is how long a webhook may need after a fault is mended.
	recoverMost = 15 * time.Second
	// recoverStep is the time between two tries.
	recoverStep = 250 * time.Millisecond
)

// recovery is how the webhook came back after what was done to it.
type recovery struct {
	mu      sync.Mutex
	longest time.Duration
	never   bool
}

// recover mends what a check broke and calls until the webhook takes events again, so that the next check does not measure
// this one's: a webhook may rest a provider that failed.
func (r *run) recover(ctx context.Context) {
	r.tenant.Mend()
	if r.lost() != "" {
		return
	}
	began := time.Now()
	for time.Since(began) < recoverMost {
		req, err := r.genuine(r.people.next())
		if err == nil && r.caller.do(ctx, req).ok() || ctx.Err() != nil {
			r.recovery.note(time.Since(began), false)
			return
		}
		pause(ctx, recoverStep)
	}
	r.recovery.note(time.Since(began), true)
}

func (v *recovery) note(took time.Duration, never bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.longest = max(v.longest, took)
	v.never = v.never || never
}

// lost returns why nothing more can be broken, or "".
func (r *run) lost() string {
	r.recovery.mu.Lock()
	defer r.recovery.mu.Unlock()
	if r.recovery.never {
		return "The webhook did not take events again after an earlier fault; see truth.recovers"
	}
	return ""
}

// checkRecovers tells what the others' ends showed. It has to be the last.
func checkRecovers(_ context.Context, r *run) finding {
	if why := r.lost(); why != "" {
		return failed("Try a provider, and the key endpoint, again within seconds: a rest that is longer than the trouble prolongs it",
			"events were still refused %s after a fault was mended", words(recoverMost))
	}
	r.recovery.mu.Lock()
	defer r.recovery.mu.Unlock()
	return passed("at the latest %s after a fault was mended", words(r.recovery.longest))
}
