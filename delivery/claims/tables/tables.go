// Package tables is the claim store that all instances of a Function App share: Azure Table Storage, which the app has
// anyway.
//
// # Rows
//
// One row a claim. RowKey is the event's keyed hash in hexadecimal, PartitionKey its first digit. A table needs no second
// index to find a claim then, and acquiring a new one is one insert: one round trip. Sixteen partitions are enough: one
// takes 2,000 operations a second, a whole account 20,000 (Microsoft's scalability targets for Table Storage), and with
// few of them a sweep crosses few borders. Partitions by time would make sweeping cheaper and acquiring dearer: an event
// and its retry may fall on two sides of a border, so each acquisition would have to read the older side first. The table
// is small, because a row lives for minutes: to scan it costs less than that.
//
// A row holds no code, address or secret. It does hold who owns the claim (a random word), for how long the row counts,
// and, once settled, the provider's name and its message id.
//
// # Who wins
//
// The service does: of many inserts of one row one succeeds, and every later write names the version (ETag) that it
// replaces. A write whose answer got lost is recognised by the owner in the row when it is looked at the next time. For
// that reason the SDK makes no retries: a second insert would find our own row and call it somebody else's.
//
// # Time
//
// A row counts from its Timestamp, which the service sets at every write, for as long as the row itself says. An instance
// never asks its own wall clock what time it is: it knows the service's, which each answer tells (Date, and the Timestamp
// of rows), and adds what its monotonic clock has counted since. What it knows is a lower bound: the answer travelled, and
// Date has whole seconds. So a lease is never cut short, only taken over late: by the way of one answer, or by up to a
// second on an instance that has not written for a minute. Instances' clocks may be wrong by any amount. Two instances can
// own a live claim only where the storage servers' own clocks, or the rates of two instances' clocks within a minute,
// disagree by more than two thirds of the lease, because the owner renews at one third.
package tables

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"byoe/delivery"
)

// rounds bounds how often one call starts anew because another instance wrote in between. Each lost round means that
// somebody else got on, so that more than two are rare.
const rounds = 4

// errContended says that a claim changed under our hands in every round.
var errContended = errors.New("table storage: the claim changes too fast")

// Store implements [delivery.Store] in a table. Beside [delivery.ErrLost], its errors say what was asked and which code
// the service gave, and nothing that the service wrote.
type Store struct {
	table    *aztables.Client
	clock    *clock
	owned    *owned
	identity *identity // nil where a key or a signature opens the account
	idle     func()    // closes idle connections that are the store's own
}

// New makes a store. It opens no connection; see [Store.Run]. transport is usually an *http.Client; nil makes one that
// suits the service. A redirect must not be followed. The error is [config.Problems] where c is not valid.
func New(c Config, transport policy.Transporter) (*Store, error) {
	account, problems := c.account()
	problems = append(problems, c.tableProblems()...)
	if len(problems) != 0 {
		return nil, problems
	}
	s := &Store{clock: newClock(), owned: newOwned(), idle: func() {}}
	if transport == nil {
		client := newHTTPClient()
		transport, s.idle = client, client.CloseIdleConnections
	}
	service, identity, err := account.open(clientOptions(transport, s.clock))
	if err != nil {
		return nil, errUnusable
	}
	s.table, s.identity = service.NewClient(c.Table), identity
	return s, nil
}

// errUnusable says that the SDK refused what Validate let pass. Its own words may quote the connection string.
var errUnusable = errors.New("table storage: the settings cannot be used")

// Acquire implements [delivery.Store]. A new claim takes one round trip, one that exists two, or three where it is
// settled or free.
func (s *Store) Acquire(ctx context.Context, key delivery.Key, owner string, lease time.Duration) (delivery.Record, error) {
	fresh := heldRow(key, owner, owner, lease)
	missing := true
	for range rounds {
		if missing {
			mine, err := s.add(ctx, key, fresh)
			if err != nil {
				return delivery.Record{}, err
			}
			if mine {
				return fresh.record(), nil
			}
		}
		found, err := s.get(ctx, key)
		if err != nil {
			return delivery.Record{}, err
		}
		missing = found == nil
		if missing {
			continue
		}
		record, decided, err := s.judge(ctx, key, found, fresh)
		if err != nil {
			return delivery.Record{}, err
		}
		if decided {
			return record, nil
		}
	}
	return delivery.Record{}, errContended
}

