package smtp

import (
	"context"
	"errors"
	"net/textproto"

	"github.com/wneessen/go-mail/smtp"

	"byoe/providers"
)

// submit hands one mail over and returns the text of the reply that accepted it. The link must be bound to ctx. After
// an error the link is of no further use.
func (l *link) submit(ctx context.Context, m *composed) (reply string, err error) {
	if offered, _ := l.client.Extension("SMTPUTF8"); m.utf8 && !offered {
		return "", &providers.Error{Kind: providers.KindRefused, Code: "smtputf8 not offered"}
	}
	// Only where it is needed: a server that took a mail as SMTPUTF8 may not pass it to one that does not know it.
	l.client.SkipSMTPUTF8(!m.utf8)
	if err := l.client.Mail("<" + m.from + ">"); err != nil {
		return "", failed(ctx, err, stageSender)
	}
	if err := l.client.Rcpt("<" + m.to + ">"); err != nil {
		return "", failed(ctx, err, stageRecipient)
	}
	data, err := l.client.Data()
	if err != nil {
		return "", failed(ctx, err, stageContent)
	}
	l.inContent = true
	if _, err := data.Write(m.content); err != nil {
		// Close would send the final dot, and half a mail would be accepted.
		return "", failed(ctx, err, stageContent)
	}
	if l.client.Text.R.Buffered() > 0 {
		// The server is ahead of us. What it has said already could be taken for the answer to the mail.
		return "", &providers.Error{Kind: providers.KindTemporary, Code: "protocol"}
	}
	reply, err = outcome(ctx, data.Close(), data)
	// Without a reply nobody knows whether the server has seen the end.
	l.inContent = err != nil && providers.KindOf(err) == providers.KindAmbiguous
	return reply, err
}

// outcome reads the one reply that matters. Close sends the final dot and waits for the reply; an error that is no
// reply leaves unknown whether the server has the mail.
func outcome(ctx context.Context, err error, data any) (string, error) {
	refusal, replied := errors.AsType[*textproto.Error](err)
	switch {
	case err == nil, replied && refusal.Code/100 == 2:
		if closed, ok := data.(*smtp.DataCloser); ok {
			return closed.ServerResponse(), nil
		}
		return "", nil
	case replied:
		return "", failed(ctx, err, stageContent)
	default:
		failure := broken(ctx, err, "unreadable reply")
		failure.Kind = providers.KindAmbiguous
		return "", failure
	}
}
