// Package claimstest is the conformance suite of claim stores: what delivery relies on, whatever the store is made of.
package claimstest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoe/delivery"
)

// The times of the suite: short enough to wait for, long enough for a store behind a network.
const (
	lease    = 400 * time.Millisecond
	remember = time.Second
)

// Run holds a store against the contract of [delivery.Store]. wrap runs one test, for stores that want a clock of their own
// (testing/synctest); newStore returns a store that shares nothing with an earlier one's keys.
func Run(t *testing.T, wrap func(t *testing.T, test func(t *testing.T)), newStore func(t *testing.T) delivery.Store) {
	for name, test := range map[string]func(t *testing.T, s delivery.Store){
		"the first owner wins":                      firstWins,
		"one of many at once wins":                  oneOfMany,
		"a settled claim tells its outcome":         settledTells,
		"a settled claim is forgotten":              settledIsForgotten,
		"each sight prolongs the memory":            sightProlongs,
		"a released claim is free":                  releasedIsFree,
		"a lease that runs out is taken over":       takenOver,
		"a take-over goes on with the delivery":     deliveryGoesOn,
		"a claim that is left is taken over":        yielded,
		"a lease that is renewed is not":            renewedHolds,
		"who lost a claim cannot touch it":          lostIsLost,
		"an owner whose lease ran out may settle":   lateOwnerSettles,
		"keys do not share anything":                keysApart,
		"a settled claim is nobody's to release":    settledStays,
		"releasing what nobody holds does no harm":  releaseNothing,
		"taking over after an outcome is no rescue": freshAfterSettled,
		"agrees with the model at every step":       agreesWithTheModel,
	} {
		t.Run(name, func(t *testing.T) {
			wrap(t, func(t *testing.T) { test(t, newStore(t)) })
		})
	}
}

func key(n byte) delivery.Key { return delivery.Key{n, 0xb4} }

func acquire(t *testing.T, s delivery.Store, k delivery.Key, owner string) delivery.Record {
	t.Helper()
	r, err := s.Acquire(t.Context(), k, owner, lease)
	if err != nil {
		t.Fatalf("Acquire: %v", err)
	}
	return r
}

func wantOwner(t *testing.T, r delivery.Record, owner string) {
	t.Helper()
	if r.Owner != owner || r.Settled {
		t.Fatalf("the claim is %+v, want it held by %s", r, owner)
	}
}

