package main

import (
	"container/heap"
	"time"
)

// clock is the simulated time and what is yet to happen in it.
type clock struct {
	now    time.Duration
	events events
	serial int
}

// event is something that happens at a time. Of two at one time the earlier made goes first, so that a run is the same each
// time.
type event struct {
	at     time.Duration
	serial int
	do     func()
}

// after has something happen later.
func (c *clock) after(d time.Duration, do func()) {
	c.serial++
	heap.Push(&c.events, event{c.now + max(d, 0), c.serial, do})
}

// run lets happen what happens until then.
func (c *clock) run(until time.Duration) {
	for len(c.events) > 0 && c.events[0].at <= until {
		e, _ := heap.Pop(&c.events).(event)
		c.now = e.at
		e.do()
	}
	c.now = until
}

// events is a heap by time.
type events []event

func (e events) Len() int { return len(e) }

func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].serial < e[j].serial
}

func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements [heap.Interface].
func (e *events) Push(x any) {
	if one, ok := x.(event); ok {
		*e = append(*e, one)
	}
}

// Pop implements [heap.Interface].
func (e *events) Pop() any {
	last := len(*e) - 1
	one := (*e)[last]
	(*e)[last] = event{}
	*e = (*e)[:last]
	return one
}
