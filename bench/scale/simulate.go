package main

import (
	"math/rand/v2"
	"time"
)

// plan is one run: a load, the machines, and for how long.
type plan struct {
	in       *Inputs
	scenario Scenario
	// Sign-ins are counted from counted until then; the run goes on until each of them is decided.
	counted, until time.Duration
	seed           uint64
	// store and providers draw their times; made of the inputs by newPlan.
	store     draw
	providers []provider
	// fixed keeps the platform from adding instances.
	fixed bool
}

// provider is a way out with its dice.
type provider struct {
	answer       draw
	fails, hangs float64
}

func newPlan(in *Inputs, s Scenario, counted, until time.Duration) plan {
	p := plan{in: in, scenario: s, counted: counted, until: until, seed: 1, store: logNormal(in.Platform.StoreMedian, in.Platform.StoreTail)}
	for _, one := range in.Providers {
		p.providers = append(p.providers, provider{logNormal(one.Median, one.Tail), one.Fails, one.Hangs})
	}
	return p
}

// simulation is a run in progress.
type simulation struct {
	clock

	plan
	dice      *rand.Rand
	instances []*instance
	waiting   []*call
	starting  int
	startedAt time.Duration
	inSystem  int // calls that wait or are served
	changedAt time.Duration
	result    Result
}

// undecidedMost is longer than a person may be undecided: Entra's two calls, and what they were sent late.
const undecidedMost = 10 * time.Second

// simulate makes the run. The same plan gives the same result.
func simulate(p plan) *Result {
	s := &simulation{plan: p, dice: rand.New(rand.NewPCG(p.seed, 2)), startedAt: -time.Hour}
	for range p.scenario.AlwaysReady {
		s.instances = append(s.instances, s.newInstance(true))
	}
	s.after(s.gap(), s.arrive)
	s.run(p.until)
	s.finish()
	work := s.result.Work
	s.run(p.until + undecidedMost)
	s.result.Work = work
	return &s.result
}

func (s *simulation) newInstance(alwaysReady bool) *instance {
	return &instance{alwaysReady: alwaysReady, work: worktime{minimum: millis(s.in.Prices.MinimumMillis), step: millis(s.in.Prices.StepMillis)}}
}

// gap is the time to the next sign-in: people come independently of each other (a Poisson process).
func (s *simulation) gap() time.Duration {
	return exponential(time.Duration(float64(time.Second) / s.scenario.Rate))(s.dice)
}

func (s *simulation) arrive() {
	s.after(s.gap(), s.arrive)
	person := &signIn{began: s.now, counted: s.now >= s.counted && s.now < s.until}
	if person.counted {
		s.result.SignIns++
	}
	s.send(person)
}

// send is one of Entra's calls.
func (s *simulation) send(person *signIn) {
	person.calls++
	c := &call{person: person, number: person.calls, sent: s.now}
	s.count(1)
	s.after(millis(s.in.Entra.Timeout), func() { s.timeOut(c) })
	s.place(c)
}

// place gives a call to an instance that has a free slot, always-ready ones first, and has it wait where there is none.
func (s *simulation) place(c *call) {
	free := s.free()
	if free == nil {
		c.waits = true
		s.waiting = append(s.waiting, c)
		s.scaleOut()
		return
	}
	s.serve(c, free)
	if s.free() == nil {
		s.scaleOut()
	}
}

// free is an instance with a free slot, by chance one of those that are alike; nil where there is none.
func (s *simulation) free() *instance {
	var found *instance
	alike := 0
	for _, i := range s.instances {
		if i.inFlight >= s.scenario.Concurrency || found != nil && found.alwaysReady && !i.alwaysReady {
			continue
		}
		if found != nil && i.alwaysReady && !found.alwaysReady {
			alike = 0
		}
		alike++
		if s.dice.IntN(alike) == 0 {
			found = i
		}
	}
	return found
}

// scaleOut begins one more instance, as often as the platform does.
func (s *simulation) scaleOut() {
	if s.fixed || len(s.instances)+s.starting >= s.in.Platform.Instances || s.now < s.startedAt+millis(s.in.Platform.StartEvery) {
		return
	}
	s.startedAt = s.now
	s.starting++
	s.after(millis(s.in.Platform.Start+s.in.Measured.Start), func() {
		s.starting--
		i := s.newInstance(false)
		s.instances = append(s.instances, i)
		s.result.PeakInstances = max(s.result.PeakInstances, len(s.instances))
		s.takeWaiting(i)
		s.rest(i)
	})
}

// takeWaiting fills an instance's free slots with those who wait.
func (s *simulation) takeWaiting(i *instance) {
	for len(s.waiting) > 0 && i.inFlight < s.scenario.Concurrency {
		c := s.waiting[0]
		s.waiting = s.waiting[1:]
		if !c.over {
			s.serve(c, i)
		}
	}
	if len(s.waiting) > 0 {
		s.scaleOut()
	}
}

// serve begins a call on an instance: the processor first, then what byoe makes of it.
func (s *simulation) serve(c *call, i *instance) {
	c.waits = false
	if c.number == 1 && c.person.counted {
		s.result.waited(s.now - c.sent)
	}
	if i.inFlight++; i.inFlight == 1 {
		i.work.begin(s.now)
	}
	s.result.Executions++
	c.on, c.served = i, s.now
	cost := time.Duration(float64(millis(s.in.Measured.HostCPU+s.in.Measured.CPU)) / s.scenario.Cores)
	i.processor = max(i.processor, s.now) + cost
	s.after(i.processor-s.now, func() { s.handle(c) })
}

// leave frees a call's slot.
func (s *simulation) leave(i *instance) {
	if i.inFlight--; i.inFlight == 0 {
		i.work.end(s.now)
		s.rest(i)
	}
	s.takeWaiting(i)
}

// rest takes an instance away that has had nothing to do for long.
func (s *simulation) rest(i *instance) {
	if i.alwaysReady || i.inFlight > 0 {
		return
	}
	since := s.now
	i.idleSince = since
	s.after(millis(s.in.Platform.Idle), func() {
		if i.inFlight == 0 && i.idleSince == since {
			s.remove(i)
		}
	})
}

func (s *simulation) remove(gone *instance) {
	for n, i := range s.instances {
		if i == gone {
			s.result.OnDemandBilled += i.work.billed
			s.instances = append(s.instances[:n], s.instances[n+1:]...)
			return
		}
	}
}

// count keeps the time-weighted number of calls in the system.
func (s *simulation) count(change int) {
	if s.now >= s.counted {
		s.result.callSeconds += float64(s.inSystem) * (s.now - max(s.changedAt, s.counted)).Seconds()
	}
	s.changedAt = s.now
	s.inSystem += change
}

// finish sums up what is counted by time, and not by person.
func (s *simulation) finish() {
	s.count(0)
	for _, i := range s.instances {
		if i.inFlight > 0 {
			i.work.end(s.now)
		}
		if i.alwaysReady {
			s.result.AlwaysReadyBilled += i.work.billed
		} else {
			s.result.OnDemandBilled += i.work.billed
		}
	}
	s.result.PeakInstances = max(s.result.PeakInstances, s.scenario.AlwaysReady)
	s.result.Seconds = s.until.Seconds()
}
