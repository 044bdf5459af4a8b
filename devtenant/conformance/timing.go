package conformance

import (
	"context"
	"slices"
	"sync"
	"time"

	"byoe/devtenant"
)

const (
	// warmCalls are enough for percentiles that mean something, and few enough for a provider that takes half a second.
	warmCalls = 20
	// crowd is how many people sign in at the same moment: what Entra allows one address within a second, nearly.
	crowd = 16
)

const timingRemedy = "Answer within Entra's time-out, at best well within: keep the process warm, keep connections to the provider open, and read keys in the background"

func timingChecks() []check {
	return []check{
		{id: "timing.warm", title: "a warm webhook answers within Entra's time-out", stage: load, run: checkWarm},
		{id: "timing.crowd", title: "many sign-ins at once are answered within Entra's time-out", stage: load, needs: anAnswer, run: checkCrowd},
	}
}

// checkWarm makes no more calls where the documented event and its retry were late already.
func checkWarm(ctx context.Context, r *run) finding {
	if r.base.late() {
		return failed(timingRemedy, "the documented event was not answered in %s, and neither was Entra's retry", words(devtenant.Timeout))
	}
	if why := r.lacks(anAnswer); why != "" {
		return skipped(why, notTried)
	}
	began := time.Now()
	var took []time.Duration
	for len(took) < warmCalls && ctx.Err() == nil && (len(took) == 0 || time.Since(began) < warmMost) {
		got, err := r.timed(ctx)
		if err != nil {
			return unplayable(err)
		}
		if !got.ok() {
			return failed(timingRemedy, "call %d of %d: %s", len(took)+1, warmCalls, got)
		}
		took = append(took, got.took)
	}
	return passed("%d calls, one after the other: %s", len(took), percentiles(took))
}

// warmMost is when the calls are enough, however few they are.
const warmMost = 10 * time.Second

func checkCrowd(ctx context.Context, r *run) finding {
	replies := make([]reply, crowd)
	errs := make([]error, crowd)
	var calling sync.WaitGroup
	for i := range crowd {
		calling.Go(func() { replies[i], errs[i] = r.timed(ctx) })
	}
	calling.Wait()
	var took []time.Duration
	for i, got := range replies {
		switch {
		case errs[i] != nil:
			return unplayable(errs[i])
		case !got.ok():
			return failed(timingRemedy+". Do not handle one call after the other", "%d calls at once, and one of them: %s", crowd, got)
		}
		took = append(took, got.took)
	}
	return passed("%d calls at once: %s", crowd, percentiles(took))
}

// timed calls as Entra would, for somebody new.
func (r *run) timed(ctx context.Context) (reply, error) {
	req, err := r.genuine(r.people.next())
	if err != nil {
		return reply{}, err
	}
	return r.caller.do(ctx, req), nil
}

// percentiles are the 50th, the 90th and the worst.
func percentiles(took []time.Duration) string {
	slices.Sort(took)
	rank := func(percent int) time.Duration { return took[(len(took)*percent+99)/100-1] }
	return "half in " + words(rank(50)) + ", 90 % in " + words(rank(90)) + ", all in " + words(rank(100))
}
