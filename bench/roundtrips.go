package main

import (
	"fmt"
	"net/http"
	"time"

	"byoe/bench/distance"
)

// measureRoundTrips counts what byoe waits for at a mail server that is 50 ms away, one mail after the other.
// bench/smtp counts the same with TLS and a login, and nodemailer beside it.
func (b *bench) measureRoundTrips() (err error) {
	const roundTrip = 50 * time.Millisecond
	if err := b.providers.SetDelay(0); err != nil {
		return err
	}
	far, err := distance.Start(b.ctx, b.providers.SMTP, roundTrip)
	if err != nil {
		return err
	}
	defer func() { _ = far.Close() }() // the run ends with it
	p, err := b.start(b.smtp(far.Address())...)
	if err != nil {
		return err
	}
	if err := p.AsFastAsAnswered(b.ctx, 1, 1).Good(http.StatusOK); err != nil {
		return err
	}
	trips, connections := far.Counts()
	trial, err := p.saturated(1, choose(b, 100, 20))
	if err != nil {
		return err
	}
	tripsThen, connectionsThen := far.Counts()
	perMail := float64(tripsThen-trips) / float64(len(trial.Latencies))
	opened := connectionsThen - connections
	t := table{Head: []string{"mails", "round trips/mail", "new connections", "ms/mail"}}
	t.row(fmt.Sprint(len(trial.Latencies)), number(perMail), fmt.Sprint(opened), number(milliseconds(trial.Took)/float64(len(trial.Latencies))))
	b.reach(goal{What: "round trips of a warm SMTP mail, with PIPELINING", Got: perMail, Reach: 2, Unit: ""})
	b.reach(goal{What: "new connections of warm SMTP mails", Got: float64(opened), Reach: 0, Unit: ""})
	if err := p.end(); err != nil {
		return err
	}
	return b.show(t)
}
