package smtp

import (
	"context"
	"errors"
	"net/textproto"
	"time"

	"byoe/providers"
	"byoe/providers/mime"
)

// command is one line of the dialogue, the reply that it must get, and where in the dialogue it stands.
type command struct {
	line string
	// expect is the reply's code, or its first digits.
	expect int
	at     stage
}

// submit hands one mail over and returns the text of the reply that accepted it. The link must be bound to ctx.
func (l *link) submit(ctx context.Context, m *mime.Mail) (reply string, err error) {
	commands, err := l.envelope(m)
	if err != nil {
		return "", err
	}
	if err := l.converse(ctx, append(commands, command{"DATA", 354, stageContent})); err != nil {
		return "", err
	}
	l.inContent = true
	if err := overdue(ctx); err != nil {
		l.lost = true
		return "", failed(ctx, err, stageContent)
	}
	text := l.client.Text
	if _, err := text.W.Write(stuffed(m.Content)); err != nil {
		// A final dot now, and half a mail would be accepted.
		l.lost = true
		return "", failed(ctx, err, stageContent)
	}
	if text.R.Buffered() > 0 {
		// The server is ahead of us. What it has said already could be taken for the answer to the mail.
		l.lost = true
		return "", &providers.Error{Kind: providers.KindTemporary, Code: "protocol"}
	}
	_, _ = text.W.WriteString(".\r\n") // told by Flush (bufio)
	err = text.W.Flush()
	if err == nil {
		_, reply, err = text.ReadResponse(250)
	}
	return l.outcome(ctx, reply, err)
}

// overdue looks at the clock. A process that was frozen in the middle of the dialogue may find the server's go-ahead before any
// timer tells it that its time is long over; another instance has sent the mail meanwhile.
func overdue(ctx context.Context) error {
	if deadline, bounded := ctx.Deadline(); bounded && time.Until(deadline) <= 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// rehearse goes as far as one can without a mail: the server has accepted sender and recipient, and forgets them again.
func (l *link) rehearse(ctx context.Context, m *mime.Mail) error {
	commands, err := l.envelope(m)
	if err != nil {
		return err
	}
	return l.converse(ctx, append(commands, command{"RSET", 250, stageContent}))
}

// envelope returns the commands that name sender and recipient, with a RSET before them where the link wants one.
func (l *link) envelope(m *mime.Mail) ([]command, error) {
	var commands []command
	if l.stale() {
		commands = append(commands, command{"RSET", 250, stageGreeting})
	}
	sender := "MAIL FROM:<" + m.From + ">"
	if m.UTF8 {
		// Only where it is needed: a server that took a mail as SMTPUTF8 may not pass it to one that does not know it.
		if offered, _ := l.client.Extension("SMTPUTF8"); !offered {
			return nil, &providers.Error{Kind: providers.KindRefused, Code: "smtputf8 not offered"}
		}
		sender += " BODY=8BITMIME SMTPUTF8"
	}
	return append(commands,
		command{sender, 250, stageSender},
		command{"RCPT TO:<" + m.To + ">", 25, stageRecipient},
	), nil
}

// converse says the commands and hears the replies: all commands at once where the server offers PIPELINING (RFC 2920),
// which saves a round trip for each but the first, else one by one. The first reply that is not the expected one is the
// error.
func (l *link) converse(ctx context.Context, commands []command) error {
	if pipelining, _ := l.client.Extension("PIPELINING"); pipelining {
		return l.say(ctx, commands)
	}
	for _, c := range commands {
		if err := l.say(ctx, []command{c}); err != nil {
			return err
		}
	}
	return nil
}

// say writes the commands in one go and reads a reply for each, also behind one that failed: the link may serve another
// mail only when nothing is left unread.
func (l *link) say(ctx context.Context, commands []command) error {
	text := l.client.Text
	for _, c := range commands {
		_, _ = text.W.WriteString(c.line + "\r\n") // told by Flush (bufio)
	}
	if err := text.W.Flush(); err != nil {
		l.lost, l.left = true, true
		return failed(ctx, err, commands[0].at)
	}
	var refusal error
	for _, c := range commands {
		_, _, err := text.ReadResponse(c.expect)
		reply, replied := errors.AsType[*textproto.Error](err)
		switch {
		case err != nil && !replied:
			l.lost = true
			if refusal == nil {
				l.left = true
				refusal = failed(ctx, err, c.at)
			}
			return refusal
		case refusal != nil:
			// DATA was said in one go with what got refused. A server that wants the mail all the same must not have it.
			l.inContent = l.inContent || err == nil && c.expect == 354
		case err != nil:
			refusal = failed(ctx, err, c.at)
			l.dirty = true
			l.left = reply.Code == goodbye
			l.lost = l.left || reply.Code < 400 // an answer to something else: the dialogue has come apart
		}
	}
	if refusal == nil {
		l.dirty = false
	}
	return refusal
}

// goodbye is the reply of a server that closes the connection, whatever it was asked (RFC 5321, section 3.8).
const goodbye = 421

// outcome judges the one reply that matters, to the final dot. An error that is no reply leaves unknown whether the server
// has the mail: nobody knows whether it has seen the end.
func (l *link) outcome(ctx context.Context, reply string, err error) (string, error) {
	refusal, replied := errors.AsType[*textproto.Error](err)
	if err != nil && !replied {
		l.lost = true
		failure := broken(ctx, err, "unreadable reply")
		failure.Kind = providers.KindAmbiguous
		return "", failure
	}
	l.inContent = false
	switch {
	case err == nil:
		return reply, nil
	case refusal.Code/100 == 2:
		return refusal.Msg, nil
	default:
		l.dirty, l.lost = true, refusal.Code == goodbye
		return "", failed(ctx, err, stageContent)
	}
}
