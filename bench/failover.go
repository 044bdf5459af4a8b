package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"byoe/bench/load"
)

// measureFailover measures what a dead provider costs the person, and when byoe gives up.
func (b *bench) measureFailover() error {
	if err := b.providers.SetDelay(20 * time.Millisecond); err != nil {
		return err
	}
	silent, err := listenInSilence(b.ctx)
	if err != nil {
		return err
	}
	defer silent.close()
	t := table{Head: []string{"what", "calls", "p50", "most", "status"}}
	if err := b.measureDeadFirst(&t, silent.address()); err != nil {
		return err
	}
	if err := b.measureAllHung(&t, silent.address()); err != nil {
		return err
	}
	if err := b.measureCrowd(&t); err != nil {
		return err
	}
	return b.show(t)
}

// measureDeadFirst has the first provider refuse connections, or take them and say nothing. Only the first calls of a
// process meet it: after three failures byoe asks the second one at once.
func (b *bench) measureDeadFirst(t *table, silent string) error {
	both := "MAIL_PROVIDERS=smtp,sendgrid"
	bothTurned := "MAIL_PROVIDERS=sendgrid,smtp"
	for _, c := range []struct {
		name     string
		settings []string
		reach    float64
	}{
		{"SMTP refuses, SendGrid takes", append(append(b.smtp(nobody), b.sendGrid()...), both), 50},
		{"SMTP hangs, SendGrid takes", append(append(b.smtp(silent), b.sendGrid()...), both), 900},
		{"SendGrid refuses, SMTP takes", append(append(b.sendGrid(), b.smtp(b.providers.SMTP)...), "SENDGRID_BASE_URL=http://"+nobody, bothTurned), 50},
		{"SendGrid hangs, SMTP takes", append(append(b.sendGrid(), b.smtp(b.providers.SMTP)...), "SENDGRID_BASE_URL=http://"+silent, bothTurned), 900},
	} {
		var added []time.Duration
		for range choose(b, 4, 1) {
			some, err := b.firstCalls(c.settings)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			added = append(added, some...)
		}
		q := load.QuantilesOf(added)
		t.row(c.name+", added to its 20 ms", fmt.Sprint(len(added)), ms(q.P50), ms(q.Max), "200")
		b.reach(goal{What: c.name + ", added to its own time, most", Got: milliseconds(q.Max), Reach: c.reach, Unit: "ms"})
	}
	return nil
}

// nobody is a port of the loopback on which nobody listens (RFC 6335: reserved).
const nobody = "127.0.0.1:1"

// untilItRests is how many calls meet a provider that fails, before byoe lets it rest.
const untilItRests = 3

// firstCalls makes the first calls of a new process, at once, and returns what each took beyond what the second provider
// took for it.
func (b *bench) firstCalls(settings []string) ([]time.Duration, error) {
	p, err := b.start(settings...)
	if err != nil {
		return nil, err
	}
	if _, err := b.providers.Report(); err != nil {
		return nil, err
	}
	trial, err := p.saturated(untilItRests, untilItRests)
	if err != nil {
		return nil, err
	}
	report, err := b.providers.Report()
	if err != nil {
		return nil, err
	}
	return trial.added(report.Mails), p.end()
}

// measureAllHung has the only provider hang, and measures when byoe says so.
func (b *bench) measureAllHung(t *table, silent string) error {
	for _, c := range []struct {
		name, hold string
		reach      float64
	}{
		{"every provider hangs, DELIVERY_HOLD=2500ms", "2500ms", 2500},
		{"every provider hangs, DELIVERY_HOLD=0, budget 1600 ms", "0", 1600},
	} {
		p, err := b.start(append(b.smtp(silent), "DELIVERY_HOLD="+c.hold)...)
		if err != nil {
			return err
		}
		const calls = 8
		result := p.AsFastAsAnswered(b.ctx, calls, calls)
		if err := result.Good(http.StatusGatewayTimeout); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		q := load.QuantilesOf(result.Latencies)
		t.row(c.name, fmt.Sprint(calls), ms(q.P50), ms(q.Max), "504")
		b.reach(goal{What: c.name + ": answered, most", Got: milliseconds(q.Max), Reach: c.reach + late, Unit: "ms"})
		if err := p.end(); err != nil {
			return err
		}
	}
	return nil
}

// late is what a timer and an answer on a machine of two cores may take beyond the moment that was set, in milliseconds.
const late = 10

// measureCrowd calls with more at once than byoe takes, and counts those that got their mail.
func (b *bench) measureCrowd(t *table) error {
	if err := b.providers.SetDelay(400 * time.Millisecond); err != nil {
		return err
	}
	p, err := b.start(b.sendGrid()...)
	if err != nil {
		return err
	}
	const crowd = 640
	result := p.AsFastAsAnswered(b.ctx, crowd, crowd)
	served, shed := result.Statuses[http.StatusOK], result.Statuses[http.StatusServiceUnavailable]
	if served+shed != crowd {
		return result.Good(http.StatusOK)
	}
	q := load.QuantilesOf(result.Latencies)
	t.row(fmt.Sprintf("%d calls at once, 400 ms each: %d served", crowd, served), fmt.Sprint(crowd), ms(q.P50), ms(q.Max), fmt.Sprintf("200, 503 x %d", shed))
	b.reach(goal{What: "calls in flight before one is shed", Got: float64(served), Reach: 128, AtLeast: true})
	return p.end()
}

// silence takes connections and says nothing.
type silence struct {
	listener net.Listener
	taking   sync.WaitGroup
}

func listenInSilence(ctx context.Context) (*silence, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &silence{listener: listener}
	s.taking.Go(func() {
		var taken []net.Conn
		for {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			taken = append(taken, conn)
		}
		for _, conn := range taken {
			_ = conn.Close()
		}
	})
	return s, nil
}

func (s *silence) address() string { return s.listener.Addr().String() }

func (s *silence) close() {
	_ = s.listener.Close()
	s.taking.Wait()
}