func settle(t *testing.T, s delivery.Store, k delivery.Key, owner string) {
	t.Helper()
	err := s.Settle(t.Context(), k, delivery.Record{Owner: owner, Settled: true, Provider: "vendor", MessageID: "id-1"}, remember)
	if err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

func firstWins(t *testing.T, s delivery.Store) {
	wantOwner(t, acquire(t, s, key(1), "a"), "a")
	wantOwner(t, acquire(t, s, key(1), "b"), "a")
	if acquire(t, s, key(1), "b").TakenOver {
		t.Error("taken over while its owner holds it")
	}
}

func oneOfMany(t *testing.T, s delivery.Store) {
	var wg sync.WaitGroup
	var winners atomic.Int32
	for i := range 32 {
		wg.Go(func() {
			owner := fmt.Sprintf("owner-%d", i)
			r, err := s.Acquire(t.Context(), key(1), owner, time.Minute)
			if err != nil {
				t.Errorf("Acquire: %v", err)
			} else if r.Owner == owner {
				winners.Add(1)
			}
		})
	}
	wg.Wait()
	if winners.Load() != 1 {
		t.Errorf("%d of 32 won, want 1", winners.Load())
	}
}

func settledTells(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	settle(t, s, key(1), "a")
	got := acquire(t, s, key(1), "b")
	if want := (delivery.Record{Owner: "a", Settled: true, Provider: "vendor", MessageID: "id-1"}); got != want {
		t.Errorf("the claim is %+v, want %+v", got, want)
	}
}

func settledIsForgotten(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	settle(t, s, key(1), "a")
	time.Sleep(remember + 100*time.Millisecond)
	wantOwner(t, acquire(t, s, key(1), "b"), "b")
}

func sightProlongs(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	settle(t, s, key(1), "a")
	for range 3 {
		time.Sleep(remember * 7 / 10)
		if !acquire(t, s, key(1), "b").Settled {
			t.Fatal("forgotten although it was just seen")
		}
	}
}

func releasedIsFree(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	if err := s.Release(t.Context(), key(1), "a"); err != nil {
		t.Fatal(err)
	}
	r := acquire(t, s, key(1), "b")
	wantOwner(t, r, "b")
	if r.TakenOver {
		t.Error("a released claim is not taken over")
	}
}

func takenOver(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	time.Sleep(lease + 100*time.Millisecond)
	r := acquire(t, s, key(1), "b")
	wantOwner(t, r, "b")
	if !r.TakenOver {
		t.Error("it does not say that it was taken over")
	}
}

// A vendor with idempotency keys makes one mail of two attempts only where both go by one name.
func deliveryGoesOn(t *testing.T, s delivery.Store) {
	if r := acquire(t, s, key(1), "a"); r.Delivery != "a" {
		t.Errorf("the first one's delivery is %q, want its own id", r.Delivery)
	}
	if err := s.Renew(t.Context(), key(1), "a", lease); err != nil {
		t.Fatal(err)
	}
	for _, owner := range []string{"b", "c"} {
		time.Sleep(lease + 100*time.Millisecond)
		if r := acquire(t, s, key(1), owner); r.Owner != owner || r.Delivery != "a" {
			t.Errorf("taken over, the claim is %+v, want %s going on with a", r, owner)
		}
	}
	settle(t, s, key(1), "c")
	time.Sleep(remember + 100*time.Millisecond)
	if r := acquire(t, s, key(1), "d"); r.Delivery != "d" {
		t.Errorf("after the outcome was forgotten the delivery is %q, want a new one", r.Delivery)
	}
}

// An owner that cannot tell whether the mail went out leaves the claim to whoever comes.
func yielded(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	if err := s.Renew(t.Context(), key(1), "a", 0); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	if r := acquire(t, s, key(1), "b"); r.Owner != "b" || !r.TakenOver || r.Delivery != "a" {
		t.Errorf("the claim is %+v, want it taken over by b, going on with a", r)
	}
}

func renewedHolds(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	for range 4 {
		time.Sleep(lease / 2)
		if err := s.Renew(t.Context(), key(1), "a", lease); err != nil {
			t.Fatalf("Renew: %v", err)
		}
		wantOwner(t, acquire(t, s, key(1), "b"), "a")
	}
}

func lostIsLost(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	time.Sleep(lease + 100*time.Millisecond)
	acquire(t, s, key(1), "b")
	if err := s.Renew(t.Context(), key(1), "a", lease); !errors.Is(err, delivery.ErrLost) {
		t.Errorf("Renew gave %v, want ErrLost", err)
	}
	if err := s.Settle(t.Context(), key(1), delivery.Record{Owner: "a", Settled: true}, remember); !errors.Is(err, delivery.ErrLost) {
		t.Errorf("Settle gave %v, want ErrLost", err)
	}
	if err := s.Release(t.Context(), key(1), "a"); err != nil {
		t.Errorf("Release: %v", err)
	}
	wantOwner(t, acquire(t, s, key(1), "c"), "b")
}

func lateOwnerSettles(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	time.Sleep(lease + 100*time.Millisecond)
	settle(t, s, key(1), "a")
	if !acquire(t, s, key(1), "b").Settled {
		t.Error("the outcome is lost although nobody took over")
	}
}

func keysApart(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	wantOwner(t, acquire(t, s, key(2), "b"), "b")
	settle(t, s, key(2), "b")
	wantOwner(t, acquire(t, s, key(1), "c"), "a")
}

func settledStays(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	settle(t, s, key(1), "a")
	if err := s.Release(t.Context(), key(1), "a"); err != nil {
		t.Fatal(err)
	}
	if !acquire(t, s, key(1), "b").Settled {
		t.Error("a settled claim was released")
	}
}

func releaseNothing(t *testing.T, s delivery.Store) {
	if err := s.Release(t.Context(), key(1), "a"); err != nil {
		t.Errorf("Release: %v", err)
	}
	wantOwner(t, acquire(t, s, key(1), "b"), "b")
}

func freshAfterSettled(t *testing.T, s delivery.Store) {
	acquire(t, s, key(1), "a")
	settle(t, s, key(1), "a")
	time.Sleep(remember + 100*time.Millisecond)
	if acquire(t, s, key(1), "b").TakenOver {
		t.Error("a claim whose outcome was forgotten is new, not taken over")
	}
}
