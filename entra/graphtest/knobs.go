package graphtest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Mode is how a request fails.
type Mode int

// The modes.
const (
	// LostBefore cuts the connection before the request had an effect.
	LostBefore Mode = iota + 1
	// LostAfter lets it have its effect and cuts the connection before the answer.
	LostAfter
	// Broken answers 500 before the request had an effect.
	Broken
	// BrokenAfter lets it have its effect and answers 500.
	BrokenAfter
	// Unavailable answers 503 without a Retry-After, before the request had an effect.
	Unavailable
)

func (m Mode) hasEffect() bool { return m == LostAfter || m == BrokenAfter }

// knobs is how the stand-in misbehaves.
type knobs struct {
	failAt   int // the request that fails, counted down; 0 is none
	mode     Mode
	forGood  bool
	throttle int
	after    time.Duration
	lag      int
	pageSize int
	denials  []denial
}

// denial is what somebody may not do.
type denial struct {
	method, prefix string
	answer         *answer
}

// FailAt makes the n-th request from now fail, 1 being the next.
func (g *Graph) FailAt(n int, mode Mode) { g.fail(n, mode, false) }

// StopAt makes the n-th request from now fail and every later one with it, lost before it has an effect, as for a program
// that was ended there. [Graph.Heal] ends that.
func (g *Graph) StopAt(n int, mode Mode) { g.fail(n, mode, true) }

func (g *Graph) fail(n int, mode Mode, forGood bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.knobs.failAt, g.knobs.mode, g.knobs.forGood = n, mode, forGood
}

// Heal undoes FailAt, StopAt, Throttle and Deny.
func (g *Graph) Heal() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.knobs = knobs{lag: g.knobs.lag, pageSize: g.knobs.pageSize}
}

// Throttle refuses the next n requests with 429 and a Retry-After, which is in whole seconds.
func (g *Graph) Throttle(n int, retryAfter time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.knobs.throttle, g.knobs.after = n, retryAfter
}

// Lag keeps everything that is made from now on from being seen: each thing is missing from the next n answers in which it
// would stand or count. That it is there still keeps a second one from being made.
func (g *Graph) Lag(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.knobs.lag = n
}

// PageSize makes pages of n things, however many a request asks for.
func (g *Graph) PageSize(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.knobs.pageSize = n
}

// Deny refuses requests of that method ("" for all) whose path begins so, without a version: with 403, as for want of a
// permission, or with another status and code.
func (g *Graph) Deny(method, prefix string, status int, code, message string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.knobs.denials = append(g.knobs.denials, denial{method, prefix, refuse(status, code, message)})
}

// denied returns what the request is refused with before Graph looks at it, or nil. It needs the lock.
func (g *Graph) denied(r *http.Request, path string) *answer {
	if g.knobs.throttle > 0 {
		g.knobs.throttle--
		throttled := refuse(http.StatusTooManyRequests, "TooManyRequests", "Too many requests")
		throttled.header.Set("Retry-After", strconv.Itoa(int(g.knobs.after/time.Second)))
		return throttled
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); !ok || token == "" {
		return refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty.")
	}
	for _, d := range g.knobs.denials {
		if (d.method == "" || d.method == r.Method) && strings.HasPrefix(path, d.prefix) {
			return refuse(d.answer.status, d.answer.code, d.answer.message)
		}
	}
	return nil
}

// failure counts a request and says how it fails; 0 is not at all. It needs the lock.
func (g *Graph) failure() Mode {
	switch k := &g.knobs; {
	case k.failAt == 0:
		return 0
	case k.failAt == 1 && k.forGood:
		mode := k.mode
		k.mode = LostBefore // of every later one
		return mode
	default:
		k.failAt--
		if k.failAt == 0 {
			return k.mode
		}
		return 0
	}
}
