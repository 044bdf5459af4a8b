package delivery_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery"
)

// caller is Entra as it may be: the documentation tells that it retries a call that timed out, once, and not whether it
// retries an answer that is no 200, nor what an extension without retries does.
type caller struct {
	name           string
	retriesTimeout bool
	retriesFailure bool
}

// signIn plays one sign-in: the calls, and in the end Microsoft's own mail where none was answered with a 200 in time.
func (c caller) signIn(t *testing.T, d *delivery.Deliverer, timeout time.Duration) (microsoft int) {
	t.Helper()
	for call := range 2 {
		timedOut, accepted := callOnce(t, d, timeout)
		switch {
		case accepted:
			return 0
		case call == 1, timedOut && !c.retriesTimeout, !timedOut && !c.retriesFailure:
			return 1
		}
	}
	return 1
}

// callOnce calls the webhook and hangs up at the time-out.
func callOnce(t *testing.T, d *delivery.Deliverer, timeout time.Duration) (timedOut, accepted bool) {
	t.Helper()
	ctx, hangUp := context.WithTimeout(t.Context(), timeout)
	defer hangUp()
	answered := make(chan delivery.Result, 1)
	go func() { answered <- d.Deliver(ctx, order("1")).Result() }()
	select {
	case result := <-answered:
		return false, result == delivery.Accepted
	case <-ctx.Done():
		return true, false
	}
}

// tableFile holds the table that TestMailsPerSignIn makes.
const tableFile = "../docs/retries.md"

func TestMailsPerSignIn(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| caller | its time-out | provider takes | mails with the hold: ours, Microsoft's | without: ours, Microsoft's |\n|---|---|---|---|---|\n")
	for _, c := range []caller{
		{"retries a time-out", true, false},
		{"retries a time-out and a failure", true, true},
		{"never retries", false, false},
	} {
		for _, timeout := range []time.Duration{time.Second, 2 * time.Second} {
			for _, takes := range []time.Duration{100, 900, 1500, 1900, 2200, 3000, 3900} {
				row := sample{caller: c, timeout: timeout, takes: takes * time.Millisecond}
				ours, theirs := row.mails(t, 2500*time.Millisecond)
				oursEarly, theirsEarly := row.mails(t, 0)
				fmt.Fprintf(&table, "| %s | %d ms | %d ms | %d, %d | %d, %d |\n", c.name, timeout.Milliseconds(), row.takes.Milliseconds(), ours, theirs, oursEarly, theirsEarly)
				calls := timeout
				if c.retriesTimeout {
					calls = 2 * timeout
				}
				if row.takes < calls && ours+theirs != 1 {
					t.Errorf("%+v: %d mails of ours and %d of Microsoft's, although the provider ended within the calls", row, ours, theirs)
				}
				if ours > 1 || oursEarly > 1 {
					t.Errorf("%+v: we sent the code %d and %d times", row, ours, oursEarly)
				}
			}
		}
	}
	page, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), table.String()) {
		t.Errorf("%s does not hold this table:\n%s", tableFile, &table)
	}
}

// sample is one row: who calls, and how slow the provider is.
type sample struct {
	caller         caller
	timeout, takes time.Duration
}

func (s sample) mails(t *testing.T, hold time.Duration) (ours, microsoft int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{name: "a", takes: s.takes}
		c := settings()
		c.Hold = hold
		d := deliverer(c, v)
		microsoft = s.caller.signIn(t, d, s.timeout)
		d.Drain(t.Context())
		time.Sleep(time.Hour) // callers that are held are let go
		ours = v.sent
	})
	return ours, microsoft
}
