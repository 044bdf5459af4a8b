package delivery

import "sync"

// Counts is what became of the deliveries of this process since its start.
type Counts struct {
	// Accepted and Failed are the deliveries by their end; a retry that joined one is not another.
	Accepted uint64 `json:"accepted"`
	Failed   uint64 `json:"failed"`
	// Failovers are mails that another provider took than the one that was asked first.
	Failovers uint64 `json:"failovers"`
	// Ambiguous are attempts of which nobody knows whether the mail went out.
	Ambiguous uint64 `json:"ambiguous"`
	// Joined, Repeated, TakenOver and FailedOpen are the ways in which calls came by their claims; see How.
	Joined     uint64 `json:"joined"`
	Repeated   uint64 `json:"repeated"`
	TakenOver  uint64 `json:"takenOver"`
	FailedOpen uint64 `json:"failedOpen"`
	// Shed are calls that were refused because too much was in flight.
	Shed uint64 `json:"shed"`
	// Refused are calls whose recipient the owner's policy refuses.
	Refused uint64 `json:"refused"`
}

// counter keeps the counts.
type counter struct {
	mu     sync.Mutex
	counts Counts
}

func (c *counter) snapshot() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// call counts what a call met before, or in place of, a delivery of its own.
func (c *counter) call(o Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case o.overloaded:
		c.counts.Shed++
	case o.denied:
		c.counts.Refused++
	case o.Claim == ClaimJoined:
		c.counts.Joined++
	}
}

// delivery counts the end of a delivery.
func (c *counter) delivery(o Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch o.Claim {
	case ClaimRepeated:
		c.counts.Repeated++
		return // the mail was counted when it went out
	case ClaimTakenOver:
		c.counts.TakenOver++
	case ClaimFailedOpen:
		c.counts.FailedOpen++
	case ClaimNew, ClaimJoined:
	}
	c.counts.Ambiguous += uint64(o.Ambiguous()) //nolint:gosec // a count of attempts
	switch {
	case o.limited:
		c.counts.Refused++
	case o.Result() != Accepted:
		c.counts.Failed++
	default:
		c.counts.Accepted++
		if o.FailedOver() {
			c.counts.Failovers++
		}
	}
}
