package conformance

import (
	"context"
	"fmt"

	"byoe/devtenant"
)

// check is one thing to find out.
type check struct {
	// id is stable; title says what is wanted.
	id, title string
	stage     stage
	needs     need
	run       func(ctx context.Context, r *run) finding
}

// stage is when a check runs. Stages come one after the other.
type stage int

const (
	// together is for checks that touch nothing but their own event. It is the zero value because most do.
	together stage = iota
	// first is for what the others would spoil: after a token of an unknown key a webhook may leave the key endpoint alone for
	// minutes.
	first
	// load is for measurements, which want the machine for themselves.
	load
	// alone is for checks that break something for everybody. It is mended after each.
	alone
)

// need is what the documented event must have shown for a check to mean something; the zero value is nothing.
type need int

const (
	// anAnswer is a 200 in time.
	anAnswer need = iota + 1
	// aMail is a mail in the tenant's mailbox.
	aMail
)

// finding is what came of a check.
type finding struct {
	verdict          devtenant.Verdict
	evidence, remedy string
}

func passed(format string, args ...any) finding {
	return finding{verdict: devtenant.Pass, evidence: fmt.Sprintf(format, args...)}
}

func failed(remedy, format string, args ...any) finding {
	return finding{verdict: devtenant.Fail, evidence: fmt.Sprintf(format, args...), remedy: remedy}
}

// skipped says what happened, if anything did, and why it decides nothing.
func skipped(why, format string, args ...any) finding {
	return finding{verdict: devtenant.Skip, evidence: fmt.Sprintf(format, args...), remedy: why}
}

const notTried = "not tried"

// lacks returns why a check would mean nothing, or "".
func (r *run) lacks(n need) string {
	switch {
	case n >= anAnswer && !r.base.accepted:
		return "The webhook does not answer the documented event with 200 in time; see event.documented"
	case n >= aMail && r.base.mail == nil:
		return "No mail of the webhook arrives in the tenant's mailbox; see mail.arrives"
	default:
		return ""
	}
}
