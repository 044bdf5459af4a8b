package memory_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/claimstest"
	"byoe/delivery/claims/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	claimstest.Run(t, synctest.Test, func(*testing.T) delivery.Store { return memory.New() })
}

func numbered(n int) (k delivery.Key) {
	k[0], k[1], k[2], k[3] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
	return k
}

// remember puts n settled claims into a store.
func remember(t testing.TB, s *memory.Store, from, n int, ttl time.Duration) {
	t.Helper()
	for i := from; i < from+n; i++ {
		owner := "3333dddd-44ee-4fff-aa55-bbbbbbbb6666"
		if _, err := s.Acquire(t.Context(), numbered(i), owner, time.Second); err != nil {
			t.Fatal(err)
		}
		r := delivery.Record{Owner: owner, Settled: true, Provider: "sendgrid", MessageID: "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0"}
		if err := s.Settle(t.Context(), numbered(i), r, ttl); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExpiredClaimsAreSwept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := memory.New()
		remember(t, s, 0, 1000, 20*time.Second)
		time.Sleep(time.Minute)
		remember(t, s, 1000, 500, 20*time.Second)
		if n := s.Len(); n > 500 {
			t.Errorf("%d claims are held, 500 are alive", n)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := memory.New()
	remember(t, s, 0, 131_072+1000, time.Hour)
	if n := s.Len(); n != 131_072 {
		t.Errorf("%d claims are held", n)
	}
	r, err := s.Acquire(t.Context(), numbered(131_072+999), "b", time.Second)
	if err != nil || !r.Settled {
		t.Errorf("the newest was forgotten: %+v, %v", r, err)
	}
	if r, err := s.Acquire(t.Context(), numbered(0), "b", time.Second); err != nil || r.Settled {
		t.Errorf("the oldest was kept: %+v, %v", r, err)
	}
}

// BenchmarkHundredThousandEvents tells what remembering 100,000 events at once costs.
func BenchmarkHundredThousandEvents(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := memory.New()
		remember(b, s, 0, 100_000, time.Hour)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		runtime.KeepAlive(s)
	}
}
