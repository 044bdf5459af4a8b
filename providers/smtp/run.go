package smtp

import (
	"context"
	"time"
)

const (
	// lookEvery is how often the idle links are looked after; shorter than [staleAfter], so that a link which is looked
	// after never grows stale.
	lookEvery = 15 * time.Second
	// lookMost bounds what one look asks of the server.
	lookMost = 5 * time.Second
	// spareFor is how long links beyond the first are kept after a burst.
	spareFor = time.Minute
	// mostProbes is how often one link is probed without a mail in between. Postfix punishes a client after 100 commands
	// that do nothing (smtpd_junk_command_limit), and a new connection is cheap while nobody waits for it.
	mostProbes = 40
)

// Run implements [providers.Runner]: it keeps one link alive, closes the others when they are not needed any more, and
// closes all when ctx is done. Where there are access tokens it keeps a fresh one.
func (p *Provider) Run(ctx context.Context) {
	defer p.pool.drain()
	if tokens := p.pool.dialer.tokens; tokens != nil {
		done := make(chan struct{})
		go func() {
			defer close(done)
			tokens.Run(ctx)
		}()
		defer func() { <-done }()
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		p.lookAfter(ctx)
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// lookAfter probes every idle link once. Each is taken out of the pool while it is probed, so that no mail has to wait for
// it.
func (p *Provider) lookAfter(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookMost)
	defer cancel()
	alive := 0
	for _, l := range p.pool.takeIdle() {
		if spare := alive > 0 && time.Since(l.idleSince) > spareFor; spare || l.probes >= mostProbes || !l.probe(ctx) {
			l.hangUp()
			continue
		}
		alive++
		p.pool.putBack(l)
	}
	if alive == 0 {
		_ = p.Connect(ctx) // told to whoever sends
	}
}

// takeIdle empties the pool, the link that was used last first.
func (p *pool) takeIdle() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := make([]*link, 0, len(p.idle))
	for i := len(p.idle) - 1; i >= 0; i-- {
		taken = append(taken, p.idle[i])
	}
	p.idle = nil
	return taken
}

// putBack adds a link that was probed. It goes below those that served a mail meanwhile.
func (p *pool) putBack(l *link) {
	p.mu.Lock()
	drained := p.drained
	if !drained {
		p.idle = append([]*link{l}, p.idle...)
	}
	p.mu.Unlock()
	if drained {
		l.hangUp()
	}
}

// probe says NOOP and whether the server is still there.
func (l *link) probe(ctx context.Context) bool {
	l.bind(ctx)
	err := l.client.Noop()
	if !l.release() || err != nil {
		return false
	}
	l.probes++
	l.provenAt = time.Now()
	return true
}
