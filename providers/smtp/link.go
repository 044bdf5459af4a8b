package smtp

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/wneessen/go-mail/smtp"
)

// maxReplies is how much a server may say on one connection before we hang up, in bytes, TLS handshake included. A
// polite dialogue takes less than 10 KiB; net/textproto reads a line or a reply without any limit.
const maxReplies = 128 << 10

var errTalkative = errors.New("server says too much")

// link is one connection to the server, greeted, encrypted and logged in as the settings want, on which mails can be
// submitted one after the other. It is used by one goroutine at a time.
type link struct {
	client *smtp.Client
	conn   *boundedConn
	// inContent says that the server is reading a mail and takes everything for it.
	inContent bool
}

// bind makes ctx bound everything that happens on the link until release is called: when ctx ends, the connection is
// closed under whoever reads or writes. The library knows a context for the TCP handshake only.
func (l *link) bind(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	return func() { stop() }
}

// hangUp says QUIT without waiting for the answer, which could change nothing any more, and closes the connection. It
// must be called while the link is still bound: a peer that does not read could hold the QUIT up.
//
// In the middle of a mail there is no goodbye. net/textproto ends an open mail with its final dot before it writes
// another command, and the server would accept the half, or the mail that we have just called not accepted.
func (l *link) hangUp() {
	if l.client != nil && !l.inContent {
		_, _ = l.client.Text.Cmd("QUIT")
	}
	_ = l.conn.Close()
}

// boundedConn is a TCP connection that can be read for maxReplies bytes. It lies below TLS, because the SMTP client
// must see the *tls.Conn itself to know that the connection is encrypted.
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
