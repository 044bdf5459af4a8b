package delivery

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// maxFlights is how many deliveries may be in the air at once. More would only be late: they are refused at once, with
	// 503. It is far above the 128 that must be served, and above what Entra lets through per tenant in two seconds.
	maxFlights = 512
	// flightMost is how long a delivery may go on, from its order's arrival: as long as Entra's two calls of 2,000 ms can
	// still learn of it, and a little more.
	flightMost = 5 * time.Second
)

var errOverloaded = errors.New("too many deliveries in flight")

// flight is one delivery and everybody who waits for it.
type flight struct {
	key   Key
	order Order
	done  chan struct{}

	mu      sync.Mutex
	callers int  // who waits, or waited
	gone    int  // of these, who was answered before the end
	ended   bool // outcome is final
	outcome Outcome
}

func newFlight(key Key, o Order) *flight {
	return &flight{key: key, order: o, done: make(chan struct{}), callers: 1, outcome: Outcome{Trace: o.Trace}}
}

// fly claims the event, makes the attempts and settles the claim.
func (d *Deliverer) fly(ctx context.Context, f *flight) {
	ctx, cancel := context.WithDeadline(ctx, f.order.Arrived.Add(flightMost))
	defer cancel()
	began := time.Now()
	c, remembered := d.claim(ctx, f)
	took := time.Since(began)
	if remembered != nil {
		remembered.ClaimBegan, remembered.ClaimTook = began, took
		f.set(*remembered)
		return
	}
	outcome := d.send(ctx, f, c)
	outcome.Claim, outcome.StoreErr = c.how, c.err
	outcome.ClaimBegan, outcome.ClaimTook = began, took
	c.settle(ctx, outcome)
	f.set(outcome)
}

// send makes the attempts for an event that is ours, unless its address got too much mail already. Only here a mail is
// counted: a retry that joins, or that finds the outcome remembered, is none.
func (d *Deliverer) send(ctx context.Context, f *flight, c *claim) Outcome {
	address := d.hashes.address(f.order)
	if limited := d.recipients.limit(address); limited != nil {
		return *limited
	}
	stop := c.keepAlive(ctx)
	defer stop()
	return d.attempts(ctx, f, c.delivery, address)
}

// set keeps what is known so far.
func (f *flight) set(o Outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o.Trace = f.order.Trace
	f.outcome = o
}

// note adds an attempt to what is known so far.
func (f *flight) note(a Attempt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outcome.Attempts = append(f.outcome.Attempts, a)
}

// end makes the outcome final and says who was answered without it.
func (f *flight) end() End {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	close(f.done)
	return End{Endpoint: f.order.Endpoint, CorrelationID: f.order.Message.CorrelationID, Outcome: f.outcome, Late: f.gone > 0, Unheard: f.gone == f.callers}
}
