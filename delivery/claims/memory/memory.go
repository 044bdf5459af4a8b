// Package memory is the claim store of one instance: bounded, expiring, and cheap.
package memory

import (
	"context"
	"sync"
	"time"

	"byoe/delivery"
)

// maxClaims bounds what is remembered. Beyond it the oldest is forgotten, which costs a second mail at worst; 100,000
// events at once are what a busy tenant has in twenty seconds at several hundred times Entra's own limit.
const maxClaims = 131_072

// Store implements [delivery.Store] in memory. It fails with nothing but [delivery.ErrLost].
type Store struct {
	began  time.Time
	mu     sync.Mutex
	claims map[delivery.Key]*claim
	// The claims in the order in which they were last touched, oldest first: a ring through head. What expires is
	// swept from the front, a few at each call, so that no goroutine is needed.
	head claim
}

type claim struct {
	key        delivery.Key
	record     delivery.Record
	expires    time.Duration // since the store began: a third of what a time.Time takes, and there are many
	remember   time.Duration // of a settled claim: how long after its last sight
	next, prev *claim
}

// New makes an empty store.
func New() *Store {
	s := &Store{began: time.Now(), claims: map[delivery.Key]*claim{}}
	s.head.next, s.head.prev = &s.head, &s.head
	return s
}

// now is the store's own clock. It is not set back or forward with the machine's.
func (s *Store) now() time.Duration { return time.Since(s.began) }

// Len is how many claims are remembered, expired ones that were not swept yet among them.
func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.claims)
}

// Acquire implements [delivery.Store].
func (s *Store) Acquire(_ context.Context, key delivery.Key, owner string, lease time.Duration) (delivery.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.sweep(now)
	c, known := s.claims[key]
	if known && now < c.expires {
		if c.record.Settled {
			s.touch(c, now+c.remember)
		}
		return c.record, nil
	}
	takenOver := known && !c.record.Settled
	if !known {
		c = s.add(key)
	}
	began := owner
	if takenOver {
		began = c.record.Delivery
	}
	c.record = delivery.Record{Owner: owner, Delivery: began}
	s.touch(c, now+lease)
	record := c.record
	record.TakenOver = takenOver
	return record, nil
}

// Renew implements [delivery.Store].
func (s *Store) Renew(_ context.Context, key delivery.Key, owner string, lease time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, mine := s.held(key, owner)
	if !mine {
		return delivery.ErrLost
	}
	s.touch(c, s.now()+lease)
	return nil
}

// Settle implements [delivery.Store].
func (s *Store) Settle(_ context.Context, key delivery.Key, r delivery.Record, remember time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, mine := s.held(key, r.Owner)
	if !mine {
		return delivery.ErrLost
	}
	c.record, c.remember = r, remember
	c.record.Delivery = ""
	s.touch(c, s.now()+remember)
	return nil
}

// Release implements [delivery.Store].
func (s *Store) Release(_ context.Context, key delivery.Key, owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, mine := s.held(key, owner); mine {
		s.drop(c)
	}
	return nil
}

// held finds a claim that owner has and has not settled. Its lease may have run out: as long as nobody took over, nothing
// is lost.
func (s *Store) held(key delivery.Key, owner string) (*claim, bool) {
	c, known := s.claims[key]
	return c, known && c.record.Owner == owner && !c.record.Settled
}

// sweepAtOnce is how many expired claims one call removes: more than it adds, so that none stay behind.
const sweepAtOnce = 4

func (s *Store) sweep(now time.Duration) {
	for range sweepAtOnce {
		if oldest := s.head.next; oldest == &s.head || now < oldest.expires+takeOverMemory {
			return
		}
		s.drop(s.head.next)
	}
}

// takeOverMemory is how long a claim whose lease ran out is kept, so that who acquires it then knows that it was another's.
const takeOverMemory = 5 * time.Second

func (s *Store) add(key delivery.Key) *claim {
	if len(s.claims) >= maxClaims {
		s.drop(s.head.next)
	}
	c := &claim{key: key}
	c.next, c.prev = c, c
	s.claims[key] = c
	return c
}

// touch moves a claim to the end of the ring.
func (s *Store) touch(c *claim, expires time.Duration) {
	c.expires = expires
	c.prev.next, c.next.prev = c.next, c.prev
	c.prev, c.next = s.head.prev, &s.head
	c.prev.next, c.next.prev = c, c
}

func (s *Store) drop(c *claim) {
	c.prev.next, c.next.prev = c.next, c.prev
	delete(s.claims, c.key)
}
