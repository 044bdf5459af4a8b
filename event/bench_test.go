package event_test

import (
	"testing"

	"byoe/event"
)

// BenchmarkDecode reads the documented payload.
func BenchmarkDecode(b *testing.B) {
	body := []byte(documented)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := event.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
