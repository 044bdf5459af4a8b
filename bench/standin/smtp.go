package standin

import (
	"io"
	"time"

	"github.com/emersion/go-smtp"
)

// newSMTPServer makes a server that knows PIPELINING and wants neither TLS nor a login.
func newSMTPServer(p *Providers) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		p.connections.Add(1)
		return &session{providers: p}, nil
	}))
	server.Domain = "standin.example"
	server.ReadTimeout = 5 * time.Minute
	server.WriteTimeout = 5 * time.Minute
	server.MaxMessageBytes = 1 << 20
	server.MaxRecipients = 1
	return server
}

// session is one connection.
type session struct {
	providers *Providers
	number    int
}

// Mail implements [smtp.Session].
func (*session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements [smtp.Session].
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.number = numberIn([]byte(to))
	return nil
}

// Data implements [smtp.Session].
func (s *session) Data(mail io.Reader) error {
	if _, err := io.Copy(io.Discard, mail); err != nil {
		return err
	}
	start := time.Now()
	s.providers.work()
	s.providers.taken(s.number, time.Since(start))
	return nil
}

// Reset implements [smtp.Session].
func (*session) Reset() {}

// Logout implements [smtp.Session].
func (*session) Logout() error { return nil }
