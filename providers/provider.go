// Package providers is the seam between delivery and the vendors: the [Provider] interface and the kinds of failure
// ([Error]). Each vendor has a folder below with its own Config, Validate and New.
package providers

import (
	"context"

	"byoe/message"
)

// Provider hands one mail to one vendor.
//
// Send is called by many goroutines at once. It returns when the vendor has accepted responsibility for the mail (a nil
// error and nothing else means that), when it is known that the vendor has not, or when ctx is done; it obeys ctx to
// 20 ms. It makes one attempt: no retry, no back-off, no polling, because delivery owns the time and failing over is
// its retry. It never changes the submission and keeps no reference to it.
//
// Every error is an [*Error] whose text is fit for a log. Where the mail may or may not have been accepted (the time
// ran out, or the connection broke, after the mail was on its way) the kind is [KindAmbiguous], never a guess.
type Provider interface {
	// Name is the provider's word in MAIL_PROVIDERS.
	Name() string
	Send(ctx context.Context, s Submission) (Receipt, error)
}

// Submission is one mail on its way out.
type Submission struct {
	// ID is a UUID that names this delivery at every provider that is tried for it: it becomes the Message-ID's left
	// part where we write one, and a tag at the vendor. A mailbox that compares Message-IDs drops the second of two
	// mails after an ambiguous failure. It is derived from neither the code nor the address.
	ID string
	// Message is shared and read-only.
	Message *message.Message
}

// Headers returns the message's own header fields and X-Entity-Ref-ID, which keeps Gmail from folding a later code into
// the conversation of an earlier one, where nobody finds it.
func (s Submission) Headers() []message.Header {
	headers := make([]message.Header, 0, len(s.Message.Headers)+1)
	headers = append(headers, s.Message.Headers...)
	return append(headers, message.Header{Name: "X-Entity-Ref-ID", Value: s.ID})
}

// Receipt is what a vendor gives for a mail that it accepted.
type Receipt struct {
	// MessageID is the vendor's own id for the mail, as its dashboard shows it; for SMTP the queue id where the reply
	// holds one. It may be empty.
	MessageID string
}
