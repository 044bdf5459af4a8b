package main

import "fmt"

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
	trial, err := p.saturated(connections, events)
	if err != nil {
		return err
	}
	t := table{Head: []string{"events remembered", "calls/s", "CPU/call", "RSS", "most ever"}}
	t.row(fmt.Sprint(events), number(trial.PerSecond()), us(trial.perCall()), mb(trial.RSS), mb(trial.PeakRSS))
	b.reach(goal{What: fmt.Sprintf("memory with %d events remembered, at full load", events), Got: megabytes(trial.RSS), Reach: 70, Unit: "MB"})
	if err := p.end(); err != nil {
		return err
	}
	return b.show(t)
}
