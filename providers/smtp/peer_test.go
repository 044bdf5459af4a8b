package smtp_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"byoe/providers/providertest"
)

const (
	username = "otp-sender"
	password = "password-of-the-tests"
)

// peer is a polite server, which misbehaves only in its answer to a whole mail.
type peer struct {
	address string
	closed  chan struct{}

	mu     sync.Mutex
	how    providertest.Behaviour
	prose  string
	mails  []providertest.Mail
	raw    []string
	logins int
	conns  int
}

// newPeer starts a server; with a configuration for TLS it offers STARTTLS and, unless implicit, waits for it.
func newPeer(t *testing.T, encrypted *tls.Config, implicit bool) *peer {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{address: listener.Addr().String(), closed: make(chan struct{})}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		p.mu.Lock()
		p.conns++
		p.mu.Unlock()
		return &session{peer: p, conn: c}, nil
	}))
	server.Domain = "peer.test"
	server.EnableSMTPUTF8 = true
	server.AllowInsecureAuth = encrypted == nil
	server.ErrorLog = log.New(io.Discard, "", 0)
	if implicit {
		listener = tls.NewListener(listener, encrypted)
	} else {
		server.TLSConfig = encrypted
	}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		close(p.closed)
		_ = server.Close()
		_ = listener.Close() // Serve may not have come to know it yet
		running.Wait()
	})
	return p
}

func (p *peer) Address() string { return p.address }

func (p *peer) Behave(how providertest.Behaviour, prose string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.how, p.prose = how, prose
}

func (p *peer) Mails() []providertest.Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]providertest.Mail(nil), p.mails...)
}

// Raw returns the mails as they came over the wire.
func (p *peer) Raw() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.raw...)
}

func (p *peer) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conns
}

// Logins says how many passwords were sent, right or wrong.
func (p *peer) Logins() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.logins
}

type session struct {
	peer       *peer
	conn       *gosmtp.Conn
	loggedIn   bool
	recipients []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		s.peer.mu.Lock()
		s.peer.logins++
		s.peer.mu.Unlock()
		if user != username || pass != password {
			return gosmtp.ErrAuthFailed
		}
		s.loggedIn = true
		return nil
	}), nil
}

func (s *session) Mail(string, *gosmtp.MailOptions) error {
	if !s.loggedIn {
		return gosmtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.recipients = append(s.recipients, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	decoded, err := providertest.DecodeMIME(string(raw))
	if err != nil {
		return &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	decoded.Recipients = s.recipients
	s.peer.mu.Lock()
	s.peer.mails = append(s.peer.mails, decoded)
	s.peer.raw = append(s.peer.raw, string(raw))
	how, prose := s.peer.how, s.peer.prose
	s.peer.mu.Unlock()
	return s.answer(how, prose)
}

func (s *session) answer(how providertest.Behaviour, prose string) error {
	reply := func(code int, status gosmtp.EnhancedCode, text string) error {
		return &gosmtp.SMTPError{Code: code, EnhancedCode: status, Message: text}
	}
	switch how {
	case providertest.Accept:
		return reply(250, gosmtp.EnhancedCode{2, 0, 0}, "Ok: queued as 4FxPeer01")
	case providertest.AcceptQuoting:
		return reply(250, gosmtp.EnhancedCode{2, 0, 0}, "Ok: queued as "+prose)
	case providertest.Throttle:
		return reply(451, gosmtp.EnhancedCode{4, 7, 1}, "too many mails from you")
	case providertest.Break:
		return reply(451, gosmtp.EnhancedCode{4, 3, 0}, "our disk is full")
	case providertest.Quote:
		return reply(550, gosmtp.EnhancedCode{5, 7, 1}, prose+"\n"+prose)
	case providertest.Withhold:
		<-s.peer.closed
	case providertest.Babble:
		_, _ = s.conn.Conn().Write([]byte("\x00\xff\x17 what\r\n"))
	case providertest.FloodAnswer:
		_ = providertest.Flood(s.conn.Conn())
	case providertest.Lose:
	}
	_ = s.conn.Conn().Close()
	return errors.New("closed")
}

func (s *session) Reset()        { s.recipients = nil }
func (s *session) Logout() error { return nil }
