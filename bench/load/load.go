// Package load calls a webhook at a fixed rate, or as fast as it answers, and measures how long each answer takes.
//
// At a fixed rate the loop is open: a call leaves at its time whether or not earlier ones have been answered, and its
// latency counts from that time. A generator that waits for the answer first, or that counts from the moment at which it
// came to send, leaves out exactly the calls that a stalled program kept waiting ("coordinated omission"). Every latency
// is kept, so that quantiles are exact and a latency can be set against what the provider took for the same call.
//
// The generator shares its machine with what it measures. It therefore writes requests that were made beforehand to
// connections that it keeps, and does no more with an answer than to read it.
package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Requests makes the HTTP/1.1 request of call number n as it goes over the wire. It is called by many goroutines at once.
type Requests func(n int) []byte

// Target is a webhook that is called. It keeps its connections between runs; Close closes them.
type Target struct {
	// Address is host and port.
	Address  string
	Requests Requests
	// Patience is how long an answer is waited for. 0 is ten seconds.
	Patience time.Duration

	mu   sync.Mutex
	idle []*conn
	next int
}

// Result is what one run measured.
type Result struct {
	// First is the number of the first call; the others follow it.
	First int
	// Latencies are those of the calls in the order of their numbers. A call without an answer has -1.
	Latencies []time.Duration
	// Lags are how much later than intended each call was sent: what the generator itself adds. At a fixed rate only.
	Lags []time.Duration
	// Statuses counts the answers by status.
	Statuses map[int]int
	// Failed counts the calls without an answer, and Err is why the first of them failed.
	Failed int
	Err    error
	// Took is from the first call's time to the last answer.
	Took time.Duration
}

// PerSecond is how many calls were answered a second.
func (r *Result) PerSecond() float64 {
	return float64(len(r.Latencies)-r.Failed) / r.Took.Seconds()
}

// Good fails unless every call was answered with status.
func (r *Result) Good(status int) error {
	if r.Statuses[status] == len(r.Latencies) {
		return nil
	}
	err := fmt.Errorf("of %d calls %d were answered with %d: statuses %v, %d without an answer",
		len(r.Latencies), r.Statuses[status], status, r.Statuses, r.Failed)
	return errors.Join(err, r.Err)
}

// recorder gathers a run's results.
type recorder struct {
	mu     sync.Mutex
	result Result
}

func newRecorder(first, calls int) *recorder {
	return &recorder{result: Result{First: first, Latencies: make([]time.Duration, calls), Statuses: map[int]int{}}}
}

func (r *recorder) record(i int, latency time.Duration, status int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.result.Latencies[i] = -1
		r.result.Failed++
		if r.result.Err == nil {
			r.result.Err = err
		}
		return
	}
	r.result.Latencies[i] = latency
	r.result.Statuses[status]++
}

// AtRate sends calls at a fixed rate a second for as long as duration, however long the answers take.
func (t *Target) AtRate(ctx context.Context, rate int, duration time.Duration) *Result {
	calls := int(duration.Seconds() * float64(rate))
	every := time.Second / time.Duration(rate)
	r := newRecorder(t.take(calls), calls)
	r.result.Lags = make([]time.Duration, 0, calls)
	var calling sync.WaitGroup
	start := time.Now().Add(every)
	for i := range calls {
		intended := start.Add(time.Duration(i) * every)
		time.Sleep(time.Until(intended))
		r.result.Lags = append(r.result.Lags, time.Since(intended))
		calling.Go(func() {
			status, err := t.call(ctx, r.result.First+i)
			r.record(i, time.Since(intended), status, err)
		})
	}
	calling.Wait()
	r.result.Took = time.Since(start)
	return &r.result
}

// AsFastAsAnswered makes calls on so many connections at once, each sending its next as soon as it has its answer. It
// measures throughput; its latencies say how long a queue this many callers make, and nothing else.
func (t *Target) AsFastAsAnswered(ctx context.Context, connections, calls int) *Result {
	r := newRecorder(t.take(calls), calls)
	work := make(chan int, calls)
	for i := range calls {
		work <- i
	}
	close(work)
	var calling sync.WaitGroup
	start := time.Now()
	for range connections {
		calling.Go(func() {
			for i := range work {
				sent := time.Now()
				status, err := t.call(ctx, r.result.First+i)
				r.record(i, time.Since(sent), status, err)
			}
		})
	}
	calling.Wait()
	r.result.Took = time.Since(start)
	return &r.result
}

// take reserves the numbers of so many calls: no two calls of one target are the same event.
func (t *Target) take(calls int) (first int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first = t.next
	t.next += calls
	return first
}

// Calls is how many calls were made so far.
func (t *Target) Calls() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.next
}
