// Package conformance finds out from outside whether a webhook is what Entra needs. It calls it as Entra would, and as a stranger
// would, breaks the providers and the key endpoint of the local tenant for it, and looks into the mailbox.
//
// It asks nothing of byoe: the webhook may be anybody's, in any language. What it wants is what Entra's documents say, and
// where they are silent, what keeps a person from being left without a code or with two.
package conformance

import (
	"context"
	"time"

	"byoe/devtenant"
)

// most bounds a run. A webhook that hangs in some checks only must not keep a person waiting for all of them.
const most = 85 * time.Second

// run is one run over one webhook.
type run struct {
	tenant   *devtenant.Tenant
	caller   *caller
	people   *people
	base     baseline
	recovery recovery
	// oldToken is of the key before the roll; "" until then. The stage first writes it, later ones read it.
	oldToken string
}

// Run checks the webhook at url, which has to belong to the tenant (see [devtenant.Tenant.Settings]). It always returns a
// report of every check, in the same order; those that ctx or a bound of its own cut off are skipped.
//
// While it runs the tenant is its own: it sets the behaviour, breaks providers and keys, and puts all of it right at the
// end. Keys that it rolled stay rolled, so tokens from before are worth nothing.
func Run(ctx context.Context, t *devtenant.Tenant, url string) devtenant.Report {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	before := t.Behaviour()
	defer t.SetBehaviour(before)
	defer t.Mend()
	t.Mend()
	t.SetBehaviour(documented())
	r := &run{tenant: t, caller: newCaller(url), people: newPeople()}
	defer r.caller.close()
	r.base = r.probe(ctx, url)
	checks := r.perform(ctx, all())
	took := time.Since(began)
	return devtenant.Report{Webhook: url, Took: took, Seconds: took.Seconds(), Checks: checks}
}

// documented is the longest time-out and the one retry that Entra allows.
func documented() devtenant.Behaviour {
	return devtenant.Behaviour{Timeout: devtenant.Timeout, Retries: 1}
}

// all returns every check in the report's order.
func all() []check {
	var checks []check
	for _, topic := range [][]check{
		documentedChecks(), answerChecks(), tokenChecks(), keyChecks(), payloadChecks(), malformedChecks(), addressChecks(),
		mailChecks(), timingChecks(), retryChecks(), truthChecks(),
	} {
		checks = append(checks, topic...)
	}
	return checks
}
