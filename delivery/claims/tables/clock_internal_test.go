package tables

import (
	"testing"
	"testing/synctest"
	"time"
)

func inBubble(t *testing.T, test func(t *testing.T, c *clock, service time.Time)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		// The service's clock is half a year ahead of ours: no instance's own time may count.
		test(t, newClock(), time.Now().Add(182*24*time.Hour))
	})
}

func TestClockKnowsNothingAtFirst(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *clock, _ time.Time) {
		c.learn(time.Time{})
		if now := c.now(); !now.IsZero() {
			t.Errorf("it is %v", now)
		}
	})
}

func TestClockCountsOnFromTheBestThatItLearnt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *clock, service time.Time) {
		time.Sleep(time.Second)
		c.learn(service.Add(time.Second - 10*time.Millisecond)) // an answer that took 10 ms
		time.Sleep(time.Second)
		c.learn(service.Add(2*time.Second - 700*time.Millisecond)) // a Date in whole seconds
		time.Sleep(time.Second)
		if got, want := c.now(), service.Add(3*time.Second-10*time.Millisecond); !got.Equal(want) {
			t.Errorf("it is %v off", got.Sub(want))
		}
	})
}

func TestClockForgets(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *clock, service time.Time) {
		c.learn(service.Add(time.Second)) // a server whose clock is fast
		time.Sleep(31 * time.Second)
		c.learn(service.Add(31 * time.Second))
		if got, want := c.now(), service.Add(32*time.Second); !got.Equal(want) {
			t.Errorf("after half a minute it is %v off: the best is forgotten too early", got.Sub(want))
		}
		time.Sleep(30 * time.Second)
		c.learn(service.Add(61 * time.Second))
		if got, want := c.now(), service.Add(61*time.Second); !got.Equal(want) {
			t.Errorf("after a minute it is %v off: what was wrong once is never forgotten", got.Sub(want))
		}
		time.Sleep(time.Minute + time.Second)
		if now := c.now(); !now.IsZero() {
			t.Errorf("a minute after the last answer it claims to know the time: %v", now)
		}
	})
}

func TestOwnedIsBounded(t *testing.T) {
	t.Parallel()
	o := newOwned()
	for n := range maxOwned + 100 {
		o.put([16]byte{byte(n), byte(n >> 8)}, "a", version{etag: "1"})
		o.put([16]byte{byte(n), byte(n >> 8)}, "a", version{etag: "2"})
	}
	if n := len(o.versions); n != maxOwned {
		t.Errorf("%d versions are in memory", n)
	}
	last := [16]byte{byte((maxOwned + 99) & 0xff), byte((maxOwned + 99) >> 8)}
	if v, known := o.get(last, "a"); !known || v.etag != "2" {
		t.Errorf("the newest is %q, %v", v, known)
	}
	if _, known := o.get(last, "b"); known {
		t.Error("another owner's version is given out")
	}
}

func TestMillisRoundsUp(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]int32{
		-time.Second: 0, 0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, time.Second: 1000, 1 << 62: 1<<31 - 1,
	} {
		if got := millis(d); got != want {
			t.Errorf("%v is %d ms, want %d", d, got, want)
		}
	}
}
