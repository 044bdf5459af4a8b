package claimstest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"byoe/delivery"
)

// model is the claim state machine as delivery draws it, without anything that makes a store fast, bounded or shared.
type model struct {
	claims map[delivery.Key]*modelClaim
}

type modelClaim struct {
	record  delivery.Record
	expires time.Time
}

func (m *model) acquire(k delivery.Key, owner string) delivery.Record {
	c, known := m.claims[k]
	if known && time.Now().Before(c.expires) {
		if c.record.Settled {
			c.expires = time.Now().Add(remember)
		}
		return c.record
	}
	taken := delivery.Record{Owner: owner, Delivery: owner}
	if known && !c.record.Settled {
		taken.TakenOver, taken.Delivery = true, c.record.Delivery
	}
	m.claims[k] = &modelClaim{record: taken, expires: time.Now().Add(lease)}
	m.claims[k].record.TakenOver = false
	return taken
}

// holds says whether owner may still move the claim: it acquired it last and has not settled it.
func (m *model) holds(k delivery.Key, owner string) (*modelClaim, bool) {
	c, known := m.claims[k]
	return c, known && c.record.Owner == owner && !c.record.Settled
}

// atEdge says whether some claim is about to expire, or just did: there a store behind a network may rightly say either.
func (m *model) atEdge() bool {
	for _, c := range m.claims {
		if d := time.Until(c.expires); d > -edge && d < edge {
			return true
		}
	}
	return false
}

const (
	edge  = 120 * time.Millisecond
	steps = 250
)

// agreesWithTheModel moves a few claims at random, by owners that know each other or not, and holds every answer against
// the model's.
func agreesWithTheModel(t *testing.T, s delivery.Store) {
	const seed = 20261123
	dice := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // the same run each time
	m := &model{claims: map[delivery.Key]*modelClaim{}}
	for step := range steps {
		for m.atEdge() {
			time.Sleep(edge)
		}
		k, owner := key([]byte{10, 11, 12}[dice.IntN(3)]), fmt.Sprintf("owner-%d", dice.IntN(3))
		if err := move(t, s, m, dice.IntN(8), k, owner); err != nil {
			t.Fatalf("step %d, %s on %v: %v", step, owner, k, err)
		}
	}
}

// move makes one step in the store and in the model, and says where they differ. What was remembered of a claim whose lease
// ran out long ago may be forgotten: that it is taken over is no promise then.
func move(t *testing.T, s delivery.Store, m *model, kind int, k delivery.Key, owner string) error {
	c, holds := m.holds(k, owner)
	switch kind {
	case 0, 1, 2:
		got, err := s.Acquire(t.Context(), k, owner, lease)
		want := m.acquire(k, owner)
		if err != nil || got != want {
			return fmt.Errorf("the store's Acquire gave %+v, %w; want %+v", got, err, want)
		}
	case 3:
		return agree("Renew", s.Renew(t.Context(), k, owner, lease), holds, func() { c.expires = time.Now().Add(lease) })
	case 4:
		r := delivery.Record{Owner: owner, Settled: true, Provider: "vendor", MessageID: owner}
		return agree("Settle", s.Settle(t.Context(), k, r, remember), holds, func() { c.record, c.expires = r, time.Now().Add(remember) })
	case 5:
		if err := s.Release(t.Context(), k, owner); err != nil {
			return fmt.Errorf("the store's Release gave %w", err)
		}
		if holds {
			delete(m.claims, k)
		}
	default:
		time.Sleep(lease / 4)
	}
	return nil
}

// agree holds an error against what the model allows, and lets the model follow.
func agree(name string, err error, allowed bool, follow func()) error {
	switch {
	case allowed && err != nil:
		return fmt.Errorf("%s gave %w although the owner holds the claim", name, err)
	case !allowed && !errors.Is(err, delivery.ErrLost):
		return fmt.Errorf("%s gave %v, want ErrLost", name, err) //nolint:errorlint // err is not what is wrong
	case allowed:
		follow()
	}
	return nil
}
