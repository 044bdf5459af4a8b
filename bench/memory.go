package main

import (
	"fmt"
	"time"
)

// measureMemory sends many mails as fast as byoe takes them, while it forgets none, and looks at what it then has.
func (b *bench) measureMemory() error {
	if err := b.providers.SetDelay(0); err != nil {
		return err
	}
	p, err := b.start(append(b.sendGrid(), "DEDUPE_TTL=2m")...)
	if err != nil {
		return err
	}
	const connections = 32
	events := choose(b, 100_000, 10_000)
	full, err := p.saturated(connections, events)
	if err != nil {
		return err
	}
	calm, err := p.atRate(goalRate, choose(b, 5*time.Second, time.Second))
	if err != nil {
		return err
	}
	t := table{Head: []string{"events remembered", "calls/s", "CPU/call", "RSS", "most ever"}}
	for _, at := range []trial{full, calm} {
		t.row(fmt.Sprint(events), number(at.PerSecond()), us(at.perCall()), mb(at.RSS), mb(at.PeakRSS))
	}
	b.reach(goal{What: fmt.Sprintf("memory with %d events remembered, at %d/s", events, goalRate), Got: megabytes(calm.RSS), Reach: 70, Unit: "MB"})
	b.reach(goal{What: fmt.Sprintf("memory with %d events remembered, right behind full load", events), Got: megabytes(full.RSS), Reach: 70, Unit: "MB"})
	if err := p.end(); err != nil {
		return err
	}
	return b.show(t)
}
