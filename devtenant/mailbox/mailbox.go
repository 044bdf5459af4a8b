// Package mailbox stands in for the mail providers: an SMTP server on the loopback and SendGrid's Mail Send API, which take
// every mail, keep the last ones in memory and hand them to pages and tests. Each can be told to misbehave as real ones
// do, and each attempt to hand over a mail is recorded. Nothing is sent on and nothing is written to disk.
package mailbox

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// The bounds of the store. They are generous for a person who develops and for a test, and keep a load test that was
// pointed here by mistake from eating the machine.
const (
	// Kept is how many mails are held; the oldest makes room.
	Kept = 200
	// keptBytes is how many octets they may cost together.
	keptBytes = 64 << 20
)

// ErrClosed says that the mailbox was closed while somebody waited for a mail.
var ErrClosed = errors.New("the mailbox is closed")

// Mailbox holds the mails that its providers took. Its methods may be called by many goroutines at once.
type Mailbox struct {
	addr     string
	server   *smtp.Server
	listener *boundedListener
	served   chan error

	// hangMost is how long a hanging provider hangs.
	hangMost time.Duration

	closing  sync.Once
	closeErr error
	// done is closed when Close begins.
	done chan struct{}

	mu          sync.Mutex
	mails       []Mail // oldest first
	bytes       int
	arrived     uint64
	submissions []*Submission // oldest first
	faults      map[string]armed
	// changed is closed and replaced at each change, so that any number of waiters wake and none has to sign off.
	changed chan struct{}
	closed  bool
}

// Serve takes mail on the listener, which it owns from now on, until [Mailbox.Close].
func Serve(listener net.Listener) *Mailbox {
	m := &Mailbox{
		addr:     listener.Addr().String(),
		listener: newBoundedListener(listener),
		served:   make(chan error, 1),
		hangMost: hangMost,
		done:     make(chan struct{}),
		faults:   make(map[string]armed),
		changed:  make(chan struct{}),
	}
	m.server = newServer(m)
	go func() { m.served <- m.server.Serve(m.listener) }()
	return m
}

// Addr returns host:port of the SMTP server.
func (m *Mailbox) Addr() string { return m.addr }

// Mails returns what is held, newest first.
func (m *Mailbox) Mails() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	mails := make([]Mail, 0, len(m.mails))
	for i := len(m.mails) - 1; i >= 0; i-- {
		mails = append(mails, m.mails[i])
	}
	return mails
}

// Mail returns the mail with this id, or false where it never was or had to make room.
func (m *Mailbox) Mail(id string) (Mail, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, mail := range m.mails {
		if mail.ID == id {
			return mail, true
		}
	}
	return Mail{}, false
}

// Wait returns the oldest mail for which match is true, at once where it is already here. It fails with the context's
// error, or with [ErrClosed] when the mailbox closes.
func (m *Mailbox) Wait(ctx context.Context, match func(Mail) bool) (Mail, error) {
	var seen uint64
	for {
		mails, arrived, changed, closed := m.since(seen)
		for _, mail := range mails {
			if match(mail) {
				return mail, nil
			}
		}
		if closed {
			return Mail{}, ErrClosed
		}
		seen = arrived
		select {
		case <-changed:
		case <-ctx.Done():
			return Mail{}, ctx.Err()
		}
	}
}

// since returns the mails that arrived after the first seen ones, how many arrived in all, and what will be closed at
// the next change.
func (m *Mailbox) since(seen uint64) (mails []Mail, arrived uint64, changed <-chan struct{}, closed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	unseen := min(m.arrived-seen, uint64(len(m.mails)))
	mails = append(mails, m.mails[uint64(len(m.mails))-unseen:]...)
	return mails, m.arrived, m.changed, m.closed
}

// Changed returns a channel that is closed at the next change of mails, submissions or faults. Whoever asks for it before
// looking at them misses nothing.
func (m *Mailbox) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// Clear forgets every mail and every submission; faults stay. Ids go on from where they were.
func (m *Mailbox) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails, m.bytes, m.submissions = nil, 0, nil
	m.wake()
}

// Put stores a mail that was not submitted to a stand-in, such as Microsoft's own, and returns it as it is kept. Of the raw
// text no more is kept than SMTP would take.
func (m *Mailbox) Put(provider, from string, to []string, raw string) Mail {
	mail := receive(provider, from, to, raw[:min(len(raw), maxMessageBytes)])
	m.mu.Lock()
	defer m.mu.Unlock()
	mail = m.add(mail)
	m.wake()
	return mail
}

// receive takes a mail apart that has arrived this moment. A mail that cannot be taken apart is kept all the same: its
// sender wants to see what is wrong with it.
func receive(provider, from string, to []string, raw string) Mail {
	mail := parse(raw)
	mail.Received = time.Now()
	mail.Provider = provider
	mail.EnvelopeFrom = from
	mail.To = append([]string{}, to...)
	return mail
}

// add stores a mail under the next id and returns it with that. It needs the lock.
func (m *Mailbox) add(mail Mail) Mail {
	m.arrived++
	mail.ID = strconv.FormatUint(m.arrived, 10)
	m.mails = append(m.mails, mail)
	m.bytes += mail.size()
	for len(m.mails) > Kept || m.bytes > keptBytes {
		m.bytes -= m.mails[0].size()
		m.mails[0] = Mail{} // the slice's memory lives on for a while: let go of the strings now
		m.mails = m.mails[1:]
	}
	return mail
}

// wake needs the lock.
func (m *Mailbox) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Close stops the server, cuts its connections, waits until they are gone and wakes whoever waits, also requests to
// SendGrid that hang. What was received can still be read. A second call returns what the first did.
func (m *Mailbox) Close() error {
	m.closing.Do(func() {
		close(m.done)
		m.closeErr = m.stop()
		m.mu.Lock()
		defer m.mu.Unlock()
		m.closed = true
		m.wake()
	})
	return m.closeErr
}