// judge says what a row that exists means to who would write fresh. It is undecided where another one wrote first.
func (s *Store) judge(ctx context.Context, key delivery.Key, found *row, fresh row) (r delivery.Record, decided bool, err error) {
	alive := s.clock.now().Before(found.expires())
	switch {
	case alive && found.Settled:
		// A memory that could not be prolonged is one all the same. To fail here would send the mail once more.
		_, _, _ = s.replace(ctx, *found, found.etag())
		return found.record(), true, nil
	case alive:
		if found.Owner == fresh.Owner { // the answer to our own insert got lost
			s.owned.put(key, fresh.Owner, version{found.etag(), found.Delivery})
		}
		return found.record(), true, nil
	default:
		if !found.Settled {
			fresh.Delivery = found.Delivery
		}
		etag, won, err := s.replace(ctx, fresh, found.etag())
		if won {
			s.owned.put(key, fresh.Owner, version{etag, fresh.Delivery})
		}
		record := fresh.record()
		record.TakenOver = !found.Settled
		return record, won, err
	}
}

// Renew implements [delivery.Store].
func (s *Store) Renew(ctx context.Context, key delivery.Key, owner string, lease time.Duration) error {
	renewed, err := s.write(ctx, key, owner, heldRow(key, owner, "", lease))
	switch {
	case err == nil:
		s.owned.put(key, owner, renewed)
	case errors.Is(err, delivery.ErrLost):
		s.owned.drop(key, owner)
	}
	return err
}

// Settle implements [delivery.Store].
func (s *Store) Settle(ctx context.Context, key delivery.Key, r delivery.Record, remember time.Duration) error {
	defer s.owned.drop(key, r.Owner)
	_, err := s.write(ctx, key, r.Owner, settledRow(key, r, remember))
	return err
}

// write replaces a row that owner holds. A row that is held goes on with its delivery.
func (s *Store) write(ctx context.Context, key delivery.Key, owner string, r row) (version, error) {
	for known := true; ; known = false {
		old, held, err := s.held(ctx, key, owner, known)
		if err != nil {
			return version{}, err
		}
		if !held {
			return version{}, delivery.ErrLost
		}
		if !r.Settled {
			r.Delivery = old.delivery
		}
		next, done, err := s.replace(ctx, r, old.etag)
		if done || err != nil {
			return version{next, r.Delivery}, err
		}
		if !known {
			return version{}, errContended
		}
	}
}

// Release implements [delivery.Store].
func (s *Store) Release(ctx context.Context, key delivery.Key, owner string) error {
	defer s.owned.drop(key, owner)
	for known := true; ; known = false {
		old, held, err := s.held(ctx, key, owner, known)
		if err != nil || !held {
			return err
		}
		done, err := s.remove(ctx, key.String(), old.etag)
		if done || err != nil {
			return err
		}
		if !known {
			return errContended
		}
	}
}

// held returns the version of a row that owner holds: from memory, where that may be asked, else from the table. The
// lease may have run out: as long as nobody took over, nothing is lost. What is in memory is out of date where the answer
// to a write of our own got lost; the table then knows better.
func (s *Store) held(ctx context.Context, key delivery.Key, owner string, remembered bool) (version, bool, error) {
	if remembered {
		if v, known := s.owned.get(key, owner); known {
			return v, true, nil
		}
	}
	found, err := s.get(ctx, key)
	if err != nil || found == nil || found.Owner != owner || found.Settled {
		return version{}, false, err
	}
	return version{found.etag(), found.Delivery}, true, nil
}
