package devtenant

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

// Where a call came from.
const (
	originProgram = "program"
	originSignIn  = "sign-in"
	originReplay  = "replay"
)

// keptCalls is how many calls are remembered; the oldest makes room.
const keptCalls = 200

// Call is one exchange with a webhook, kept for the pages.
type Call struct {
	// ID is a decimal number that grows by one with each call.
	ID string
	At time.Time
	// Origin is "sign-in" for a person on the pages, "replay" for a call that was repeated there, "program" for the rest.
	Origin string
	// Caller is who called.
	Caller Caller
	// Webhook is the address that was called.
	Webhook string
	// SignIn is who signed in to what, with every default filled in.
	SignIn SignIn

	Exchange
}

// calls remembers the last exchanges.
type calls struct {
	mu   sync.Mutex
	last int
	kept []Call // oldest first
}

// add gives a call its id and keeps it.
func (c *calls) add(call Call) Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	call.ID = strconv.Itoa(c.last)
	c.kept = append(c.kept, call)
	if len(c.kept) > keptCalls {
		c.kept = slices.Clone(c.kept[len(c.kept)-keptCalls:])
	}
	return call
}

// all returns what is kept, newest first.
func (c *calls) all() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	newest := slices.Clone(c.kept)
	slices.Reverse(newest)
	return newest
}

// find returns the call with that id, or false where it never was or had to make room.
func (c *calls) find(id string) (Call, bool) {
	for _, call := range c.all() {
		if call.ID == id {
			return call, true
		}
	}
	return Call{}, false
}
