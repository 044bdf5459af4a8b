package tables_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/claimstest"
	"byoe/delivery/claims/tables"
)

// TestAzurite is everything that needs the service: the emulator takes two seconds to start, so that it is started once.
func TestAzurite(t *testing.T) {
	t.Parallel()
	a := startAzurite(t)
	t.Run("conformance", func(t *testing.T) {
		t.Parallel()
		claimstest.Run(t, func(t *testing.T, test func(t *testing.T)) { t.Parallel(); test(t) }, func(t *testing.T) delivery.Store {
			s, _ := a.fresh(t)
			return s
		})
	})
	for name, test := range map[string]func(*testing.T, azurite){
		"round trips":                                   roundTrips,
		"of three instances' acquirers one wins":        oneOfThreeInstances,
		"of three instances' rescuers one wins":         oneRescuer,
		"an insert whose answer got lost is ours":       lostInsert,
		"a renewal whose answer got lost is ours":       lostRenewal,
		"a takeover whose answer got lost is ours":      lostTakeover,
		"who was overtaken while acquiring looks again": overtaken,
		"an instance that has only read takes over":     freshInstanceTakesOver,
		"a claim that is not in memory is read":         notInMemory,
		"rows hold no more than they may":               boundedRows,
		"the table is created while running":            createdWhileRunning,
		"a sweep removes expired rows and only these":   sweepRemovesExpired,
		"a sweep spares what came to life meanwhile":    sweepSparesRevived,
		"two sweeps at once do no harm":                 twoSweeps,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, a)
		})
	}
}

func acquire(t testing.TB, s *tables.Store, k delivery.Key, owner string, lease time.Duration) delivery.Record {
	t.Helper()
	r, err := s.Acquire(t.Context(), k, owner, lease)
	if err != nil {
		t.Fatalf("Acquire: %v", err)
	}
	return r
}

func settled(owner string) delivery.Record {
	return delivery.Record{Owner: owner, Settled: true, Provider: "vendor", MessageID: "id-1"}
}

