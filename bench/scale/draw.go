package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// draw makes a random time.
type draw func(*rand.Rand) time.Duration

// normal99 is how many standard deviations 99 of 100 stay below.
const normal99 = 2.3263478740408408

// logNormal is the usual form of a network's times: many near the median, few very late. It goes through the median and
// the 99th percentile, both in milliseconds.
func logNormal(median, tail float64) draw {
	mu, sigma := math.Log(median), math.Log(tail/median)/normal99
	return func(r *rand.Rand) time.Duration { return millis(math.Exp(mu + sigma*r.NormFloat64())) }
}

// exponential has no memory. The textbook's queues want it.
func exponential(mean time.Duration) draw {
	return func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * float64(mean)) }
}
