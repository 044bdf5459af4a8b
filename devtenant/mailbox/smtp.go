package mailbox

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/emersion/go-sasl"
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
	// stopTimeout is how long Close waits for connections that it has cut.
	stopTimeout = 5 * time.Second
)

// newServer describes the server: no STARTTLS, because a client that upgrades by itself would refuse a certificate that
// nobody signed, and the loopback needs none; AUTH with any credentials, so that settings with a user name work here.
func newServer(m *Mailbox) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{mailbox: m}, nil
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

// session is one client's conversation.
type session struct {
	mailbox *Mailbox
	from    string
	to      []string
}

var _ smtp.AuthSession = (*session)(nil)

// Mail begins an envelope.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt adds a recipient; the server has counted them.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail and stores it. A mail that cannot be taken apart is kept all the same: its sender wants to see
// what is wrong with it.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	mail := parse(string(raw))
	mail.Received = time.Now()
	mail.EnvelopeFrom = s.from
	mail.To = s.to
	s.mailbox.add(mail)
	return nil
}

// Reset ends an envelope. The recipients' slice now belongs to a stored mail: it must not be used again.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// AuthMechanisms names what clients commonly try.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth takes any credentials.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
	case sasl.Login:
		return &loginServer{}, nil
	default:
		return nil, smtp.ErrAuthUnknownMechanism
	}
}

// loginServer is the server's side of LOGIN (draft-murchison-sasl-login), which go-sasl has for clients only.
type loginServer struct {
	answers int
}

// Next asks for the user name, then for the password, and is content. A user name may come with the AUTH command.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response != nil {
		l.answers++
	}
	switch l.answers {
	case 0:
		return []byte("Username:"), false, nil
	case 1:
		return []byte("Password:"), false, nil
	default:
		return nil, true, nil
	}
}

// silence is the server's logger: its lines would quote what clients sent.
type silence struct{}

// Printf drops the line.
func (silence) Printf(string, ...any) {}

// Println drops the line.
func (silence) Println(...any) {}
