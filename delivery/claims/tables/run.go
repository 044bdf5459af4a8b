package tables

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"golang.org/x/sync/errgroup"

	"byoe/delivery"
)

const (
	// sweepEvery is how often one instance looks for rows to remove. It is less than the five minutes before a token's end
	// at which its source fetches a new one, because the token is looked at in the same round.
	sweepEvery = 2 * time.Minute
	// sweepMost is how long one round may take.
	sweepMost = time.Minute
	// sweepPages bounds one round to 64,000 rows: more than twice what 200 events a second leave behind between two.
	sweepPages = 64
	// sweepAtOnce is how many rows are deleted at the same time.
	sweepAtOnce = 8
	// sweepAfter is how long a row stays after it stopped to count, so that who acquires a claim whose owner died is told.
	sweepAfter = time.Minute
	// retryFirst is how long the first pause after a failure is. Each further one doubles it.
	retryFirst = time.Second
)

// Run gets the store ready and keeps it so until ctx is done: it fetches the managed identity's token, creates the table
// where it is missing, and removes expired rows. What fails is tried again with growing pauses; the store answers with
// errors in the meantime. Any number of instances may run at once.
func (s *Store) Run(ctx context.Context) {
	defer s.idle()
	retry := retryFirst
	for ctx.Err() == nil {
		pause := sweepEvery
		if err := s.upkeep(ctx); err != nil {
			pause, retry = retry, min(2*retry, sweepEvery)
		} else {
			retry = retryFirst
		}
		select {
		case <-time.After(jitter(pause)):
		case <-ctx.Done():
		}
	}
}

// jitter spreads instances that started together: three quarters to five quarters of d.
func jitter(d time.Duration) time.Duration {
	return d*3/4 + rand.N(d/2) //nolint:gosec // no secret hangs on when a sweep starts
}

// Check says whether the store can be used: that the account answers, lets us in, and has the table.
func (s *Store) Check(ctx context.Context) error {
	if s.identity != nil {
		if err := s.identity.refresh(ctx); err != nil {
			return err
		}
	}
	_, err := s.get(ctx, delivery.Key{})
	return err
}

func (s *Store) upkeep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepMost)
	defer cancel()
	err := s.Check(ctx)
	if isTableMissing(err) {
		err = s.create(ctx)
	}
	if err != nil {
		return err
	}
	return s.sweep(ctx, s.clock.now())
}

// sweep removes what expired. Each row goes on its own and only in the version that was listed: in a batch, one row that
// came to life again, or that another instance removed, would save all the others.
func (s *Store) sweep(ctx context.Context, now time.Time) error {
	if now.IsZero() {
		return nil
	}
	written := now.Add(-sweepAfter).UTC().Format("2006-01-02T15:04:05Z")
	pages := s.table.NewListEntitiesPager(&aztables.ListEntitiesOptions{
		Filter: to.Ptr("Timestamp lt datetime'" + written + "'"),
		Select: to.Ptr("PartitionKey,RowKey,Timestamp,KeepMillis"),
		Format: to.Ptr(aztables.MetadataFormatFull), // with each row's version
	})
	for range sweepPages {
		if !pages.More() {
			return nil
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed("list", err)
		}
		if err := s.removeExpired(ctx, page.Entities, now.Add(-sweepAfter)); err != nil {
			return err
		}
	}
	return nil
}

// removeExpired removes those rows that stopped to count before then.
func (s *Store) removeExpired(ctx context.Context, entities [][]byte, then time.Time) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sweepAtOnce)
	for _, entity := range entities {
		var r row
		if json.Unmarshal(entity, &r) != nil || r.ETag == "" || r.RowKey == "" || !r.expires().Before(then) {
			continue // not expired, or not a row of ours
		}
		group.Go(func() error {
			_, err := s.remove(ctx, r.RowKey, r.etag())
			return err
		})
	}
	return group.Wait()
}
