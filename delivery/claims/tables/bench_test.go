package tables_test

import (
	"testing"
	"time"
)

// BenchmarkAcquireSettle is what one mail costs: two round trips to the emulator on the same machine.
func BenchmarkAcquireSettle(b *testing.B) {
	s, _ := startAzurite(b).fresh(b)
	n := 0
	for b.Loop() {
		n++
		acquire(b, s, numbered(n), "3333dddd-44ee-4fff-aa55-bbbbbbbb6666", time.Second)
		if err := s.Settle(b.Context(), numbered(n), settled("3333dddd-44ee-4fff-aa55-bbbbbbbb6666"), 20*time.Second); err != nil {
			b.Fatal(err)
		}
	}
}
