// Package tiered puts an instance's own memory before a store that all instances share. A retry that comes to the same
// instance is answered without a round trip, and while the shared store is down the instance still knows what it sent
// itself.
package tiered

import (
	"context"
	"errors"
	"time"

	"byoe/delivery"
)

// Store implements [delivery.Store] on two others.
type Store struct {
	own, shared delivery.Store
}

// New puts own, which never fails, before shared.
func New(own, shared delivery.Store) *Store { return &Store{own: own, shared: shared} }

// Acquire implements [delivery.Store]: the claim must be free in both. An error is the shared store's; the instance then
// holds its own claim all the same. What the instance answers out of its own memory the shared store does not see: there
// the memory counts from the last sight by another instance.
func (s *Store) Acquire(ctx context.Context, key delivery.Key, owner string, lease time.Duration) (delivery.Record, error) {
	mine, err := s.own.Acquire(ctx, key, owner, lease)
	if err != nil || mine.Owner != owner || mine.Settled {
		return mine, err
	}
	shared, err := s.shared.Acquire(ctx, key, owner, lease)
	if err != nil || shared.Owner == owner {
		return shared, err
	}
	return shared, s.own.Release(ctx, key, owner)
}

// Renew implements [delivery.Store]. The shared claim decides.
func (s *Store) Renew(ctx context.Context, key delivery.Key, owner string, lease time.Duration) error {
	own := s.own.Renew(ctx, key, owner, lease)
	return errors.Join(s.shared.Renew(ctx, key, owner, lease), own)
}

// Settle implements [delivery.Store]: the instance remembers even where the shared store cannot be told.
func (s *Store) Settle(ctx context.Context, key delivery.Key, r delivery.Record, remember time.Duration) error {
	own := s.own.Settle(ctx, key, r, remember)
	return errors.Join(s.shared.Settle(ctx, key, r, remember), own)
}

// Release implements [delivery.Store].
func (s *Store) Release(ctx context.Context, key delivery.Key, owner string) error {
	own := s.own.Release(ctx, key, owner)
	return errors.Join(s.shared.Release(ctx, key, owner), own)
}
