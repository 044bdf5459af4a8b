package load

import (
	"slices"
	"time"
)

// Quantiles are exact: those of the samples themselves, by nearest rank, with no bucket between.
type Quantiles struct {
	P50, P99, P999, Max time.Duration
}

// QuantilesOf returns the quantiles of samples, which it leaves as they are. Negative ones, which stand for calls without an
// answer, count as endless: a program gets no better by not answering.
func QuantilesOf(samples []time.Duration) Quantiles {
	sorted := slices.Clone(samples)
	for i, s := range sorted {
		if s < 0 {
			sorted[i] = Endless
		}
	}
	slices.Sort(sorted)
	return Quantiles{P50: rank(sorted, 500), P99: rank(sorted, 990), P999: rank(sorted, 999), Max: rank(sorted, 1000)}
}

// Endless stands for an answer that never came.
const Endless = time.Duration(1<<63 - 1)

// rank returns the smallest sample that at least so many thousandths of all do not exceed.
func rank(sorted []time.Duration, thousandths int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := (len(sorted)*thousandths + 999) / 1000
	return sorted[max(at, 1)-1]
}
