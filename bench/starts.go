package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"time"

	"byoe/bench/load"
)

// measureStart starts byoe anew again and again, and calls it as soon as it listens: that call waits for the keys and for
// the first connection to the provider.
func (b *bench) measureStart() error {
	if err := b.providers.SetDelay(0); err != nil {
		return err
	}
	if err := b.measureProcess(); err != nil {
		return err
	}
	t := table{Head: []string{"provider", "starts", "listens p50", "most", "first 200 p50", "most"}}
	for _, w := range ways() {
		if w.delay > 0 {
			continue
		}
		var listens, answers []time.Duration
		for range choose(b, 20, 5) {
			listened, answered, err := b.startOnce(w)
			if err != nil {
				return err
			}
			listens, answers = append(listens, listened), append(answers, answered)
		}
		l, a := load.QuantilesOf(listens), load.QuantilesOf(answers)
		t.row(w.name, fmt.Sprint(len(listens)), ms(l.P50), ms(l.Max), ms(a.P50), ms(a.Max))
		b.reach(goal{What: "start to the first 200, with " + w.name + ", p50", Got: milliseconds(a.P50), Reach: 100, Unit: "ms"})
	}
	return b.show(t)
}

// startOnce returns how long after its execution byoe listened, and how long after it the first mail was answered.
func (b *bench) startOnce(w way) (listened, answered time.Duration, err error) {
	p, err := b.start(w.settings(b)...)
	if err != nil {
		return 0, 0, err
	}
	listened = time.Since(p.Began())
	err = p.AsFastAsAnswered(b.ctx, 1, 1).Good(http.StatusOK)
	answered = time.Since(p.Began())
	if err != nil {
		return 0, 0, err
	}
	return listened, answered, p.end()
}

// measureProcess runs byoe to its own first word and its end: what a start costs before anything that the settings want.
func (b *bench) measureProcess() error {
	var takes []time.Duration
	for range choose(b, 20, 5) {
		began := time.Now()
		if err := exec.CommandContext(b.ctx, b.options.byoe, "--help").Run(); err != nil {
			return err
		}
		takes = append(takes, time.Since(began))
	}
	q := load.QuantilesOf(takes)
	t := table{Head: []string{"what", "times", "p50", "most"}}
	t.row("byoe --help, start to end", fmt.Sprint(len(takes)), ms(q.P50), ms(q.Max))
	b.reach(goal{What: "process start (byoe --help, start to end), p50", Got: milliseconds(q.P50), Reach: 20, Unit: "ms"})
	return b.show(t)
}
