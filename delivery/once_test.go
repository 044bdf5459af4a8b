package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/providers"
	"byoe/redact"
)

// call delivers an event at its own moment.
func call(t *testing.T, d *delivery.Deliverer, code string) delivery.Outcome {
	t.Helper()
	return d.Deliver(t.Context(), order(code))
}

func want(t *testing.T, o delivery.Outcome, result delivery.Result, claim delivery.How) {
	t.Helper()
	if o.Result() != result || o.Claim != claim {
		t.Errorf("the outcome is %s by a claim that is %s, want %s and %s", o.Result(), o.Claim, result, claim)
	}
}

func TestRetryJoinsTheAttemptInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &vendor{name: "a", takes: 3 * time.Second}
		d := deliverer(settings(), slow)
		var first delivery.Outcome
		var wg sync.WaitGroup
		wg.Go(func() { first = call(t, d, "1") })
		time.Sleep(2 * time.Second) // Entra's time-out
		second := call(t, d, "1")
		wg.Wait()
		if !first.Open() {
			t.Error("the first call was told an outcome that was not known yet")
		}
		want(t, second, delivery.Accepted, delivery.ClaimJoined)
		if slow.sent != 1 {
			t.Errorf("%d mails, want 1", slow.sent)
		}
	})
}

func TestRetryAfterTheEndIsAnsweredFromMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{name: "a"}
		d := deliverer(settings(), v)
		want(t, call(t, d, "1"), delivery.Accepted, delivery.ClaimNew)
		time.Sleep(2 * time.Second)
		again := call(t, d, "1")
		want(t, again, delivery.Accepted, delivery.ClaimRepeated)
		if again.Attempts[0].MessageID != "a-id" || v.sent != 1 {
			t.Errorf("%d mails, the log would name %q", v.sent, again.Attempts[0].MessageID)
		}
	})
}

func TestSameCodeLaterIsANewMail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{name: "a"}
		d := deliverer(settings(), v)
		call(t, d, "1")
		time.Sleep(21 * time.Second)
		want(t, call(t, d, "1"), delivery.Accepted, delivery.ClaimNew)
		if v.sent != 2 {
			t.Errorf("%d mails, want 2: a person's \"send again\" was swallowed", v.sent)
		}
	})
}

func TestWhatMakesTwoCallsOneEvent(t *testing.T) {
	t.Parallel()
	base := order("1")
	cases := map[string]struct {
		change func(o *delivery.Order)
		mails  int
	}{
		"the same":                    {func(*delivery.Order) {}, 1},
		"another correlation id":      {func(o *delivery.Order) { o.Message.CorrelationID = "corr-2" }, 1},
		"another case of the address": {func(o *delivery.Order) { o.Recipient = redact.NewSecret("ANN@Example.com ") }, 1},
		"another case of the tenant":  {func(o *delivery.Order) { o.TenantID = "T" }, 1},
		"another code":                {func(o *delivery.Order) { o.Code = redact.NewSecret("2") }, 2},
		"another address":             {func(o *delivery.Order) { o.Recipient = redact.NewSecret("bob@example.com") }, 2},
		"another tenant":              {func(o *delivery.Order) { o.TenantID = "u" }, 2},
		"parts that join to one text": {func(o *delivery.Order) { o.TenantID, o.Recipient = "tann@example.com", redact.NewSecret("") }, 2},
		"a digit that changes its row": {func(o *delivery.Order) {
			o.Recipient, o.Code = redact.NewSecret("ann@example.com1"), redact.NewSecret("")
		}, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{name: "a"}
			d := deliverer(settings(), v)
			first, second := base, base
			message := *base.Message
			second.Message = &message
			first.Arrived, second.Arrived = time.Now(), time.Now()
			c.change(&second)
			d.Deliver(t.Context(), first)
			d.Deliver(t.Context(), second)
			if v.sent != c.mails {
				t.Errorf("%d mails, want %d", v.sent, c.mails)
			}
		})
	}
}

func TestDefiniteFailureMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := failing("a", providers.KindTemporary)
		d := deliverer(settings(), v)
		want(t, call(t, d, "1"), delivery.ProvidersFailed, delivery.ClaimNew)
		v.err = nil
		want(t, call(t, d, "1"), delivery.Accepted, delivery.ClaimNew)
	})
}

