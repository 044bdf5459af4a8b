// Package doctor says what is wrong with a deployment and what to do about it: named checks, each with a verdict, the
// evidence and a remedy. It reads and asks; it changes nothing and mails nobody.
//
// Nothing that it tells holds a token, a secret, a code or an address: what others wrote is told by its status, by a code of
// a known list, or not at all.
package doctor

import (
	"context"
	"time"
)

// Verdict is what a check found.
type Verdict string

// The verdicts.
const (
	OK   Verdict = "ok"
	Warn Verdict = "warn" // works today, or works for most
	Fail Verdict = "fail" // codes do not arrive, or somebody else could have them sent
	Skip Verdict = "skip" // could not be found out; the evidence says why
)

// Check is one thing to look at.
type Check struct {
	// ID is stable: scripts read it. Title is for people, Group is what --only takes.
	ID, Title, Group string
	// After names checks that stand before this one in the list and without which it has no meaning: it waits for them, and
	// is skipped where one of them failed or was skipped.
	After []string
	// Awaits names checks before this one that may find something for it to use: it waits for them, whatever they find.
	Awaits []string
	// Look returns what it found, at least one result. It obeys ctx. It fills Verdict, Evidence and Remedy; where it looks at
	// several things it may give each its own ID and Title.
	Look func(ctx context.Context) []Result
}

// Result is one finding.
type Result struct {
	ID      string
	Title   string
	Group   string
	Verdict Verdict
	// Evidence is what was seen, in one line.
	Evidence string
	// Remedy is what to do; "" where there is nothing to do.
	Remedy string
	// Took is how long the check took, without the time in which it waited for others.
	Took time.Duration
}

func ok(evidence string) Result { return Result{Verdict: OK, Evidence: evidence} }

func warn(evidence, remedy string) Result {
	return Result{Verdict: Warn, Evidence: evidence, Remedy: remedy}
}

func fail(evidence, remedy string) Result {
	return Result{Verdict: Fail, Evidence: evidence, Remedy: remedy}
}

func skip(evidence, remedy string) Result {
	return Result{Verdict: Skip, Evidence: evidence, Remedy: remedy}
}

// Failed says whether a result is a failure: the reason for an exit code other than 0.
func Failed(results []Result) bool {
	for _, r := range results {
		if r.Verdict == Fail {
			return true
		}
	}
	return false
}
