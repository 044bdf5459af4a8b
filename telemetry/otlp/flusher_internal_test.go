package otlp

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestManyCallsAreFewFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		var mu sync.Mutex
		var flushed []time.Duration
		flushes := func() []time.Duration { mu.Lock(); defer mu.Unlock(); return slices.Clone(flushed) }
		f := newFlusher()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f.run(ctx, func(ctx context.Context) {
				mu.Lock()
				defer mu.Unlock()
				flushed = append(flushed, time.Since(start))
				if deadline, _ := ctx.Deadline(); time.Until(deadline) != 800*time.Millisecond {
					t.Errorf("a flush has %v", time.Until(deadline))
				}
			})
		}()
		for range 1000 { // five seconds of 200 calls each
			f.ask()
			time.Sleep(5 * time.Millisecond)
		}
		synctest.Wait()
		at := flushes()
		if len(at) != 5 || at[0] != 10*time.Millisecond {
			t.Errorf("%d flushes, the first after %v", len(at), at[0])
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if at = flushes(); len(at) != 6 || at[5] > 6*time.Second {
			t.Errorf("the last call is flushed at %v", at[len(at)-1])
		}
		f.ask()
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if len(flushes()) != 7 {
			t.Error("a single call is not flushed at once")
		}
		cancel()
		<-ended
	})
}

// A flush that hangs holds nobody up but the next flush.
func TestAFlushThatHangsIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFlusher()
		var flushes atomic.Int64
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f.run(ctx, func(ctx context.Context) { flushes.Add(1); <-ctx.Done() })
		}()
		start := time.Now()
		f.ask()
		time.Sleep(100 * time.Millisecond)
		f.ask()
		f.ask()
		if took := time.Since(start); took != 100*time.Millisecond {
			t.Errorf("asking took %v", took)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if flushes.Load() != 2 {
			t.Errorf("%d flushes", flushes.Load())
		}
		f.ask()
		time.Sleep(time.Second)
		cancel()
		<-ended
	})
}
