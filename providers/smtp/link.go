package smtp

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	// maxReplies is how much a server may say about one mail before we hang up, in bytes, TLS handshake included. A polite
	// dialogue takes less than 10 KiB; net/textproto reads a line or a reply without any limit.
	maxReplies = 128 << 10
	// goodbyeMost bounds the QUIT: a peer that does not read must not hold anybody up.
	goodbyeMost = 50 * time.Millisecond
)

var errTalkative = errors.New("server says too much")

// link is one connection to the server, greeted, encrypted and logged in as the settings want, on which mails can be
// submitted one after the other. It is used by one goroutine at a time.
type link struct {
	client *smtp.Client
	conn   *boundedConn
	// lost says that the link is of no further use, and left that it was so before anything of this mail was refused or
	// on its way: whoever finds an idle link dead may go on with a new one.
	lost, left bool
	// inContent says that the server is reading a mail and takes everything for it.
	inContent bool
	// dirty says that the last mail was refused, so that the server may still remember its sender.
	dirty bool
	// idleSince is when the last mail was through, provenAt when the server was last heard of in between, and probes how
	// often that was asked for.
	idleSince, provenAt time.Time
	probes              int
	// unbind ends the bond with the context; it says whether the context was still alive.
	unbind func() bool
}

// bind makes ctx bound everything that happens on the link until it is released: when ctx ends, the connection is closed
// under whoever reads or writes. The library knows a context for the TCP handshake only. What the server may say is
// counted anew.
func (l *link) bind(ctx context.Context) {
	l.conn.read.Store(0)
	l.left = false
	l.unbind = context.AfterFunc(ctx, func() { _ = l.conn.Close() })
}

// release ends the bond and says whether the connection is still ours to use.
func (l *link) release() bool { return l.unbind() }

// hangUp says QUIT without waiting for the answer, which could change nothing any more, and closes the connection.
//
// In the middle of a mail there is no goodbye: the server would take it for a line of the mail.
func (l *link) hangUp() {
	if l.client != nil && !l.inContent {
		_ = l.conn.SetWriteDeadline(time.Now().Add(goodbyeMost))
		_, _ = l.client.Text.Cmd("QUIT")
	}
	_ = l.conn.Close()
	if l.unbind != nil {
		l.unbind()
	}
}

// stale says that the server may have forgotten this link, or may still remember its last mail: RSET tells, and clears.
func (l *link) stale() bool {
	last := l.idleSince
	if l.provenAt.After(last) {
		last = l.provenAt
	}
	return l.dirty || !last.IsZero() && time.Since(last) > staleAfter
}

// boundedConn is a TCP connection that can be read for maxReplies bytes at a time. It lies below TLS, because the SMTP
// client must see the *tls.Conn itself to know that the connection is encrypted.
type boundedConn struct {
	net.Conn
	read atomic.Int64
}

// Read implements [net.Conn].
func (c *boundedConn) Read(buffer []byte) (int, error) {
	if c.read.Load() >= maxReplies {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(buffer)
	c.read.Add(int64(n))
	return n, err
}