func roundTrips(t *testing.T, a azurite) {
	s, w := a.fresh(t)
	step := func(name string, want int32, do func() error) {
		t.Helper()
		before := w.count.Load()
		if err := do(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := w.count.Load() - before; got != want {
			t.Errorf("%s takes %d requests, want %d", name, got, want)
		}
	}
	k := numbered(1)
	ask := func(owner string) func() error {
		return func() error { _, err := s.Acquire(t.Context(), k, owner, time.Minute); return err }
	}
	step("acquiring a new claim", 1, ask("a"))
	step("renewing", 1, func() error { return s.Renew(t.Context(), k, "a", time.Minute) })
	step("renewing once more", 1, func() error { return s.Renew(t.Context(), k, "a", time.Minute) })
	step("asking for what another holds", 2, ask("b"))
	step("settling", 1, func() error { return s.Settle(t.Context(), k, settled("a"), time.Minute) })
	step("asking for what is settled", 3, ask("b"))
	k = numbered(2)
	step("acquiring another", 1, ask("a"))
	step("releasing", 1, func() error { return s.Release(t.Context(), k, "a") })
	if n := s.Owned(); n != 0 {
		t.Errorf("%d versions are left in memory", n)
	}
}

// storm lets 32 acquirers from three instances go for one claim, and returns how many got it and how many rescued it.
func storm(t *testing.T, instances []*tables.Store, k delivery.Key) (winners, rescuers int32) {
	t.Helper()
	var wg sync.WaitGroup
	var won, rescued atomic.Int32
	for i := range 32 {
		wg.Go(func() {
			owner := fmt.Sprintf("owner-%d", i)
			r, err := instances[i%len(instances)].Acquire(t.Context(), k, owner, time.Minute)
			switch {
			case err != nil:
				t.Errorf("Acquire: %v", err)
			case r.Owner == owner:
				won.Add(1)
				if r.TakenOver {
					rescued.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return won.Load(), rescued.Load()
}

func threeInstances(t *testing.T, a azurite) []*tables.Store {
	t.Helper()
	table := newTable()
	var instances []*tables.Store
	for range 3 {
		s, _ := a.open(t, table)
		instances = append(instances, s)
	}
	if err := instances[0].Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return instances
}

func oneOfThreeInstances(t *testing.T, a azurite) {
	instances := threeInstances(t, a)
	for n := range 10 {
		if won, rescued := storm(t, instances, numbered(n)); won != 1 || rescued != 0 {
			t.Errorf("%d of 32 won, %d of them by taking over; want 1 and 0", won, rescued)
		}
	}
}

func oneRescuer(t *testing.T, a azurite) {
	instances := threeInstances(t, a)
	for n := range 10 {
		acquire(t, instances[0], numbered(n), "dead", time.Millisecond)
	}
	time.Sleep(1200 * time.Millisecond) // more than what an instance that never wrote does not know of the time
	for n := range 10 {
		if won, rescued := storm(t, instances, numbered(n)); won != 1 || rescued != 1 {
			t.Errorf("%d of 32 won, %d of them by taking over; want 1 and 1", won, rescued)
		}
	}
}

func lostInsert(t *testing.T, a azurite) {
	s, w := a.fresh(t)
	w.loseNext(http.MethodPost)
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Minute); !errors.Is(err, errLostAnswer) {
		t.Fatalf("Acquire gave %v", err)
	}
	if r := acquire(t, s, numbered(1), "a", time.Minute); r != (delivery.Record{Owner: "a", Delivery: "a"}) {
		t.Errorf("our own claim is %+v", r)
	}
	before := w.count.Load()
	if err := s.Settle(t.Context(), numbered(1), settled("a"), time.Minute); err != nil {
		t.Errorf("Settle: %v", err)
	}
	if n := w.count.Load() - before; n != 1 {
		t.Errorf("settling took %d requests: the version was not remembered at the second look", n)
	}
}

func lostRenewal(t *testing.T, a azurite) {
	s, w := a.fresh(t)
	acquire(t, s, numbered(1), "a", time.Minute)
	w.loseNext(http.MethodPut)
	if err := s.Renew(t.Context(), numbered(1), "a", time.Minute); !errors.Is(err, errLostAnswer) {
		t.Fatalf("Renew gave %v", err)
	}
	if err := s.Settle(t.Context(), numbered(1), settled("a"), time.Minute); err != nil {
		t.Errorf("Settle: %v", err)
	}
	if r := acquire(t, s, numbered(1), "b", time.Minute); r != settled("a") {
		t.Errorf("the claim is %+v", r)
	}

	acquire(t, s, numbered(2), "a", time.Minute)
	w.loseNext(http.MethodPut)
	if err := s.Renew(t.Context(), numbered(2), "a", time.Minute); !errors.Is(err, errLostAnswer) {
		t.Fatalf("Renew gave %v", err)
	}
	if err := s.Release(t.Context(), numbered(2), "a"); err != nil {
		t.Errorf("Release: %v", err)
	}
	if r := acquire(t, s, numbered(2), "b", time.Minute); r.Owner != "b" {
		t.Errorf("the claim is %+v after its release", r)
	}
}

func lostTakeover(t *testing.T, a azurite) {
	s, w := a.fresh(t)
	acquire(t, s, numbered(1), "dead", time.Millisecond)
	time.Sleep(100 * time.Millisecond)
	w.loseNext(http.MethodPut)
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Minute); !errors.Is(err, errLostAnswer) {
		t.Fatalf("Acquire gave %v", err)
	}
	if err := s.Renew(t.Context(), numbered(1), "a", time.Minute); err != nil {
		t.Errorf("Renew: %v", err)
	}
}

// overtaken lets another instance write between the look at a row and the write that rests on it.
func overtaken(t *testing.T, a azurite) {
	for name, tc := range map[string]struct {
		meanwhile func(other *tables.Store) error
		want      delivery.Record
	}{
		"taken over by another": {func(other *tables.Store) error {
			_, err := other.Acquire(t.Context(), numbered(1), "quick", time.Minute)
			return err
		}, delivery.Record{Owner: "quick", Delivery: "dead"}},
		"settled late": {func(other *tables.Store) error {
			return other.Settle(t.Context(), numbered(1), settled("dead"), time.Minute)
		}, settled("dead")},
		"released": {func(other *tables.Store) error {
			return other.Release(t.Context(), numbered(1), "dead")
		}, delivery.Record{Owner: "late", Delivery: "late"}},
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable()
			s, w := a.open(t, table)
			other, _ := a.open(t, table)
			if err := s.Create(t.Context()); err != nil {
				t.Fatal(err)
			}
			acquire(t, other, numbered(1), "dead", time.Millisecond)
			acquire(t, s, numbered(9), "x", time.Minute) // tells the time
			time.Sleep(100 * time.Millisecond)
			var once sync.Once
			w.after = func(answer *http.Response) (err error) {
				if answer.Request.Method == http.MethodGet {
					once.Do(func() { err = tc.meanwhile(other) })
				}
				return err
			}
			if r := acquire(t, s, numbered(1), "late", time.Minute); r != tc.want {
				t.Errorf("the claim is %+v, want %+v", r, tc.want)
			}
		})
	}
}

func freshInstanceTakesOver(t *testing.T, a azurite) {
	table := newTable()
	dead, _ := a.open(t, table)
	if err := dead.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	acquire(t, dead, numbered(1), "dead", 200*time.Millisecond)
	s, _ := a.open(t, table)
	start := time.Now()
	for acquire(t, s, numbered(1), "a", time.Minute).Owner != "a" {
		if time.Since(start) > 5*time.Second {
			t.Fatal("not taken over")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("taken over after %v, want at most a second more than the lease", took)
	}
}

func notInMemory(t *testing.T, a azurite) {
	table := newTable()
	s, _ := a.open(t, table)
	forgetful, _ := a.open(t, table)
	if err := s.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		acquire(t, s, numbered(n), "a", time.Minute)
	}
	if err := forgetful.Renew(t.Context(), numbered(0), "a", time.Minute); err != nil {
		t.Errorf("Renew: %v", err)
	}
	if err := forgetful.Settle(t.Context(), numbered(1), settled("a"), time.Minute); err != nil {
		t.Errorf("Settle: %v", err)
	}
	if err := forgetful.Release(t.Context(), numbered(2), "a"); err != nil {
		t.Errorf("Release: %v", err)
	}
	if r := acquire(t, s, numbered(2), "b", time.Minute); r.Owner != "b" {
		t.Errorf("not released: %+v", r)
	}
	for name, err := range map[string]error{
		"another's":  forgetful.Renew(t.Context(), numbered(0), "b", time.Minute),
		"none":       forgetful.Renew(t.Context(), numbered(7), "a", time.Minute),
		"settled":    forgetful.Settle(t.Context(), numbered(1), settled("a"), time.Minute),
		"out of use": s.Renew(t.Context(), numbered(2), "a", time.Minute), // its version is in memory, and old
	} {
		if !errors.Is(err, delivery.ErrLost) {
			t.Errorf("%s: %v, want ErrLost", name, err)
		}
	}
	if n := s.Owned(); n != 3 {
		t.Errorf("%d versions are in memory: that of a lost claim must go, those of the other two and b's must stay", n)
	}
}

func boundedRows(t *testing.T, a azurite) {
	s, _ := a.fresh(t)
	acquire(t, s, numbered(1), "a", time.Minute)
	r := delivery.Record{Owner: "a", Settled: true, Provider: "vendor\x00", MessageID: "grüße\n\xff" + strings.Repeat("x", 100_000)}
	if err := s.Settle(t.Context(), numbered(1), r, time.Minute); err != nil {
		t.Fatal(err)
	}
	got := acquire(t, s, numbered(1), "b", time.Minute)
	if got.Provider != "vendor?" || !strings.HasPrefix(got.MessageID, "gr??e??xxx") || len(got.MessageID) != tables.MostText {
		t.Errorf("the row tells %q and %d bytes that begin with %.20q", got.Provider, len(got.MessageID), got.MessageID)
	}
}

func createdWhileRunning(t *testing.T, a azurite) {
	s, _ := a.open(t, newTable())
	if _, err := s.Acquire(t.Context(), numbered(1), "a", time.Second); err == nil || err.Error() != "table storage: insert: 404 TableNotFound" {
		t.Fatalf("without a table Acquire gives %v", err)
	}
	for name, err := range map[string]error{
		"Renew":   s.Renew(t.Context(), numbered(1), "a", time.Second),
		"Settle":  s.Settle(t.Context(), numbered(1), settled("a"), time.Second),
		"Release": s.Release(t.Context(), numbered(1), "a"),
		"Check":   s.Check(t.Context()),
	} {
		if err == nil || errors.Is(err, delivery.ErrLost) {
			t.Errorf("without a table %s gives %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	defer running.Wait()
	defer cancel()
	for start := time.Now(); s.Check(t.Context()) != nil; time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the table is not created")
		}
	}
	acquire(t, s, numbered(1), "a", time.Minute)
}

func sweepRemovesExpired(t *testing.T, a azurite) {
	s, _ := a.fresh(t)
	const many = 1050 // more than a page has
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := w; n < many; n += 4 {
				if _, err := s.Acquire(t.Context(), numbered(n), "gone", time.Second); err != nil {
					t.Errorf("Acquire: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	acquire(t, s, numbered(many), "long", time.Hour)
	acquire(t, s, numbered(many+1), "a", time.Second)
	if err := s.Settle(t.Context(), numbered(many+1), settled("a"), 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.SweepAt(t.Context(), time.Now().Add(55*time.Second)); err != nil {
		t.Fatal(err)
	}
	if !there(t, s, numbered(0), "gone") {
		t.Error("a row went before its time")
	}
	if err := s.SweepAt(t.Context(), time.Now().Add(90*time.Second)); err != nil {
		t.Fatal(err)
	}
	for n := range many {
		if there(t, s, numbered(n), "gone") {
			t.Fatalf("row %d is still there", n)
		}
	}
	if !there(t, s, numbered(many), "long") || acquire(t, s, numbered(many+1), "b", time.Second) != settled("a") {
		t.Error("a row that counts was removed")
	}
}

// there says whether owner's row is in the table: only then can it be renewed.
func there(t *testing.T, s *tables.Store, k delivery.Key, owner string) bool {
	t.Helper()
	err := s.Renew(t.Context(), k, owner, time.Second)
	if err != nil && !errors.Is(err, delivery.ErrLost) {
		t.Fatal(err)
	}
	return err == nil
}

func sweepSparesRevived(t *testing.T, a azurite) {
	s, w := a.fresh(t)
	acquire(t, s, numbered(1), "a", time.Second)
	acquire(t, s, numbered(2), "b", time.Second)
	var once sync.Once
	w.after = func(answer *http.Response) (err error) {
		if answer.Request.Method == http.MethodGet && answer.Request.URL.Query().Has("$filter") {
			once.Do(func() { err = s.Renew(t.Context(), numbered(1), "a", time.Second) })
		}
		return err
	}
	if err := s.SweepAt(t.Context(), time.Now().Add(90*time.Second)); err != nil {
		t.Fatal(err)
	}
	if !there(t, s, numbered(1), "a") {
		t.Error("a row that was renewed after the listing was removed")
	}
	if there(t, s, numbered(2), "b") {
		t.Error("the other row is still there")
	}
}

func twoSweeps(t *testing.T, a azurite) {
	instances := threeInstances(t, a)
	for n := range 200 {
		acquire(t, instances[0], numbered(n), "a", time.Second)
	}
	var wg sync.WaitGroup
	for _, s := range instances {
		wg.Go(func() {
			if err := s.SweepAt(t.Context(), time.Now().Add(90*time.Second)); err != nil {
				t.Errorf("sweep: %v", err)
			}
		})
	}
	wg.Wait()
	for n := range 200 {
		if there(t, instances[0], numbered(n), "a") {
			t.Fatalf("row %d is still there", n)
		}
	}
}
