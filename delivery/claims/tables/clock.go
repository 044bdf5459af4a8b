package tables

import (
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// clock knows the service's time from below: it never runs ahead of what the service has told. It counts with the
// monotonic clock only, so that nobody who sets the wall clock can end a lease.
type clock struct {
	made time.Time // a reading of the local clock; only differences to it count

	mu sync.Mutex
	// What the service's time was, at least, when the clock was made: the best that was learnt in the last half minute, and
	// the best of the one before. Older knowledge is dropped, because clocks run at different rates.
	best, before time.Time
	turned       time.Duration // when best was begun, from made on
}

// turn is for how long the best is collected. In twice that time clocks that are wrong by 500 parts in a million, five
// times what a quartz is, drift apart by 30 ms.
const turn = 30 * time.Second

func newClock() *clock { return &clock{made: time.Now()} }

// learn takes a time of the service that has passed by now.
func (c *clock) learn(service time.Time) {
	if service.IsZero() {
		return
	}
	elapsed := time.Since(c.made)
	atStart := service.Add(-elapsed)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(elapsed)
	if c.best.IsZero() || atStart.After(c.best) {
		c.best = atStart
	}
}

// turn makes the best of this half minute that of the one before when its time is over.
func (c *clock) turn(elapsed time.Duration) {
	age := elapsed - c.turned
	if age < turn {
		return
	}
	c.before = c.best
	if age >= 2*turn {
		c.before = time.Time{}
	}
	c.best, c.turned = time.Time{}, elapsed
}

// now returns a time that the service's clock has reached; zero where the service has not been heard for a minute, and
// then nothing has run out.
func (c *clock) now() time.Time {
	elapsed := time.Since(c.made)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(elapsed)
	known := c.best
	if c.before.After(known) {
		known = c.before
	}
	if known.IsZero() {
		return time.Time{}
	}
	return known.Add(elapsed)
}

// Do makes the clock a policy of the SDK's pipeline: every answer, also an error, tells the time.
func (c *clock) Do(req *policy.Request) (*http.Response, error) {
	answer, err := req.Next()
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil { // none is no harm
		c.learn(date)
	}
	return answer, nil
}
