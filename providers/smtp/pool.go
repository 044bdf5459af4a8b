package smtp

import (
	"context"
	"sync"
	"time"

	"byoe/providers"
)

// staleAfter is for how long an idle link is trusted as it is. After that its first mail is preceded by RSET, in the same
// packet where the server knows PIPELINING: a server that has forgotten us shows it before the mail is on its way.
const staleAfter = 20 * time.Second

// pool keeps links for the next mails. It is safe for concurrent use. What it hands out belongs to one goroutine until it
// is given back.
type pool struct {
	dialer *dialer
	// slots bound the connections that are open for somebody: servers count them, and refuse who has too many.
	slots chan struct{}

	mu sync.Mutex
	// idle has the link that was used last at its end. It is taken first, so that the others grow old and are closed.
	idle    []*link
	drained bool
}

func newPool(d *dialer, connections int) *pool {
	return &pool{dialer: d, slots: make(chan struct{}, connections)}
}

// take returns a link that is bound to ctx, an idle one or a new one. used says that it has served before, so that the
// server may have left it meanwhile. It must be given back or discarded.
func (p *pool) take(ctx context.Context) (l *link, used bool, _ error) {
	if ctx.Err() != nil {
		return nil, false, broken(ctx, ctx.Err(), "")
	}
	if err := p.enter(ctx); err != nil {
		return nil, false, err
	}
	if l := p.pop(); l != nil {
		l.bind(ctx)
		return l, true, nil
	}
	l, err := p.dialer.open(ctx)
	if err != nil {
		p.leave()
		return nil, false, err
	}
	return l, false, nil
}

// retake replaces a link that turned out to be dead by a new one. The slot stays taken.
func (p *pool) retake(ctx context.Context, dead *link) (*link, error) {
	dead.hangUp()
	l, err := p.dialer.open(ctx)
	if err != nil {
		p.leave()
	}
	return l, err
}

// give takes a link back that can serve another mail.
func (p *pool) give(l *link) {
	defer p.leave()
	if !l.release() {
		l.hangUp()
		return
	}
	l.idleSince, l.probes = time.Now(), 0
	p.mu.Lock()
	kept := !p.drained
	if kept {
		p.idle = append(p.idle, l)
	}
	p.mu.Unlock()
	if !kept {
		l.hangUp()
	}
}

// discard closes a link that cannot.
func (p *pool) discard(l *link) {
	l.hangUp()
	p.leave()
}

// pop returns the idle link that was used last, or nil. One on which the server has said something by itself is closed: it
// says goodbye (421), and whatever it says would be taken for the answer to the next command.
func (p *pool) pop() *link {
	for {
		p.mu.Lock()
		if len(p.idle) == 0 {
			p.mu.Unlock()
			return nil
		}
		last := len(p.idle) - 1
		l := p.idle[last]
		p.idle = p.idle[:last]
		p.mu.Unlock()
		if l.client.Text.R.Buffered() == 0 {
			return l
		}
		l.hangUp()
	}
}

// drain closes what is idle, and from now on every link when its mail is through.
func (p *pool) drain() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.drained = nil, true
	p.mu.Unlock()
	for _, l := range idle {
		l.hangUp()
	}
}

func (p *pool) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &providers.Error{Kind: providers.KindTemporary, Code: "no connection free", Cause: ctx.Err()}
	}
}

func (p *pool) leave() { <-p.slots }
