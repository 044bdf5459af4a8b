package main

import (
	"slices"
	"time"
)

// Result is what a run saw.
type Result struct {
	People
	Work
}

// People is what the sign-ins saw that are counted.
type People struct {
	SignIns, ByFirst, ByRetry, Failed int

	times    []time.Duration // until the answer, of those that got one
	waits    int
	waitTime time.Duration
}

// Work is what the run cost, from its begin to its end.
type Work struct {
	Seconds                                           float64
	Executions, StoreRequests, Mails, Failovers, Shed int
	PeakInstances                                     int
	AlwaysReadyBilled, OnDemandBilled                 time.Duration

	// callSeconds sums up, while sign-ins are counted, how many calls wait or are served.
	callSeconds float64
}

// waited notes for how long a person's first call waited for a slot.
func (p *People) waited(d time.Duration) {
	if d > 0 {
		p.waits++
		p.waitTime += d
	}
}

// percentile is the time below which that share of the answered sign-ins had their answer.
func (p *People) percentile(share float64) time.Duration {
	if len(p.times) == 0 {
		return 0
	}
	sorted := slices.Clone(p.times)
	slices.Sort(sorted)
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
