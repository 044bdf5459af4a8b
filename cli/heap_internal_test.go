package cli

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercentLeavesTheHeadroom(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 400, 1 << 20: 400, 5 << 20: 200, 10 << 20: 100, 20 << 20: 50, 1 << 40: 33} {
		if got := percentFor(live); got != want {
			t.Errorf("with %d bytes alive it is %d, want %d", live, got, want)
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