func TestSecondInstanceWaitsForTheFirstOnesOutcome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := memory.New()
		c := settings()
		c.HashKey = redact.NewSecret(strings.Repeat("k", 32))
		slow, other := &vendor{name: "a", takes: 3 * time.Second}, &vendor{name: "a"}
		one := delivery.New(c, delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{slow}, Claims: shared})
		two := delivery.New(c, delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{other}, Claims: shared})
		var wg sync.WaitGroup
		wg.Go(func() { call(t, one, "1") })
		time.Sleep(2 * time.Second)
		want(t, call(t, two, "1"), delivery.Accepted, delivery.ClaimRepeated)
		wg.Wait()
		if slow.sent != 1 || other.sent != 0 {
			t.Errorf("%d and %d mails, want 1 and 0", slow.sent, other.sent)
		}
	})
}

func TestClaimOfADeadInstanceIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := memory.New()
		c := settings()
		c.HashKey = redact.NewSecret(strings.Repeat("k", 32))
		killed := &silenced{Store: shared}
		hung := &vendor{name: "a", takes: time.Hour}
		one := delivery.New(c, delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{hung}, Claims: killed})
		two := delivery.New(c, delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{&vendor{name: "a"}}, Claims: shared})
		var wg sync.WaitGroup
		wg.Go(func() { call(t, one, "1") })
		time.Sleep(500 * time.Millisecond)
		killed.die()
		time.Sleep(1500 * time.Millisecond) // Entra's retry
		start := time.Now()
		want(t, call(t, two, "1"), delivery.Accepted, delivery.ClaimTakenOver)
		if took := time.Since(start); took > 100*time.Millisecond {
			t.Errorf("the retry's mail was out after %v", took)
		}
		wg.Wait()
		time.Sleep(time.Hour)
	})
}

// silenced is a store that forgets its owner's voice after die.
type silenced struct {
	delivery.Store

	mu   sync.Mutex
	dead bool
}

func (s *silenced) die() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = true
}

func (s *silenced) Renew(ctx context.Context, k delivery.Key, owner string, lease time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return errors.New("killed")
	}
	return s.Store.Renew(ctx, k, owner, lease)
}

// broken is a store that cannot be reached, or that never answers.
type broken struct{ hangs bool }

func (b broken) Acquire(ctx context.Context, _ delivery.Key, _ string, _ time.Duration) (delivery.Record, error) {
	return delivery.Record{}, b.fail(ctx)
}

func (b broken) Renew(ctx context.Context, _ delivery.Key, _ string, _ time.Duration) error {
	return b.fail(ctx)
}

func (b broken) Settle(ctx context.Context, _ delivery.Key, _ delivery.Record, _ time.Duration) error {
	return b.fail(ctx)
}
func (b broken) Release(ctx context.Context, _ delivery.Key, _ string) error { return b.fail(ctx) }

func (b broken) fail(ctx context.Context) error {
	if b.hangs {
		<-ctx.Done()
	}
	return errors.New("down")
}

func TestStoreThatIsDownStopsNoMail(t *testing.T) {
	t.Parallel()
	for _, store := range []broken{{hangs: false}, {hangs: true}} {
		synctest.Test(t, func(t *testing.T) {
			v := &vendor{name: "a"}
			start := time.Now()
			want(t, delivery.New(settings(), delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{v}, Claims: store}).Deliver(t.Context(), order("1")), delivery.Accepted, delivery.ClaimFailedOpen)
			if took := time.Since(start); took > 700*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestEachEndIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []string
		late := func(e delivery.End) {
			told = append(told, fmt.Sprintf("%s %s late %t unheard %t", e.CorrelationID, e.Outcome.Result(), e.Late, e.Unheard))
		}
		d := delivery.New(settings(), delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{&vendor{name: "a", takes: 3 * time.Second}}, Claims: memory.New(), Ended: late})
		call(t, d, "1")
		d.Drain(t.Context())
		if got := strings.Join(told, ";"); got != "corr-1 accepted late true unheard true" {
			t.Errorf("told: %q", got)
		}
		// Where the retry hears it, not all are left without.
		told = nil
		var wg sync.WaitGroup
		wg.Go(func() { call(t, d, "2") })
		time.Sleep(2 * time.Second)
		call(t, d, "2")
		wg.Wait()
		d.Drain(t.Context())
		if got := strings.Join(told, ";"); got != "corr-1 accepted late true unheard false" {
			t.Errorf("told: %q", got)
		}
	})
}

func TestOverloadIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := deliverer(settings(), &vendor{name: "a", takes: time.Second})
		var wg sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for i := range 600 {
			wg.Go(func() {
				start := time.Now()
				o := d.Deliver(t.Context(), order(string(rune('A'+i))))
				mu.Lock()
				defer mu.Unlock()
				if o.Result() == delivery.Overloaded {
					refused++
					if time.Since(start) != 0 {
						t.Errorf("refused after %v", time.Since(start))
					}
				}
			})
		}
		wg.Wait()
		d.Drain(t.Context())
		if refused != 600-512 {
			t.Errorf("%d of 600 were refused, want 88", refused)
		}
		want(t, call(t, d, "later"), delivery.Accepted, delivery.ClaimNew)
	})
}

