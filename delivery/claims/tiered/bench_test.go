package tiered_test

import (
	"encoding/binary"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/delivery/claims/tiered"
)

// BenchmarkClaim is what one mail costs with a shared store behind the instance's own, where the shared one takes no time.
func BenchmarkClaim(b *testing.B) {
	s := tiered.New(memory.New(), memory.New())
	b.ReportAllocs()
	var n uint64
	for b.Loop() {
		n++
		var key delivery.Key
		binary.BigEndian.PutUint64(key[:], n)
		if _, err := s.Acquire(b.Context(), key, "a", time.Second); err != nil {
			b.Fatal(err)
		}
		if err := s.Settle(b.Context(), key, delivery.Record{Owner: "a", Settled: true}, time.Minute); err != nil {
			b.Fatal(err)
		}
	}
}
