// Package providers is the seam between delivery and the vendors: the [Provider] interface, the kinds of failure
// ([Error]), and the few rules about text, ids and network errors that must not differ between vendors. Each vendor has a
// folder below with its own Config, Validate and New.
package providers

import (
	"context"
	"strings"
	"time"

	"byoe/message"
)

// Provider hands one mail to one vendor.
//
// Send is called by many goroutines at once. It returns when the vendor has accepted responsibility for the mail (a nil
// error and nothing else means that), when it is known that the vendor has not, or when ctx is done; it obeys ctx to
// 20 ms. It makes one attempt: no retry, no back-off, no polling, because delivery owns the time and failing over is
// its retry. Where the vendor has idempotency keys, the attempt may ask a second time under the same key, because that
// cannot make a second mail. It never changes the submission and keeps no reference to it.
//
// Every error is an [*Error] whose text is fit for a log. Where the mail may or may not have been accepted (the time
// ran out, or the connection broke, after the mail was on its way) the kind is [KindAmbiguous], never a guess.
type Provider interface {
	// Name is the provider's word in MAIL_PROVIDERS.
	Name() string
	Send(ctx context.Context, s Submission) (Receipt, error)
}

// Connector is a Provider that can make the way to its vendor ready before the first mail: a connection, a token. The
// error is an [*Error]; it is no reason not to send, because Send goes the same way once more.
type Connector interface {
	Connect(ctx context.Context) error
}

// Runner is a Provider that keeps something alive between mails: pooled connections, tokens that run out. Run returns
// soon after ctx is done and leaves nothing open. Without it the Provider works too, only not as fast.
type Runner interface {
	Run(ctx context.Context)
}

// Checker is a Provider that can find out whether a mail would be accepted, without a mail in anybody's mailbox. Check
// returns in a few words what has been proven, such as "validated in sandbox mode", or an [*Error] as Send does. It obeys
// ctx as Send does.
type Checker interface {
	Check(ctx context.Context, s Submission) (proven string, err error)
}

// Submission is one mail on its way out.
type Submission struct {
	// ID is a UUID that names this delivery at every provider that is tried for it, and on every instance that takes it
	// over: it becomes the Message-ID's left part where we write one, a tag at the vendor, and the idempotency key where
	// the vendor has such. A mailbox that compares Message-IDs drops the second of two mails after an ambiguous failure. It
	// is derived from neither the code nor the address.
	ID string
	// Began is when the delivery that ID names began, in whole milliseconds.
	Began time.Time
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

// RequirePlainSender refuses a sender whose address could end an envelope's argument, or one mailbox of a list, and begin
// something else. Settings are checked where they are read; this is the last door.
func (s Submission) RequirePlainSender() error {
	addresses := []string{s.Message.From.Address}
	if s.Message.ReplyTo != nil {
		addresses = append(addresses, s.Message.ReplyTo.Address)
	}
	for _, address := range addresses {
		if strings.Count(address, "@") != 1 || strings.ContainsFunc(address, notInAddress) {
			return &Error{Kind: KindConfig, Code: "sender address"}
		}
	}
	return nil
}

// notInAddress refuses what is beyond ASCII, blank, or means something around an address.
func notInAddress(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune("<>()[]\",;:\\", r)
}

// RequirePlainAddresses also refuses a recipient whose local part is beyond ASCII, for vendors that cannot carry one: they
// might guess at another address. Another provider may be able to.
func (s Submission) RequirePlainAddresses() error {
	if err := s.RequirePlainSender(); err != nil {
		return err
	}
	if !s.Message.To.IsASCII() {
		return &Error{Kind: KindRefused, Code: "non-ascii local part"}
	}
	return nil
}

// Receipt is what a vendor gives for a mail that it accepted.
type Receipt struct {
	// MessageID is the vendor's own id for the mail, as its dashboard shows it; for SMTP the queue id where the reply
	// holds one. It may be empty.
	MessageID string
}
