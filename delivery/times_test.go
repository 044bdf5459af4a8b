package delivery_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/providers"
)

// lateStore takes its time to answer.
type lateStore struct{ delivery.Store }

func (s lateStore) Acquire(ctx context.Context, key delivery.Key, owner string, lease time.Duration) (delivery.Record, error) {
	time.Sleep(100 * time.Millisecond)
	return s.Store.Acquire(ctx, key, owner, lease)
}

func TestOutcomeTellsWhenEachPartBegan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ends []delivery.End
		first, second := &vendor{name: "a", takes: 300 * time.Millisecond, err: &providers.Error{Kind: providers.KindTemporary}}, &vendor{name: "b", takes: 200 * time.Millisecond}
		d := delivery.New(settings(), delivery.RecipientConfig{}, delivery.Parts{
			Providers: []providers.Provider{first, second}, Claims: lateStore{memory.New()},
			Ended: func(e delivery.End) { ends = append(ends, e) },
		})
		start := time.Now()
		asked := order("1")
		asked.Trace = "the first caller's"
		var wg sync.WaitGroup
		wg.Go(func() {
			time.Sleep(250 * time.Millisecond)
			retry := order("1")
			retry.Trace = "the retry's"
			joined := d.Deliver(t.Context(), retry)
			if joined.Claim != delivery.ClaimJoined || joined.Trace != asked.Trace {
				t.Errorf("the retry's outcome is %s in the trace %q", joined.Claim, joined.Trace)
			}
		})
		o := d.Deliver(t.Context(), asked)
		if d.InFlight() != 0 {
			t.Errorf("%d in flight", d.InFlight())
		}
		wg.Wait()
		d.Drain(t.Context())
		since := func(moment time.Time) time.Duration { return moment.Sub(start).Round(time.Millisecond) }
		if since(o.ClaimBegan) != 0 || o.ClaimTook != 100*time.Millisecond {
			t.Errorf("the claim began after %v and took %v", since(o.ClaimBegan), o.ClaimTook)
		}
		if len(o.Attempts) != 2 || since(o.Attempts[0].Began) != 100*time.Millisecond || since(o.Attempts[1].Began) != 400*time.Millisecond || o.Attempts[1].Duration != 200*time.Millisecond {
			t.Errorf("the attempts are %+v", o.Attempts)
		}
		if !o.FailedOver() || len(ends) != 1 || ends[0].Late || ends[0].Outcome.Trace != asked.Trace {
			t.Errorf("failed over: %t, ends %+v", o.FailedOver(), ends)
		}
		again := d.Deliver(t.Context(), asked)
		if again.Claim != delivery.ClaimRepeated || again.FailedOver() || !again.Attempts[0].Began.IsZero() || again.ClaimTook != 100*time.Millisecond {
			t.Errorf("what is remembered: %+v", again)
		}
	})
}
