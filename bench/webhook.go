package main

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"byoe/bench/load"
	"byoe/bench/process"
	"byoe/bench/standin"
)

// program is what answers calls: byoe, or what it is compared with.
type program struct {
	*process.Process
	*load.Target
	bench *bench
}

// settings are byoe's, with changes behind them.
func (b *bench) settings(changes ...string) []string {
	settings := append(b.tenant.Settings(), "PORT=0", "MAIL_FROM=Contoso <no-reply@contoso.example>", "DEDUPE_STORE=memory")
	return append(settings, changes...)
}

// sendGrid are the settings for the stand-in of SendGrid's API.
func (b *bench) sendGrid() []string {
	return []string{"MAIL_PROVIDERS=sendgrid", "SENDGRID_API_KEY=SG.bench", "SENDGRID_BASE_URL=" + b.providers.SendGrid}
}

// smtp are the settings for a mail server, the stand-in's or one before it.
func (b *bench) smtp(address string) []string {
	host, port, _ := net.SplitHostPort(address)
	return []string{"MAIL_PROVIDERS=smtp", "SMTP_HOST=" + host, "SMTP_PORT=" + port, "SMTP_TLS=none"}
}

// start starts the webhook and waits until it listens.
func (b *bench) start(changes ...string) (*program, error) {
	p, err := process.Start(b.ctx, b.settings(changes...), b.stderr, b.options.byoe)
	if err != nil {
		return nil, err
	}
	return b.listening(p, func(line []byte) (address string) {
		var said struct{ Msg, Address string }
		if json.Unmarshal(line, &said) == nil && said.Msg == "listening" {
			return said.Address
		}
		return ""
	})
}

// listening waits for a program to say where it listens.
func (b *bench) listening(p *process.Process, addressIn func(line []byte) string) (*program, error) {
	var address string
	err := p.WaitFor(func(line []byte) bool {
		address = addressIn(line)
		return address != ""
	})
	if err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	started := &program{Process: p, Target: &load.Target{Address: address, Requests: b.call}, bench: b}
	b.running[started] = true
	return started, nil
}

// listeningLine understands the programs that say "listening 127.0.0.1:1234".
func listeningLine(line []byte) string {
	address, found := strings.CutPrefix(string(line), "listening ")
	if !found {
		return ""
	}
	return address
}

// call makes the request of a call. Each run of a program begins where the one before it ended, so that no event comes
// twice and no address is a person's who asks again.
func (b *bench) call(n int) []byte { return b.tenant.Call(b.calls + n) }

// end stops the program.
func (p *program) end() error {
	delete(p.bench.running, p)
	p.Close()
	p.bench.calls += p.Calls()
	return p.Stop()
}

// warm makes so many calls that everything which is made once has been made.
func (p *program) warm() error {
	const connections, calls = 16, 400
	return p.AsFastAsAnswered(p.bench.ctx, connections, calls).Good(http.StatusOK)
}

// trial is one run of calls, and what it cost.
type trial struct {
	*load.Result
	process.Usage
	// first is the number of the first event.
	first int
}

// atRate calls a program at a fixed rate.
func (p *program) atRate(rate int, duration time.Duration) (trial, error) {
	if _, err := p.bench.providers.Report(); err != nil { // what came before is not this trial's
		return trial{}, err
	}
	return p.measured(func() *load.Result { return p.AtRate(p.bench.ctx, rate, duration) })
}

// saturated makes so many calls as fast as they are answered.
func (p *program) saturated(connections, calls int) (trial, error) {
	return p.measured(func() *load.Result { return p.AsFastAsAnswered(p.bench.ctx, connections, calls) })
}

// measured makes calls and reads what they cost.
func (p *program) measured(calls func() *load.Result) (trial, error) {
	before, err := p.Usage()
	if err != nil {
		return trial{}, err
	}
	result := calls()
	after, err := p.Usage()
	if err != nil {
		return trial{}, err
	}
	return trial{Result: result, Usage: after.Sub(before), first: p.bench.calls + result.First}, result.Good(http.StatusOK)
}

// perCall is the processor's time of one call.
func (t trial) perCall() time.Duration { return t.PerCall(len(t.Latencies)) }

// added is what each call took beyond what the provider took for its mail.
func (t trial) added(taken []standin.Mail) []time.Duration {
	own := make(map[int]time.Duration, len(taken))
	for _, m := range taken {
		own[m.Number] = m.Own
	}
	added := make([]time.Duration, len(t.Latencies))
	for i, latency := range t.Latencies {
		took, arrived := own[t.first+i]
		if latency < 0 || !arrived {
			added[i] = -1
			continue
		}
		added[i] = latency - took
	}
	return added
}
