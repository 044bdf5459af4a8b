package delivery

import (
	"testing"
	"testing/synctest"
	"time"
)

func numberedKey(n int) Key { return Key{byte(n), byte(n >> 8), byte(n >> 16), 1} }

func TestWhatIsRememberedOfAddressesIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, l := newRotation(true), &lane{}
		for n := range maxRotations + 500 {
			r.accepted(numberedKey(n), l)
		}
		if n := len(r.last); n > maxRotations {
			t.Errorf("%d rotations are remembered", n)
		}
		time.Sleep(rotateWithin + time.Second)
		for n := range maxRotations {
			r.accepted(numberedKey(100_000+n), l)
		}
		if _, kept := r.last[numberedKey(100_000)]; !kept || len(r.last) > maxRotations {
			t.Errorf("old ways are kept in place of new ones: %d are remembered", len(r.last))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := newRecipients(RecipientConfig{Limit: "1/10m"})
		for n := range maxLimited + 500 {
			r.limit(numberedKey(n))
		}
		if n := len(r.seen); n > maxLimited {
			t.Errorf("%d addresses are counted", n)
		}
		time.Sleep(10*time.Minute + time.Second)
		for n := range maxLimited {
			r.limit(numberedKey(100_000 + n))
		}
		if r.limit(numberedKey(100_000)) == nil || len(r.seen) > maxLimited {
			t.Errorf("old counts are kept in place of new ones: %d addresses are counted", len(r.seen))
		}
	})
}
