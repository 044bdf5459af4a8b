package memory_test

import (
	"testing"
	"time"

	"byoe/delivery/claims/memory"
)

// BenchmarkClaim is what one mail costs: it is acquired and settled.
func BenchmarkClaim(b *testing.B) {
	s := memory.New()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		remember(b, s, n, 1, time.Minute)
	}
}
