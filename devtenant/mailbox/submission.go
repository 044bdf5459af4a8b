package mailbox

import (
	"strings"
	"time"
)

// keptSubmissions is how many are held; the oldest makes room.
const keptSubmissions = 1000

// maxAddressBytes is how much of an address a submission shows: as much as one may have (RFC 5321, section 4.5.3.1.3,
// less its brackets).
const maxAddressBytes = 254

// The answers that are no code.
const (
	// answerNone is of the stand-in's making.
	answerNone = "no answer"
	// answerNoMail is of the client's: it went, or took its sender back, before there was a whole mail.
	answerNoMail = "no mail"
)

// Submission is one attempt of a client to hand over a mail, from MAIL FROM or from the head of a request until it was
// answered. What go-smtp refuses by itself, such as a command that makes no sense, is none.
type Submission struct {
	// At is when it began.
	At time.Time `json:"at"`
	// Took is how long until the answer, in nanoseconds in JSON; 0 while it goes on.
	Took time.Duration `json:"took"`
	// Provider is [SMTP] or [SendGrid].
	Provider string `json:"provider"`
	// To is empty where the client was turned away before it had named anybody. Read-only.
	To []string `json:"to"`
	// Fault is the one that it met.
	Fault Fault `json:"fault,omitempty"`
	// Answer is the codes of the answer, such as "250 2.0.0" or "202", or else "no answer" or "no mail"; "" while it goes
	// on.
	Answer string `json:"answer"`
	// MailID is the mail that came of it, the first one where there are several; "" where none did.
	MailID string `json:"mailId,omitempty"`
}

// Submissions returns the last thousand, newest first.
func (m *Mailbox) Submissions() []Submission {
	m.mu.Lock()
	defer m.mu.Unlock()
	submissions := make([]Submission, 0, len(m.submissions))
	for i := len(m.submissions) - 1; i >= 0; i-- {
		submissions = append(submissions, *m.submissions[i])
	}
	return submissions
}

// attempt is a submission that may go on.
type attempt struct {
	mailbox *Mailbox
	fault   Fault
	// record is guarded by the mailbox's lock.
	record *Submission
}

// begin shows a submission from now on, so that one that hangs is seen while it does.
func (m *Mailbox) begin(provider string) *attempt {
	m.mu.Lock()
	defer m.mu.Unlock()
	fault := m.takeFault(provider)
	record := &Submission{At: time.Now(), Provider: provider, To: []string{}, Fault: fault}
	m.submissions = append(m.submissions, record)
	if len(m.submissions) > keptSubmissions {
		m.submissions[0] = nil // the slice's memory lives on for a while: let go of the record now
		m.submissions = m.submissions[1:]
	}
	m.wake()
	return &attempt{mailbox: m, fault: fault, record: record}
}

// name adds recipients, no more than a mail may have.
func (a *attempt) name(recipients ...string) {
	a.mailbox.mu.Lock()
	defer a.mailbox.mu.Unlock()
	to := a.record.To[:len(a.record.To):len(a.record.To)] // the array is shared with those who asked before
	for _, recipient := range recipients {
		if len(to) == maxRecipients {
			break
		}
		to = append(to, strings.ToValidUTF8(recipient[:min(len(recipient), maxAddressBytes)], ""))
	}
	a.record.To = to
	a.mailbox.wake()
}

// end says how it was answered. The first answer counts.
func (a *attempt) end(answer string) { a.store(answer) }

// store ends it with the mails that came of it, in one step: whoever sees the one sees the other.
func (a *attempt) store(answer string, mails ...Mail) {
	a.mailbox.mu.Lock()
	defer a.mailbox.mu.Unlock()
	if a.record.Answer != "" {
		return
	}
	a.record.Answer, a.record.Took = answer, time.Since(a.record.At)
	for i, mail := range mails {
		stored := a.mailbox.add(mail)
		if i == 0 {
			a.record.MailID = stored.ID
		}
	}
	a.mailbox.wake()
}
