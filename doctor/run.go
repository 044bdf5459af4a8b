package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// wholeMost bounds a run, whatever its checks do.
	wholeMost = 15 * time.Second
	// checkMost bounds one check. Two of them fit into a run, so that a check that waited for a slow one has its turn too.
	checkMost = 7 * time.Second
	// grace is how long a check whose time is out has to say so in its own words.
	grace = 200 * time.Millisecond
)

// Run makes all checks at the same time and returns what they found, in the order of the list. It takes no longer than 15
// seconds: a check that does not end by then is left behind and told.
func Run(ctx context.Context, checks []Check) []Result {
	ctx, cancel := context.WithTimeout(ctx, wholeMost-2*grace)
	defer cancel()
	turns := make([]*turn, len(checks))
	for i, c := range checks {
		turns[i] = &turn{check: c, needs: named(turns[:i], c.After), awaits: named(turns[:i], c.Awaits), done: make(chan struct{})}
	}
	for _, t := range turns {
		go t.take(ctx)
	}
	var results []Result
	for _, t := range turns {
		<-t.done
		results = append(results, t.results...)
	}
	return results
}

// turn is one check on its way through a run. results is read after done is closed.
type turn struct {
	check         Check
	needs, awaits []*turn
	done          chan struct{}
	results       []Result
}

// named finds the turns of these ids. Only those that stand before may be waited for, so that no two wait for each other.
func named(before []*turn, ids []string) []*turn {
	var found []*turn
	for _, id := range ids {
		for _, t := range before {
			if t.check.ID == id {
				found = append(found, t)
			}
		}
	}
	return found
}

// take waits for what the check needs, makes it, and labels what it found.
func (t *turn) take(ctx context.Context) {
	defer close(t.done)
	if reason := t.unmet(ctx); reason != "" {
		t.label([]Result{skip(reason, "")}, 0)
		return
	}
	start := time.Now()
	found := bounded(ctx, t.check.Look)
	t.label(found, time.Since(start))
}

// unmet waits, and says why the check has no meaning, "" where it has.
func (t *turn) unmet(ctx context.Context) string {
	for _, other := range slices.Concat(t.awaits, t.needs) {
		select {
		case <-other.done:
		case <-ctx.Done():
			return "no time was left after “" + other.check.Title + "”"
		}
	}
	for _, need := range t.needs {
		if !need.holds() {
			return "has no meaning before “" + need.check.Title + "” is in order"
		}
	}
	return ""
}

// holds says whether others can build on the check: nothing failed, and not everything was skipped.
func (t *turn) holds() bool {
	skipped := 0
	for _, r := range t.results {
		if r.Verdict == Skip {
			skipped++
		}
	}
	return !Failed(t.results) && skipped < len(t.results)
}

func (t *turn) label(found []Result, took time.Duration) {
	for _, r := range found {
		if r.ID == "" {
			r.ID = t.check.ID
		}
		if r.Title == "" {
			r.Title = t.check.Title
		}
		r.Group, r.Took = t.check.Group, took
		t.results = append(t.results, r)
	}
}

// bounded returns what look found, or that it did not end.
func bounded(whole context.Context, look func(ctx context.Context) []Result) []Result {
	ctx, cancel := context.WithTimeout(whole, checkMost)
	defer cancel()
	ended := make(chan []Result, 1)
	go func() { ended <- contained(ctx, look) }()
	select {
	case found := <-ended:
		return found
	case <-ctx.Done():
	}
	select {
	case found := <-ended:
		return found
	case <-time.After(grace):
		return []Result{leftBehind(whole)}
	}
}

// leftBehind is the finding of a check that did not end.
func leftBehind(whole context.Context) Result {
	switch {
	case errors.Is(whole.Err(), context.Canceled):
		return skip("stopped before it ended", "")
	case whole.Err() != nil:
		return skip(fmt.Sprintf("did not end within the %v of the whole run", wholeMost), "Run it alone with --only")
	default:
		return fail(fmt.Sprintf("did not end within %v", checkMost),
			"Something on the way swallows packets instead of refusing them: look at firewalls and proxies")
	}
}

// contained keeps a check that breaks off from taking the others with it. What a panic carries may quote anything and is not
// told.
func contained(ctx context.Context, look func(ctx context.Context) []Result) (found []Result) {
	defer func() {
		if broken := recover(); broken != nil {
			found = []Result{fail(fmt.Sprintf("the check broke off (%T)", broken), "This is a mistake in byoe: please report it with the check's name")}
		}
	}()
	if found = look(ctx); len(found) == 0 {
		// Silence must not read as health.
		return []Result{fail("the check ended without a word", "This is a mistake in byoe: please report it with the check's name")}
	}
	return found
}
