package main

import "time"

// instance is one machine of the platform: the Functions host and byoe on it.
type instance struct {
	alwaysReady bool
	inFlight    int
	flights     int           // deliveries, which may outlive their calls
	processor   time.Duration // when what it has begun is computed
	idleSince   time.Duration
	work        worktime
}

// worktime is the time in which an instance works, as it is billed: each period has a least length and is rounded up, and
// none is billed twice.
type worktime struct {
	minimum, step time.Duration
	began         time.Duration
	paidUntil     time.Duration
	billed        time.Duration
}

func (w *worktime) begin(now time.Duration) { w.began = now }

func (w *worktime) end(now time.Duration) {
	from := max(w.began, w.paidUntil)
	if now <= w.paidUntil {
		return
	}
	length := now - from
	if from == w.began {
		length = max(length, w.minimum)
	}
	if over := length % w.step; over > 0 {
		length += w.step - over
	}
	w.billed += length
	w.paidUntil = from + length
}
