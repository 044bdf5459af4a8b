package delivery

import (
	"slices"
	"sync"
	"time"
)

const (
	// rotateWithin is how soon another code for an address means that the first mail did not arrive.
	rotateWithin = 3 * time.Minute
	// maxRotations bounds the addresses that are remembered, a few dozen bytes each.
	maxRotations = 10_000
)

// rotation makes a person's "send again" go another way: a new code for an address that got one within three minutes
// starts with the next provider, because the mail of the first one evidently did not arrive. It is per instance.
type rotation struct {
	mu   sync.Mutex
	on   bool
	last map[Key]lastWay
}

// lastWay is who took the last mail for an address.
type lastWay struct {
	lane *lane
	at   time.Time
}

func newRotation(on bool) *rotation { return &rotation{on: on, last: map[Key]lastWay{}} }

// order returns the lanes in the order in which to ask them for this address.
func (r *rotation) order(lanes []*lane, address Key) []*lane {
	r.mu.Lock()
	defer r.mu.Unlock()
	way, known := r.last[address]
	if !known || time.Since(way.at) > rotateWithin {
		return lanes
	}
	start := (slices.Index(lanes, way.lane) + 1) % len(lanes)
	return slices.Concat(lanes[start:], lanes[:start])
}

// accepted remembers who took a mail.
func (r *rotation) accepted(address Key, l *lane) {
	if !r.on {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.last) >= maxRotations {
		r.forget()
	}
	r.last[address] = lastWay{lane: l, at: time.Now()}
}

// forget drops what is too old to matter, and everything where that is not enough: losing a rotation costs no mail.
func (r *rotation) forget() {
	for address, way := range r.last {
		if time.Since(way.at) > rotateWithin {
			delete(r.last, address)
		}
	}
	if len(r.last) >= maxRotations {
		clear(r.last)
	}
}
