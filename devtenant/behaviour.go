package devtenant

import (
	"sync"
	"time"
)

// The bounds of an extension's time-out and retries (Microsoft Graph, customExtensionClientConfiguration).
const (
	// Timeout is how long Entra waits for a webhook's answer at most.
	Timeout = 2 * time.Second
	// minTimeout is the shortest time-out that Graph takes.
	minTimeout = 200 * time.Millisecond
	// maxRetries is how often Entra calls again at most.
	maxRetries = 1
)

// Behaviour is how the tenant treats a webhook: what an administrator sets at Entra, and, because no document says what
// Entra does there, what may be either way.
type Behaviour struct {
	// Timeout is timeoutInMilliseconds of the extension, 200 ms to 2 s.
	Timeout time.Duration
	// Retries is maximumRetries of the extension, 0 or 1.
	Retries int
	// RetryAnyFailure calls again after every failure, not after a time-out alone. Not documented.
	RetryAnyFailure bool
	// RetryNewCorrelationID gives the second call a correlation id of its own. Not documented.
	RetryNewCorrelationID bool
	// LowerCaseCode spells the code's member onetimecode, as Microsoft's C# sample reads it, in place of oneTimeCode, as
	// Microsoft's documentation has it.
	LowerCaseCode bool
	// Fallback is fallbackToMicrosoftProviderOnError: where the webhook fails, Microsoft sends a mail of its own.
	Fallback bool
}

// defaultBehaviour is an extension that was made as byoe's documents say.
func defaultBehaviour() Behaviour { return Behaviour{Timeout: Timeout, Retries: maxRetries} }

// bounded moves what Graph would refuse to the nearest that it takes.
func (b Behaviour) bounded() Behaviour {
	b.Timeout = min(max(b.Timeout, minTimeout), Timeout)
	b.Retries = min(max(b.Retries, 0), maxRetries)
	return b
}

// conduct is what can be changed while the tenant runs: its behaviour, and how slow it makes the webhook look.
type conduct struct {
	mu        sync.Mutex
	behaviour Behaviour
	slow      time.Duration
}

// Behaviour returns how the tenant treats a webhook now.
func (t *Tenant) Behaviour() Behaviour {
	t.conduct.mu.Lock()
	defer t.conduct.mu.Unlock()
	return t.conduct.behaviour
}

// SetBehaviour changes it for calls that begin from now on. Values beyond Entra's bounds are moved to the bound.
func (t *Tenant) SetBehaviour(b Behaviour) {
	t.conduct.mu.Lock()
	defer t.conduct.mu.Unlock()
	t.conduct.behaviour = b.bounded()
}

// maxSlow bounds how long an answer is held back: past every time-out that Entra knows.
const maxSlow = 10 * time.Second

// SlowWebhook holds every answer of a webhook back for that long, as a cold start or a slow network would: the webhook has
// done its work, and Entra does not know. 0 ends it.
func (t *Tenant) SlowWebhook(by time.Duration) {
	t.conduct.mu.Lock()
	defer t.conduct.mu.Unlock()
	t.conduct.slow = min(max(by, 0), maxSlow)
}

// slowness is what [Tenant.SlowWebhook] said last.
func (t *Tenant) slowness() time.Duration {
	t.conduct.mu.Lock()
	defer t.conduct.mu.Unlock()
	return t.conduct.slow
}
