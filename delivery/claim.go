package delivery

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"
)

// A claim says who delivers an event. Its states and who moves it:
//
//	free ──acquire──▶ held ──settle──▶ settled ──DEDUPE_TTL──▶ free
//	                   │ ▲ renew
//	                   ├─release──▶ free       (a definite failure: the retry may try again)
//	                   └─lease out─▶ free      (the owner died, or cannot tell: the next one takes over)
//
// Only the owner renews, settles and releases. An accepted mail is settled and a definite failure released. After an
// ambiguous one the owner lets the lease run out at once: two mails with one code annoy, none locks the person out, and
// whoever takes over goes on with the same delivery, so that a vendor with idempotency keys makes one mail of both.

const (
	// lease is how long a claim holds without its owner's word: shorter than Entra's time-out, so that the retry finds the
	// claim of an instance that died free again; it is renewed at a third of it, so that a slow one's never is.
	lease = time.Second
	// storeMost is how long a store may take. One that is down or slow never stops a mail.
	storeMost = 300 * time.Millisecond
	// lookEvery is how often another instance's claim is looked at while its outcome is awaited.
	lookEvery = 50 * time.Millisecond
)

// Record is what a store knows of an event.
type Record struct {
	// Owner is who holds or held the claim: a new id for each that tries.
	Owner string
	// Delivery is the id of whoever held the claim first: take-overs go on under it. Empty once settled.
	Delivery string
	// TakenOver says that Acquire found the lease of another owner run out.
	TakenOver bool
	// Settled says that a provider accepted the mail; Provider and MessageID are its own.
	Settled             bool
	Provider, MessageID string
}

// Store remembers claims. It is called by many goroutines at once, obeys ctx, and makes no retries of its own: an error
// means that nothing is known, and its text is fit for a log. Times are the store's own.
type Store interface {
	// Acquire makes owner the holder of key for the lease, if the claim is free, and returns the record as it is then: ours
	// where its Owner is owner.
	Acquire(ctx context.Context, key Key, owner string, lease time.Duration) (Record, error)
	// Renew prolongs owner's lease. It fails with ErrLost where owner does not hold the claim any more.
	Renew(ctx context.Context, key Key, owner string, lease time.Duration) error
	// Settle keeps r for as long as remember, from now and from each later Acquire. It fails with ErrLost as Renew does.
	Settle(ctx context.Context, key Key, r Record, remember time.Duration) error
	// Release frees the claim. Releasing what owner does not hold does nothing.
	Release(ctx context.Context, key Key, owner string) error
}

// How says in which way a delivery came by its claim, for logs and metrics.
type How string

// The ways.
const (
	ClaimNew        How = "new"
	ClaimJoined     How = "joined"      // the same event was in flight on this instance
	ClaimRepeated   How = "repeated"    // the mail was accepted before; nothing was sent
	ClaimTakenOver  How = "taken-over"  // whoever held it died, or could not tell whether the mail went out
	ClaimFailedOpen How = "failed-open" // the store could not be asked; the mail was sent all the same
)

// claim is a delivery's hold on its event.
type claim struct {
	store Store
	key   Key
	owner string
	// delivery is the owner, or whose delivery this one goes on with.
	delivery string
	how      How
	err      error // why it failed open
	keep     time.Duration
}

// claim acquires the event for a flight. Where the mail was accepted before, it returns that outcome instead; where
// another instance is at it, it waits for what becomes of that.
func (d *Deliverer) claim(ctx context.Context, f *flight) (*claim, *Outcome) {
	owner := newID()
	c := &claim{store: d.claims, key: f.key, owner: owner, delivery: owner, how: ClaimNew, keep: d.config.DedupeTTL}
	for {
		asked, cancel := context.WithTimeout(ctx, storeMost)
		r, err := d.claims.Acquire(asked, f.key, c.owner, lease)
		cancel()
		switch {
		case err != nil:
			c.how, c.err = ClaimFailedOpen, err
			return c, nil
		case r.Settled:
			return nil, &Outcome{Claim: ClaimRepeated, Attempts: []Attempt{{Provider: r.Provider, MessageID: r.MessageID}}}
		case r.Owner == c.owner:
			if r.TakenOver {
				c.how, c.delivery = ClaimTakenOver, cmp.Or(r.Delivery, owner)
			}
			return c, nil
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return nil, &Outcome{Claim: ClaimJoined, outOfTime: true}
		}
	}
}

// keepAlive renews the lease until stop is called. A claim that was lost goes on: the mail may be out, and whoever took
// over will find what is settled.
//
// It is a timer and no goroutine, because most mails are out before the first beat.
func (c *claim) keepAlive(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var (
		mu   sync.Mutex // held while a beat is under way: behind stop there is none
		beat *time.Timer
	)
	mu.Lock()
	defer mu.Unlock()
	beat = time.AfterFunc(lease/3, func() {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		beat.Reset(lease / 3)
		_ = c.ask(ctx, func(ctx context.Context) error { return c.store.Renew(ctx, c.key, c.owner, lease) }) // see above
	})
	return func() {
		cancel()
		beat.Stop()
		mu.Lock() // waits for a beat that is under way
		defer mu.Unlock()
	}
}

// settle tells the store what became of the delivery. A store that cannot be told forgets the claim by itself, and a retry
// would send once more: that is counted with the outcome.
func (c *claim) settle(ctx context.Context, o Outcome) {
	ctx = context.WithoutCancel(ctx)
	switch {
	case o.Result() == Accepted:
	case o.Ambiguous() > 0:
		_ = c.ask(ctx, func(ctx context.Context) error { return c.store.Renew(ctx, c.key, c.owner, 0) }) // the lease runs out
		return
	default:
		_ = c.ask(ctx, func(ctx context.Context) error { return c.store.Release(ctx, c.key, c.owner) }) // the lease runs out
		return
	}
	last := o.Attempts[len(o.Attempts)-1] // an accepted mail has an attempt
	r := Record{Owner: c.owner, Settled: true, Provider: last.Provider, MessageID: last.MessageID}
	_ = c.ask(ctx, func(ctx context.Context) error { return c.store.Settle(ctx, c.key, r, c.keep) }) // as above
}

func (c *claim) ask(ctx context.Context, question func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, storeMost)
	defer cancel()
	return question(ctx)
}

// ErrLost says that a claim is not its owner's any more: its lease ran out and somebody else has it, or nobody.
var ErrLost = errors.New("the claim is lost")
