package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"byoe/bench/load"
	"byoe/bench/process"
)

// measureLimit calls byoe and the bare program by turns, at one rate, against one provider that answers at once.
func (b *bench) measureLimit() error {
	if err := b.providers.SetDelay(0); err != nil {
		return err
	}
	t := table{Head: []string{"calls/s", "bare CPU/call", "byoe CPU/call", "ratio", "ratios of the turns", "bare adds p50", "byoe adds p50", "bare RSS", "byoe RSS"}}
	for _, rate := range []int{goalRate, highRate} {
		turns, err := b.turns(rate)
		if err != nil {
			return err
		}
		bare, byoe := turns.middle(func(t turn) time.Duration { return t.bare.perCall() }), turns.middle(func(t turn) time.Duration { return t.byoe.perCall() })
		ratio := float64(byoe) / float64(bare)
		last := turns[len(turns)-1]
		t.row(fmt.Sprint(rate), us(bare), us(byoe), fmt.Sprintf("%.2f", ratio), turns.ratios(), ms(last.bareAdds), ms(last.byoeAdds), mb(last.bare.RSS), mb(last.byoe.RSS))
		b.reach(goal{What: fmt.Sprintf("CPU a call at %d/s, against the bare program", rate), Got: ratio, Reach: 2.5, Unit: "x"})
	}
	return b.show(t)
}

// turn is one trial of each, one right behind the other: what changes on the machine meanwhile meets both.
type turn struct {
	bare, byoe trial
	// bareAdds and byoeAdds are what the middle call took beyond the provider's own answer.
	bareAdds, byoeAdds time.Duration
}

type turns []turn

// turns runs both by turns.
func (b *bench) turns(rate int) (turns, error) {
	bare, err := b.bare()
	if err != nil {
		return nil, err
	}
	byoe, err := b.start(b.sendGrid()...)
	if err != nil {
		return nil, err
	}
	var all turns
	for _, p := range []*program{bare, byoe} {
		if err := p.warm(); err != nil {
			return nil, err
		}
	}
	for range choose(b, 5, 2) {
		var now turn
		if now.bare, now.bareAdds, err = bare.turn(rate); err != nil {
			return nil, err
		}
		if now.byoe, now.byoeAdds, err = byoe.turn(rate); err != nil {
			return nil, err
		}
		all = append(all, now)
	}
	if err := bare.end(); err != nil {
		return nil, err
	}
	return all, byoe.end()
}

// turn is one trial, and what its middle call took beyond the provider's own answer.
func (p *program) turn(rate int) (t trial, adds time.Duration, err error) {
	if t, err = p.atRate(rate, choose(p.bench, 3*time.Second, time.Second)); err != nil {
		return t, 0, err
	}
	report, err := p.bench.providers.Report()
	return t, load.QuantilesOf(t.added(report.Mails)).P50, err
}

// middle is the median of what of each turn.
func (t turns) middle(of func(turn) time.Duration) time.Duration {
	var all []time.Duration
	for _, one := range t {
		all = append(all, of(one))
	}
	return median(all)
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)/2]
}

func (t turns) ratios() string {
	ratios := make([]string, len(t))
	for i, one := range t {
		ratios[i] = fmt.Sprintf("%.2f", float64(one.byoe.perCall())/float64(one.bare.perCall()))
	}
	return strings.Join(ratios, " ")
}

// bare starts the program of bench/limit.
func (b *bench) bare() (*program, error) {
	key, err := b.tenant.PublicKey()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.scratch, "key.pem")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		return nil, err
	}
	p, err := process.Start(b.ctx, nil, b.stderr, b.limit(), file, b.providers.SendGrid+"/v3/mail/send")
	if err != nil {
		return nil, err
	}
	return b.listening(p, listeningLine)
}
