package mailbox

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// The bounds of the server.
const (
	// maxMessageBytes is ten times what Gmail clips a mail at (102 KB).
	maxMessageBytes = 1 << 20
	// maxRecipients is more than a mail with a code ever has, which is one.
	maxRecipients = 20
	// commandTimeout is how long a client may be silent, and how long one mail's data may take. It is shorter than the
	// five minutes of RFC 5321, section 4.5.3.2, and longer than a provider's connection pool keeps one idle.
	commandTimeout = 2 * time.Minute
	// hangMost is several times what a client should wait: Entra has given up after two seconds.
	hangMost = 30 * time.Second
	// stopTimeout is how long Close waits for connections that it has cut.
	stopTimeout = 5 * time.Second
)

// newServer describes the server: no STARTTLS, because a client that upgrades by itself would refuse a certificate that
// nobody signed, and the loopback needs none; AUTH with any credentials, so that settings with a user name work here.
func newServer(m *Mailbox) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{mailbox: m, conn: conn.Conn()}, nil
	}))
	server.Domain = "localhost"
	server.MaxMessageBytes = maxMessageBytes
	server.MaxRecipients = maxRecipients
	server.ReadTimeout = commandTimeout
	server.WriteTimeout = commandTimeout
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.ErrorLog = silence{}
	return server
}

// stop closes the listener and every connection first and asks the server to wait after that: the server's own Close
// waits for nobody, and misses a connection that it accepted a moment ago.
func (m *Mailbox) stop() error {
	err := m.listener.Close()
	served := <-m.served
	if !errors.Is(served, net.ErrClosed) {
		err = errors.Join(err, served)
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	stopped := m.server.Shutdown(ctx)
	if errors.Is(stopped, net.ErrClosed) { // it closes the listener once more
		stopped = nil
	}
	return errors.Join(err, stopped)
}

// silence is the server's logger: its lines would quote what clients sent.
type silence struct{}

// Printf drops the line.
func (silence) Printf(string, ...any) {}

// Println drops the line.
func (silence) Println(...any) {}
