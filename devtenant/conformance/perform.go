package conformance

import (
	"context"
	"sync"
	"time"

	"byoe/devtenant"
)

// atOnce is how many checks of the stage together run at the same time: a sign-in page on a quiet day.
const atOnce = 6

// perform runs the checks stage by stage and returns what came of them in the order in which they were given.
func (r *run) perform(ctx context.Context, checks []check) []devtenant.Check {
	results := make([]devtenant.Check, len(checks))
	for _, s := range []stage{first, together, load, alone} {
		limit := 1
		if s == together {
			limit = atOnce
		}
		r.performStage(ctx, s, limit, checks, results)
	}
	return results
}

func (r *run) performStage(ctx context.Context, s stage, limit int, checks []check, results []devtenant.Check) {
	var running sync.WaitGroup
	slots := make(chan struct{}, limit)
	for i, c := range checks {
		if c.stage != s {
			continue
		}
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			results[i] = r.one(ctx, c)
			if s == alone && r.lacks(c.needs) == "" {
				r.recover(ctx)
			}
		})
	}
	running.Wait()
}

// one runs a check. What a cut off check found is worth nothing: a call that the end of ctx broke looks like a dead webhook.
func (r *run) one(ctx context.Context, c check) devtenant.Check {
	began := time.Now()
	var found finding
	switch why := r.lacks(c.needs); {
	case ctx.Err() != nil:
		found = skipped("The run was ended before", notTried)
	case why != "":
		found = skipped(why, notTried)
	default:
		found = c.run(ctx, r)
		if ctx.Err() != nil {
			found = skipped("The run was ended before it came to a verdict", "cut off")
		}
	}
	return devtenant.Check{
		ID: c.id, Title: c.title, Verdict: found.verdict, Evidence: found.evidence, Remedy: found.remedy,
		Milliseconds: float64(time.Since(began).Microseconds()) / 1000,
	}
}