func TestNoProviderGetsMoreThanItsWidth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{name: "a", takes: 500 * time.Millisecond}
		d := deliverer(settings(), v)
		var wg sync.WaitGroup
		for i := range 256 {
			wg.Go(func() { d.Deliver(t.Context(), order(string(rune('A'+i)))) })
		}
		time.Sleep(100 * time.Millisecond)
		if n := v.asked(); n != 128 {
			t.Errorf("%d mails at once, want 128", n)
		}
		wg.Wait()
		if v.sent != 256 {
			t.Errorf("%d of 256 got out after waiting for their turn", v.sent)
		}
	})
}

func TestResendGoesAnotherWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := &vendor{name: "a"}, &vendor{name: "b"}
		d := deliverer(settings(), a, b)
		first := func(code string) string { return call(t, d, code).Attempts[0].Provider }
		if got := first("1") + first("2") + first("3"); got != "aba" {
			t.Errorf("three codes in a row went by %s, want a, b, a", got)
		}
		time.Sleep(3*time.Minute + time.Second)
		if got := first("4"); got != "a" {
			t.Errorf("after three minutes by %s, want a", got)
		}
		other := order("5")
		other.Recipient = redact.NewSecret("bob@example.com")
		if got := d.Deliver(t.Context(), other).Attempts[0].Provider; got != "a" {
			t.Errorf("another person's by %s, want a", got)
		}
		c := settings()
		c.RotateOnResend = false
		d = deliverer(c, a, b)
		if got := first("1") + first("2"); got != "aa" {
			t.Errorf("with the setting off by %s", got)
		}
	})
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := settings()
		c.RotateOnResend = false
		hung, good := &vendor{name: "a", takes: time.Hour}, &vendor{name: "b"}
		d := deliverer(c, hung, good)
		for i := range 3 {
			call(t, d, string(rune('a'+i)))
		}
		if got := d.Providers()[0]; got != (delivery.ProviderState{Name: "a", State: "resting"}) {
			t.Fatalf("after three hangs: %+v", got)
		}
		start := time.Now()
		outcome := call(t, d, "x")
		if took := time.Since(start); took != 0 || outcome.Result() != delivery.Accepted || hung.asked() != 3 {
			t.Errorf("while it rests a mail takes %v, and it was asked %d times", took, hung.asked())
		}
		if told := outcome.Attempts[0].Err; told == nil || told.Error() != "temporary (resting)" {
			t.Errorf("the log says %v", told)
		}
		time.Sleep(11 * time.Second)
		hung.takes = 0
		if got := call(t, d, "y").Attempts[0]; got.Provider != "a" || got.Err != nil {
			t.Errorf("after its rest it is not probed: %+v", got)
		}
		if got := d.Providers()[0].State; got != "ok" {
			t.Errorf("after a good probe it is %s", got)
		}
	})
}

func TestBreakerIgnoresWhatIsNotTheProvidersFault(t *testing.T) {
	t.Parallel()
	for _, kind := range []providers.Kind{providers.KindRefused, providers.KindInvalidAddress} {
		synctest.Test(t, func(t *testing.T) {
			d := deliverer(settings(), failing("a", kind), &vendor{name: "b"})
			for i := range 10 {
				call(t, d, string(rune('a'+i)))
			}
			if got := d.Providers()[0].State; got != "ok" {
				t.Errorf("after ten %s it is %s", kind, got)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		c := settings()
		c.RotateOnResend = false
		slow := &vendor{name: "a", takes: time.Hour}
		d := deliverer(c, slow, &vendor{name: "b"})
		for i := range 10 {
			late := order(string(rune('a' + i)))
			late.Arrived = time.Now().Add(-1500 * time.Millisecond)
			d.Deliver(t.Context(), late)
		}
		if got := d.Providers()[0].State; got != "ok" {
			t.Errorf("after ten attempts without time it is %s", got)
		}
	})
}

func TestWhenEverybodyRestsSomebodyIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := failing("a", providers.KindAuth)
		d := deliverer(settings(), v)
		for i := range 5 {
			call(t, d, string(rune('a'+i)))
		}
		if d.Providers()[0].State != "resting" || v.asked() != 5 {
			t.Fatalf("%s, asked %d times", d.Providers()[0].State, v.asked())
		}
		v.err = nil
		want(t, call(t, d, "x"), delivery.Accepted, delivery.ClaimNew)
	})
}

func TestOneProbeAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := settings()
		c.RotateOnResend = false
		a, b := &vendor{name: "a", err: &providers.Error{Kind: providers.KindTemporary}}, &vendor{name: "b"}
		d := deliverer(c, a, b)
		for i := range 3 {
			call(t, d, string(rune('a'+i)))
		}
		time.Sleep(11 * time.Second)
		a.err, a.takes = nil, 300*time.Millisecond
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() { call(t, d, string(rune('p'+i))) })
		}
		wg.Wait()
		if a.asked() != 4 || b.sent != 3+4 {
			t.Errorf("five mails during the probe: a was asked %d times, b took %d; want 4 and 7", a.asked(), b.sent)
		}
	})
}

// punctual is a store that, like one behind a network, does nothing for a context that is done.
type punctual struct{ delivery.Store }

func (p punctual) Renew(ctx context.Context, k delivery.Key, owner string, lease time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return p.Store.Renew(ctx, k, owner, lease)
}

func (p punctual) Release(ctx context.Context, k delivery.Key, owner string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return p.Store.Release(ctx, k, owner)
}

// Nobody knows what became of the first mail: who comes next goes on with it, so that a vendor with idempotency keys makes
// one mail of both. After a definite failure there is nothing to go on with.
func TestAmbiguousDeliveryGoesOn(t *testing.T) {
	t.Parallel()
	for kind, claim := range map[providers.Kind]delivery.How{
		providers.KindAmbiguous: delivery.ClaimTakenOver, providers.KindTemporary: delivery.ClaimNew,
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now().Truncate(time.Millisecond)
			v := failing("a", kind)
			d := deliverer(settings(), v)
			call(t, d, "1")
			time.Sleep(100 * time.Millisecond)
			v.err = nil
			want(t, call(t, d, "1"), delivery.Accepted, claim)
			goesOn := v.seen[0].ID == v.seen[1].ID && v.seen[1].Began.Equal(began)
			if goesOn != (kind == providers.KindAmbiguous) || !v.seen[0].Began.Equal(began) {
				t.Errorf("after a failure that is %v the id went from %s to %s and the beginning from %v to %v",
					kind, v.seen[0].ID, v.seen[1].ID, v.seen[0].Began, v.seen[1].Began)
			}
		})
	}
}

func TestClaimIsLeftAfterTheDeliverysOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{name: "a", takes: time.Hour}
		d := delivery.New(settings(), delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{v}, Claims: punctual{memory.New()}})
		call(t, d, "1")
		d.Drain(t.Context())
		v.takes = 0
		start := time.Now()
		want(t, call(t, d, "1"), delivery.Accepted, delivery.ClaimTakenOver)
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the next one waited %v for the lease", waited)
		}
	})
}

func TestCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := &vendor{name: "a"}, &vendor{name: "b"}
		c := settings()
		c.RotateOnResend = false
		policy := delivery.RecipientConfig{Limit: "7/1h", Deny: []string{"fabrikam.example"}}
		d := delivery.New(c, policy, delivery.Parts{Providers: []providers.Provider{a, b}, Claims: memory.New()})
		call(t, d, "1") // accepted
		call(t, d, "1") // repeated
		a.err = &providers.Error{Kind: providers.KindAmbiguous}
		call(t, d, "2") // accepted by the second, after an ambiguous attempt
		b.err = &providers.Error{Kind: providers.KindRefused}
		call(t, d, "3") // failed, and ambiguous
		a.err, b.err, a.takes = nil, nil, 500*time.Millisecond
		var wg sync.WaitGroup
		wg.Go(func() { call(t, d, "4") })
		synctest.Wait()
		call(t, d, "4") // joined
		wg.Wait()
		d.Deliver(t.Context(), addressed(t, "bob@fabrikam.example", "5")) // refused
		a.takes = 0
		for _, code := range []string{"6", "7", "8", "9"} { // three more, and one too many
			call(t, d, code)
		}
		want := delivery.Counts{Accepted: 6, Failed: 1, Failovers: 1, Ambiguous: 2, Joined: 1, Repeated: 1, Refused: 2}
		if got := d.Counts(); got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		d := delivery.New(settings(), delivery.RecipientConfig{}, delivery.Parts{Providers: []providers.Provider{&vendor{name: "a", takes: time.Second}}, Claims: broken{}})
		var wg sync.WaitGroup
		for i := range 520 {
			wg.Go(func() { d.Deliver(t.Context(), order(string(rune('A'+i)))) })
		}
		wg.Wait()
		d.Drain(t.Context())
		if got := d.Counts(); got.FailedOpen != 512 || got.Shed != 8 {
			t.Errorf("counted %+v, want 512 fail-opens and 8 shed", got)
		}
	})
}
