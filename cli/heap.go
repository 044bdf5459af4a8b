package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// Go's collector runs whenever the garbage is as much as what lives. The webhook's heap is small, 3 MiB, and each mail makes
// 50 KiB of garbage: at that measure every tenth of the processor's time at full load went into collecting. A larger
// percentage for good would cost a multiple of the memory where much lives, as in a burst of events that are all remembered.
// So the measure is room instead of a percentage: little while collections are rare, and more where they come one after the
// other, as long as the heap stays small.
const (
	// calmRoom is how much garbage may gather, in bytes, and busyRoom how much where collections come one after the other.
	calmRoom = 6 << 20
	busyRoom = 16 << 20
	// smallHeap is what lives and what gathers together where there is more room than calmRoom, in bytes.
	smallHeap = 24 << 20
	// A collection busyBelow after the last one makes it busy, and one calmAbove after it calm again.
	busyBelow = 100 * time.Millisecond
	calmAbove = time.Second
	// leastPercent and mostPercent bound what that comes to in parts of what lives.
	leastPercent = 25
	mostPercent  = 400
)

// roomFor is how much garbage may gather over what lives.
func roomFor(live uint64, busy bool) uint64 {
	if !busy || live > smallHeap-calmRoom {
		return calmRoom
	}
	return min(smallHeap-live, busyRoom)
}

// percentFor is the percentage that leaves room over what lives.
func percentFor(live, room uint64) int {
	if live == 0 {
		return mostPercent
	}
	return int(min(max(room*100/live, leastPercent), mostPercent))
}

// heapKeeper sets the percentage anew after each collection.
type heapKeeper struct {
	mu        sync.Mutex
	percent   int
	collected time.Time // when the last collection ended
	busy      bool
	stopped   bool
}

// hear takes note of a collection's end.
func (k *heapKeeper) hear(now time.Time) {
	switch since := now.Sub(k.collected); {
	case since < busyBelow:
		k.busy = true
	case since > calmAbove:
		k.busy = false
	}
	k.collected = now
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
	k.hear(time.Now())
	live := sample[0].Value.Uint64()
	if wanted := percentFor(live, roomFor(live, k.busy)); abs(wanted-k.percent) > k.percent/8 {
		k.percent = wanted
		debug.SetGCPercent(wanted)
	}
	return true
}

func abs(n int) int { return max(n, -n) }
