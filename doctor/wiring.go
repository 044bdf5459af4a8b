package doctor

import (
	"context"
	"sync"
)

// Wired is what is known of the Entra side.
type Wired struct {
	// Results are the findings, with their own IDs and titles.
	Results []Result
	// Target is the URL that Entra calls, "" where it is not known.
	Target string
	// Fallback says whether Microsoft sends the code where the webhook does not; nil where that is not known.
	Fallback *bool
}

// Wiring reads the Entra side back. An error's text is fit for a log.
type Wiring func(ctx context.Context) (Wired, error)

// WiringID is the name of the check that reads the Entra side, for [Check.After].
const WiringID = "wiring"

// Entra is the check of the Entra side, and what others want to know of it: they name [WiringID] in After, or take what is
// known by then.
type Entra struct {
	// Read is nil where nobody is signed in.
	Read Wiring

	mu    sync.Mutex
	wired Wired
}

// Check returns the check.
func (e *Entra) Check() Check {
	return Check{ID: WiringID, Title: "Entra wiring", Group: "wiring", Look: e.look}
}

func (e *Entra) look(ctx context.Context) []Result {
	const signIn = "Sign in to the external tenant with --sign-in, for example --sign-in device"
	if e.Read == nil {
		return []Result{skip("not signed in to the external tenant", signIn)}
	}
	wired, err := e.Read(ctx)
	if err != nil {
		return []Result{skip("could not be read: "+err.Error(), signIn)}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wired = wired
	return wired.Results
}

// Known is what has been read so far.
func (e *Entra) Known() Wired {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.wired
}
