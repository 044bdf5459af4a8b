package tables

import (
	"context"
	"time"
)

// SweepAt sweeps as if the service's time were now, so that no test has to wait for rows to age.
func (s *Store) SweepAt(ctx context.Context, now time.Time) error { return s.sweep(ctx, now) }

// Create makes the table.
func (s *Store) Create(ctx context.Context) error { return s.create(ctx) }

// Owned is how many versions are in memory.
func (s *Store) Owned() int { return len(s.owned.versions) }

// The bounds, for tests that reach them.
const (
	SweepPages = sweepPages
	SweepEvery = sweepEvery
	MostText   = mostText
)
