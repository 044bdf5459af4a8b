// Package delivery gets one message out, once and in time, through the first provider that takes it.
//
// It knows neither vendors nor templates: it sees providers only through their interface and their error kinds. The way of
// an order: Deliver joins a delivery that is in flight or starts one (flight.go), which claims the event (claim.go), makes
// its attempts (attempts.go, failover.go) and settles the claim; meanwhile Deliver waits for as long as the outcome may
// still turn good, and answers (await.go).
package delivery

import (
	"context"
	"sync"
	"time"

	"byoe/message"
	"byoe/providers"
	"byoe/redact"
)

// Order is one message that is to be delivered, and what makes two calls the same event.
type Order struct {
	// Arrived is when the request came in. All time counts from here: the caller's patience does too.
	Arrived time.Time
	// TenantID, Recipient and Code together are the event. The correlation id is not part of it: whether Entra's retry
	// keeps it is not documented.
	TenantID  string
	Recipient redact.Secret
	Code      redact.Secret

	Message *message.Message

	// Endpoint is the endpoint that was called. It is handed on too.
	Endpoint string
	// Trace is where the call stands in a trace (W3C Trace Context, traceparent); "" where nothing is traced. It is handed on
	// with what becomes of the delivery that the call begins, and looked at by nobody here.
	Trace string
}

// Deliverer sends messages through an ordered list of providers. It is safe for concurrent use.
type Deliverer struct {
	config     Config
	lanes      []*lane
	claims     Store
	hashes     hashes
	recipients *recipients
	rotation   *rotation
	ended      func(End)
	counter    counter

	mu      sync.Mutex
	flights map[Key]*flight
	running sync.WaitGroup
}

// Parts is what a deliverer works with.
type Parts struct {
	// Providers in the order of asking.
	Providers []providers.Provider
	Claims    Store
	// Ended is told what became of each delivery, when it ended; it may be nil.
	Ended func(End)
}

// End is what became of a delivery.
type End struct {
	// Endpoint is that of the call that began the delivery.
	Endpoint      string
	CorrelationID string
	Outcome       Outcome
	// Late says that a caller was answered before, without it; Unheard, that all were.
	Late, Unheard bool
}

// New makes a deliverer from valid settings.
func New(c Config, r RecipientConfig, p Parts) *Deliverer {
	d := &Deliverer{
		config: c, claims: p.Claims, hashes: newHashes(c.HashKey), recipients: newRecipients(r),
		rotation: newRotation(c.RotateOnResend), ended: p.Ended, flights: map[Key]*flight{},
	}
	for _, provider := range p.Providers {
		d.lanes = append(d.lanes, newLane(provider))
	}
	return d
}

// Deliver gets an order out, or joins the delivery of the same event that is in flight on this instance, or takes over
// what another one did. It returns when the outcome is known, or when no caller would wait for it any longer; the delivery
// then goes on, and whoever asks next finds what became of it.
//
// A caller who hangs up (ctx is done) ends nothing: the mail may be on its way, and breaking it off would leave nobody
// knowing.
func (d *Deliverer) Deliver(ctx context.Context, o Order) Outcome {
	outcome := d.deliver(ctx, o)
	d.counter.call(outcome)
	return outcome
}

func (d *Deliverer) deliver(ctx context.Context, o Order) Outcome {
	if refused := d.recipients.refuse(o.Message.To.Domain()); refused != nil {
		return *refused
	}
	f, joined, err := d.board(ctx, o)
	if err != nil {
		return Outcome{overloaded: true}
	}
	outcome := f.await(o.Arrived, d.config.hold())
	if joined {
		outcome.Claim = ClaimJoined
	}
	return outcome
}

// board returns the flight of the order's event: the one that is in the air, or a new one.
func (d *Deliverer) board(ctx context.Context, o Order) (f *flight, joined bool, _ error) {
	key := d.hashes.event(o)
	d.mu.Lock()
	defer d.mu.Unlock()
	if f, joined = d.flights[key]; joined {
		f.callers++
		return f, true, nil
	}
	if len(d.flights) >= maxFlights {
		return nil, false, errOverloaded
	}
	f = newFlight(key, o)
	d.flights[key] = f
	d.running.Go(func() {
		d.fly(context.WithoutCancel(ctx), f)
		d.land(f)
	})
	return f, false, nil
}

// land takes a flight off the list. From here on the claim alone remembers the event.
func (d *Deliverer) land(f *flight) {
	d.mu.Lock()
	delete(d.flights, f.key)
	d.mu.Unlock()
	end := f.end()
	d.counter.delivery(end.Outcome)
	if d.ended != nil {
		d.ended(end)
	}
}

// Drain waits until every delivery in flight has ended, or ctx is done.
func (d *Deliverer) Drain(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		d.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// Counts tells what became of the deliveries of this process.
func (d *Deliverer) Counts() Counts { return d.counter.snapshot() }

// InFlight is how many deliveries are in the air.
func (d *Deliverer) InFlight() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.flights)
}

// Providers tells each provider's state in the order of asking: "ok", "probing" or "resting" (its breaker is open).
func (d *Deliverer) Providers() []ProviderState {
	states := make([]ProviderState, len(d.lanes))
	for i, l := range d.lanes {
		states[i] = ProviderState{Name: l.provider.Name(), State: l.state()}
	}
	return states
}

// ProviderState is how a provider fares.
type ProviderState struct {
	Name, State string
}
