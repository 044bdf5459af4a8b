package tiered_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/claimstest"
	"byoe/delivery/claims/memory"
	"byoe/delivery/claims/tiered"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	claimstest.Run(t, synctest.Test, func(*testing.T) delivery.Store { return tiered.New(memory.New(), memory.New()) })
}

func TestInstancesShareWhatTheySettle(t *testing.T) {
	t.Parallel()
	shared := memory.New()
	one, two := tiered.New(memory.New(), shared), tiered.New(memory.New(), shared)
	if r, err := one.Acquire(t.Context(), delivery.Key{1}, "a", time.Minute); err != nil || r.Owner != "a" {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := two.Acquire(t.Context(), delivery.Key{1}, "b", time.Minute); err != nil || r.Owner != "a" {
		t.Fatalf("the other instance has it too: %+v, %v", r, err)
	}
	settled := delivery.Record{Owner: "a", Settled: true, Provider: "vendor"}
	if err := one.Settle(t.Context(), delivery.Key{1}, settled, time.Minute); err != nil {
		t.Fatal(err)
	}
	if r, err := two.Acquire(t.Context(), delivery.Key{1}, "c", time.Minute); err != nil || r != settled {
		t.Errorf("the other instance does not see the outcome: %+v, %v", r, err)
	}
}

// down is a store that cannot be reached.
type down struct{}

var errDown = errors.New("down")

func (down) Acquire(context.Context, delivery.Key, string, time.Duration) (delivery.Record, error) {
	return delivery.Record{}, errDown
}
func (down) Renew(context.Context, delivery.Key, string, time.Duration) error { return errDown }
func (down) Settle(context.Context, delivery.Key, delivery.Record, time.Duration) error {
	return errDown
}
func (down) Release(context.Context, delivery.Key, string) error { return errDown }

func TestInstanceKnowsWhatItSentWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	s := tiered.New(memory.New(), down{})
	if _, err := s.Acquire(t.Context(), delivery.Key{1}, "a", time.Minute); !errors.Is(err, errDown) {
		t.Fatalf("Acquire gave %v, want the store's error", err)
	}
	if err := s.Settle(t.Context(), delivery.Key{1}, delivery.Record{Owner: "a", Settled: true}, time.Minute); !errors.Is(err, errDown) {
		t.Errorf("Settle gave %v, want the store's error", err)
	}
	if r, err := s.Acquire(t.Context(), delivery.Key{1}, "b", time.Minute); err != nil || !r.Settled {
		t.Errorf("the retry: %+v, %v", r, err)
	}
}
