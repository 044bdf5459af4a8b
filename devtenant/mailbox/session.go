package mailbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// errCut is for the library alone: nobody is there any more to read an answer.
var errCut = errors.New("the connection is cut")

// session is one client's conversation.
type session struct {
	mailbox *Mailbox
	conn    net.Conn
	// envelope is nil between mails. It is atomic because the library reads a mail in chunks (BDAT) in a goroutine of its
	// own, which a RSET overtakes.
	envelope atomic.Pointer[envelope]
}

// envelope is whom a mail is from and to. It belongs to the one mail.
type envelope struct {
	attempt *attempt
	from    string
	to      []string
}

var _ smtp.AuthSession = (*session)(nil)

// Mail begins an envelope, and the submission with it: the faults of the sender's stage are met here.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.envelope.Load() != nil { // RFC 5321, section 4.1.4
		return &smtp.SMTPError{Code: 503, EnhancedCode: smtp.EnhancedCode{5, 5, 1}, Message: "There is a sender already"}
	}
	attempt := s.mailbox.begin(SMTP)
	switch attempt.fault {
	case FaultRefuse:
		return attempt.refuse(554, smtp.EnhancedCode{5, 7, 1}, "Mail of this sender is not taken here")
	case FaultThrottle:
		return attempt.refuse(450, smtp.EnhancedCode{4, 7, 1}, "Too much mail from you, try again later")
	case FaultDown:
		return s.hangUp(attempt)
	case FaultNone, FaultRecipient, FaultHang, FaultLose:
	}
	s.envelope.Store(&envelope{attempt: attempt, from: from})
	return nil
}

// Rcpt adds a recipient; the server has counted them. It hangs here and not at the sender, so that a page can show whose
// mail it is that hangs.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	e := s.envelope.Load()
	e.attempt.name(to)
	switch e.attempt.fault {
	case FaultRecipient:
		return e.attempt.refuse(550, smtp.EnhancedCode{5, 1, 1}, "No such mailbox here")
	case FaultHang:
		s.hang()
		return s.hangUp(e.attempt)
	case FaultNone, FaultRefuse, FaultThrottle, FaultLose, FaultDown:
	}
	e.to = append(e.to, to)
	return nil
}

// Data takes the mail and stores it.
func (s *session) Data(r io.Reader) error {
	e := s.envelope.Load()
	raw, err := io.ReadAll(r)
	if refusal, ok := errors.AsType[*smtp.SMTPError](err); ok { // too large
		e.attempt.end(answerOf(refusal))
		return err
	}
	if err != nil {
		return err // the client has gone or said RSET: Reset tells, and after RSET the envelope may be another
	}
	mail := receive(SMTP, e.from, e.to, string(raw))
	if e.attempt.fault == FaultLose {
		e.attempt.store(answerNone, mail)
		return s.hangUp(e.attempt)
	}
	e.attempt.store("250 2.0.0", mail)
	return nil
}

// Reset ends an envelope. One that was not answered came to nothing.
func (s *session) Reset() {
	e := s.envelope.Swap(nil)
	if e != nil {
		e.attempt.end(answerNoMail)
	}
}

// Logout ends what was going on.
func (s *session) Logout() error {
	s.Reset()
	return nil
}

// hang returns when the client has gone, the mailbox has cut the connection, or its time is over. Whatever the client
// says is dropped: the connection is of no further use.
func (s *session) hang() {
	err := s.conn.SetReadDeadline(time.Now().Add(s.mailbox.hangMost))
	if err == nil {
		_, _ = io.Copy(io.Discard, s.conn) // however it ends, it is over
	}
}

// hangUp cuts the connection without a word.
func (s *session) hangUp(a *attempt) error {
	a.end(answerNone)  // before the client can know
	_ = s.conn.Close() // where the client was faster, there is nothing to close
	return errCut
}

// refuse ends the submission with that reply.
func (a *attempt) refuse(code int, enhanced smtp.EnhancedCode, words string) error {
	refusal := &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: words}
	a.end(answerOf(refusal))
	return refusal
}

// answerOf returns "554 5.7.1".
func answerOf(refusal *smtp.SMTPError) string {
	status := refusal.EnhancedCode
	return fmt.Sprintf("%d %d.%d.%d", refusal.Code, status[0], status[1], status[2])
}
