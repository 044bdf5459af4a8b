package main

import (
	"fmt"
	"time"

	"byoe/bench/load"
)

// The rates, calls a second, and the one that the numbers to reach speak of.
const (
	lowRate  = 50
	goalRate = 200
	highRate = 500
)

// way is a provider and how long it takes for a mail.
type way struct {
	name  string
	delay time.Duration
	// settings are byoe's for this provider.
	settings func(*bench) []string
}

func ways() []way {
	sendGrid := (*bench).sendGrid
	smtp := func(b *bench) []string { return b.smtp(b.providers.SMTP) }
	return []way{
		{"SendGrid", 0, sendGrid},
		{"SendGrid", 20 * time.Millisecond, sendGrid},
		{"SMTP", 0, smtp},
		{"SMTP", 20 * time.Millisecond, smtp},
	}
}

// measureLoad calls byoe at fixed rates and takes off what the provider took for each mail.
func (b *bench) measureLoad() error {
	t := table{Head: []string{"provider", "takes", "calls/s", "added p50", "p99", "p99.9", "most", "whole p99", "sender late p99", "CPU/call", "RSS", "new connections"}}
	for _, w := range ways() {
		if err := b.measureWay(w, &t); err != nil {
			return err
		}
	}
	return b.show(t)
}

func (b *bench) measureWay(w way, t *table) error {
	if err := b.providers.SetDelay(w.delay); err != nil {
		return err
	}
	p, err := b.start(w.settings(b)...)
	if err != nil {
		return err
	}
	if err := p.warm(); err != nil {
		return err
	}
	for _, rate := range []int{lowRate, goalRate, highRate} {
		trial, err := p.atRate(rate, choose(b, 6*time.Second, time.Second))
		if err != nil {
			return err
		}
		report, err := b.providers.Report()
		if err != nil {
			return err
		}
		added, whole, lag := load.QuantilesOf(trial.added(report.Mails)), load.QuantilesOf(trial.Latencies), load.QuantilesOf(trial.Lags)
		t.row(w.name, w.delay.String(), fmt.Sprint(rate), ms(added.P50), ms(added.P99), ms(added.P999), ms(added.Max),
			ms(whole.P99), ms(lag.P99), us(trial.perCall()), mb(trial.RSS), fmt.Sprint(report.Connections))
		if rate == goalRate {
			name := fmt.Sprintf("added to %s's answer of %v at %d/s", w.name, w.delay, rate)
			b.reach(goal{What: name + ", p50", Got: milliseconds(added.P50), Reach: 1, Unit: "ms"})
			b.reach(goal{What: name + ", p99", Got: milliseconds(added.P99), Reach: 5, Unit: "ms"})
			b.reach(goal{What: fmt.Sprintf("memory at %d/s, %s that takes %v", rate, w.name, w.delay), Got: megabytes(trial.RSS), Reach: 40, Unit: "MB"})
		}
	}
	return p.end()
}
