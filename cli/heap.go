package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Go's collector runs whenever the garbage is as much as what lives. The webhook's heap is small, 3 MiB, and each mail makes
// 60 KiB of garbage: at that measure every tenth of the processor's time went into collecting. A larger percentage for good
// would cost a multiple of the memory where much lives, as in a burst of events that are all remembered. So the measure is
// room instead of a percentage: so much garbage may gather, whatever lives.
const (
	// headroom is how much garbage may gather, in bytes.
	headroom = 10 << 20
	// leastPercent and mostPercent bound what that comes to in parts of what lives.
	leastPercent = 33
	mostPercent  = 400
)

// percentFor is the percentage that leaves the headroom over what lives.
func percentFor(live uint64) int {
	if live == 0 {
		return mostPercent
	}
	return int(min(max(headroom*100/live, leastPercent), mostPercent))
}

// heapKeeper sets the percentage anew after each collection.
type heapKeeper struct {
	mu      sync.Mutex
	percent int
	stopped bool
}

// sentinel is garbage from its beginning: that it is gone says that a collection has ended. It holds a pointer, so that it
// is an object of its own to the collector.
type sentinel struct{ _ *sentinel }

// keepHeadroom keeps the headroom until stop is called, which restores what was before. Where the owner has set GOGC, that
// counts.
func keepHeadroom(environ map[string]string) (stop func()) {
	if environ["GOGC"] != "" {
		return func() {}
	}
	k := &heapKeeper{percent: mostPercent}
	before := debug.SetGCPercent(k.percent)
	k.watch()
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.stopped = true
		debug.SetGCPercent(before)
	}
}

// watch waits for the next collection, and does not keep a goroutine for that.
func (k *heapKeeper) watch() {
	runtime.AddCleanup(new(sentinel), func(k *heapKeeper) {
		if k.adjust() {
			k.watch()
		}
	}, k)
}

// adjust sets the percentage for what lives now, and says whether to go on. Setting it stops the world for a moment, so
// small changes are let pass.
func (k *heapKeeper) adjust() (goOn bool) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		return false
	}
	if wanted := percentFor(sample[0].Value.Uint64()); abs(wanted-k.percent) > k.percent/8 {
		k.percent = wanted
		debug.SetGCPercent(wanted)
	}
	return true
}

func abs(n int) int { return max(n, -n) }
