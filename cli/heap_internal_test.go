package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercentLeavesTheRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		live uint64
		busy bool
		want int
	}{
		{0, false, 400},
		{1 << 20, false, 400},
		{3 << 20, false, 200},
		{6 << 20, false, 100},
		{12 << 20, false, 50},
		{1 << 40, false, 25},
		{4 << 20, true, 400},
		{8 << 20, true, 200},
		{12 << 20, true, 100},
		{18 << 20, true, 33},
		{1 << 40, true, 25},
	} {
		if got := percentFor(c.live, roomFor(c.live, c.busy)); got != c.want {
			t.Errorf("with %d bytes alive, busy %v, it is %d, want %d", c.live, c.busy, got, c.want)
		}
	}
}

func TestCollectionsOneAfterTheOtherGetMoreRoom(t *testing.T) {
	t.Parallel()
	k, now := &heapKeeper{}, time.Now()
	for i, c := range []struct {
		since time.Duration
		busy  bool
	}{
		{time.Hour, false}, {500 * time.Millisecond, false}, {busyBelow - 1, true}, {500 * time.Millisecond, true}, {calmAbove + 1, false}, {calmAbove, false},
	} {
		now = now.Add(c.since)
		if k.hear(now); k.busy != c.busy {
			t.Errorf("collection %d, %v after the last one: busy %v", i, c.since, k.busy)
		}
	}
}

// percentNow reads the percentage of the process.
func percentNow() int {
	percent := debug.SetGCPercent(-1)
	debug.SetGCPercent(percent)
	return percent
}

// collectUntil collects until the percentage is as wanted: what follows a collection takes a moment.
func collectUntil(t *testing.T, what string, wanted func(percent int) bool) {
	t.Helper()
	for range 200 {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
		if wanted(percentNow()) {
			return
		}
	}
	t.Errorf("%s: the percentage stays %d", what, percentNow())
}

func TestHeadroomIsKeptWhateverLives(t *testing.T) {
	before := percentNow()
	stop := keepHeadroom(nil)
	large := make([]byte, 256<<20)
	collectUntil(t, "much lives", func(percent int) bool { return percent == leastPercent })
	runtime.KeepAlive(large)
	large = nil
	_ = large
	collectUntil(t, "little lives", func(percent int) bool { return percent > leastPercent })
	stop()
	runtime.GC()
	time.Sleep(20 * time.Millisecond) // a cleanup that is under way
	if got := percentNow(); got != before {
		t.Errorf("afterwards it is %d, want %d", got, before)
	}
}

func TestTheOwnersGOGCCounts(t *testing.T) {
	before := percentNow()
	stop := keepHeadroom(map[string]string{"GOGC": "77"})
	defer stop()
	if got := percentNow(); got != before {
		t.Errorf("it is %d, want %d untouched", got, before)
	}
}
