package main

import "time"

// signIn is one person who waits for a code.
type signIn struct {
	began   time.Duration
	counted bool
	calls   int
	decided bool
	flight  *flight
}

// call is one of Entra's calls for a person.
type call struct {
	person   *signIn
	number   int
	sent     time.Duration
	served   time.Duration
	on       *instance
	waits    bool
	timedOut bool // Entra gave it up
	over     bool // nobody waits for it, and no slot is its
}

// flight is one delivery.
type flight struct {
	on       *instance
	ended    bool
	accepted bool
	waiters  []*call
	// lookers wait on other instances, which look at the claim.
	lookers []*call
}

// timeOut is Entra's patience at its end. byoe does not know of it and works on.
func (s *simulation) timeOut(c *call) {
	if c.over || c.person.decided {
		return
	}
	c.timedOut = true
	if c.waits {
		c.over, c.waits = true, false
		s.count(-1)
	}
	if c.number <= s.in.Entra.Retries {
		s.send(c.person)
		return
	}
	s.decide(c.person, false, 0)
}

// decide is what the person sees.
func (s *simulation) decide(person *signIn, answered bool, by int) {
	if person.decided {
		return
	}
	person.decided = true
	if !person.counted {
		return
	}
	switch {
	case !answered:
		s.result.Failed++
	case by == 1:
		s.result.ByFirst++
		s.result.times = append(s.result.times, s.now-person.began)
	default:
		s.result.ByRetry++
		s.result.times = append(s.result.times, s.now-person.began)
	}
}

// handle is what byoe does with a call: join the delivery that there is, or begin one.
func (s *simulation) handle(c *call) {
	f := c.person.flight
	switch {
	case f == nil || f.ended && !f.accepted:
		s.begin(c)
		return
	case f.ended && f.on == c.on:
		s.answer(c, true) // out of the instance's own memory
		return
	case f.ended:
		s.result.StoreRequests += s.in.Measured.Store.Repeated
		s.after(s.store(s.dice), func() { s.answer(c, true) })
		return
	case f.on == c.on:
		f.waiters = append(f.waiters, c)
	default:
		f.lookers = append(f.lookers, c)
		s.look(c, f)
	}
	s.hold(c)
}

// look asks the store again and again for what another instance does.
func (s *simulation) look(c *call, f *flight) {
	if c.over {
		return
	}
	took := s.store(s.dice)
	if f.ended {
		s.result.StoreRequests += s.in.Measured.Store.Repeated
		s.after(took, func() { s.answer(c, f.accepted) })
		return
	}
	s.result.StoreRequests += s.in.Measured.Store.Held
	s.after(took+millis(s.in.Delivery.Look), func() { s.look(c, f) })
}

// hold answers a call whose outcome is still open when nobody would wait for it any longer.
func (s *simulation) hold(c *call) {
	s.after(millis(s.in.Delivery.Hold)-(s.now-c.served), func() { s.answer(c, false) })
}

// answer ends a call.
func (s *simulation) answer(c *call, accepted bool) {
	if c.over {
		return
	}
	c.over = true
	s.count(-1)
	s.leave(c.on)
	if !c.timedOut {
		s.decide(c.person, accepted, c.number)
	}
}

// begin makes a delivery: claim, attempts, and the claim once more.
func (s *simulation) begin(c *call) {
	if c.on.flights >= s.in.Delivery.Flights {
		s.result.Shed++
		s.answer(c, false)
		return
	}
	f := &flight{on: c.on, waiters: []*call{c}}
	c.person.flight = f
	c.on.flights++
	claimed := s.store(s.dice)
	took, accepted := s.attempts(s.now - c.served + claimed)
	s.result.StoreRequests += s.in.Measured.Store.New + int(took/millis(s.in.Delivery.Renew))*s.in.Measured.Store.Renewal
	s.after(claimed+took+s.store(s.dice), func() {
		f.ended, f.accepted = true, accepted
		f.on.flights--
		for _, waiter := range f.waiters {
			s.answer(waiter, accepted)
		}
	})
	s.hold(c)
}

// attempts asks one provider after the other, each within its share of the budget, the last for as long as a delivery may
// last. spent is how much of the time is over when the first is asked.
func (s *simulation) attempts(spent time.Duration) (took time.Duration, accepted bool) {
	budget, most := millis(s.in.Delivery.Budget), millis(s.in.Delivery.Most)
	for n, p := range s.providers {
		left := budget - spent - took
		if left <= 0 {
			return took, false
		}
		others := len(s.providers) - n - 1
		limit := left / time.Duration(others+1)
		if others == 0 {
			limit = most - spent - took
		}
		answer := p.answer(s.dice)
		if n > 0 {
			s.result.Failovers++
		}
		switch fate := s.dice.Float64(); {
		case fate < p.hangs:
			took += limit
		case fate < p.hangs+p.fails:
			took += min(answer, limit)
		case answer > limit:
			took += limit
			s.result.Mails++ // it is out all the same, and nobody knows
		default:
			s.result.Mails++
			return took + answer, true
		}
	}
	return took, false
}
