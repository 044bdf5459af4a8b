package providers

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what delivery should make of a failure.
type Kind int

// The kinds, by whose fault it is. The action is delivery's: see delivery's failover table.
const (
	// KindAmbiguous: the mail may have been accepted. The zero value on purpose: what nobody classified is unknown.
	KindAmbiguous Kind = iota
	// KindAuth: the vendor does not accept our credentials.
	KindAuth
	// KindConfig: the vendor refuses for something that the owner set up wrongly (sender, domain, template), or that we
	// sent wrongly.
	KindConfig
	// KindThrottled: too much for now, rate or quota; RetryAfter may say how long.
	KindThrottled
	// KindTemporary: the vendor or the way to it is broken, and the mail is known not to have been accepted.
	KindTemporary
	// KindRefused: this vendor will not send to this recipient (suppressed, not supported); another may.
	KindRefused
	// KindInvalidAddress: no such recipient anywhere; asking another provider is of no use.
	KindInvalidAddress
)

// String returns the kind's word for logs and metrics.
func (k Kind) String() string {
	switch k {
	case KindAmbiguous:
		return "ambiguous"
	case KindAuth:
		return "auth"
	case KindConfig:
		return "config"
	case KindThrottled:
		return "throttled"
	case KindTemporary:
		return "temporary"
	case KindRefused:
		return "refused"
	case KindInvalidAddress:
		return "invalid-address"
	default:
		return fmt.Sprintf("kind(%d)", int(k))
	}
}

// Error is a failed attempt. Its text is made of the kind and a code only: vendors quote addresses, keys and whole mails
// in their prose (facts: ACS, Mailjet, Mailgun, Postmark and SES echo the recipient), so the cause is kept for
// errors.Is and never printed.
type Error struct {
	Kind Kind
	// Code is the vendor's or the protocol's own stable code, such as "429", "550 5.1.1", "MessageRejected" or
	// "connection refused". Never prose, never anything that the vendor filled in.
	Code string
	// RetryAfter is how long the vendor asks us to stay away; 0 where it does not say.
	RetryAfter time.Duration
	// Cause may be nil. It may quote private text: it must not be printed.
	Cause error
}

// Error returns "throttled (429)".
func (e *Error) Error() string {
	if e.Code == "" {
		return e.Kind.String()
	}
	return e.Kind.String() + " (" + e.Code + ")"
}

// Unwrap gives errors.Is and errors.As the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of a provider's error. An error that no provider classified is ambiguous: to call it anything
// else would be to claim knowledge of whether the mail went out.
func KindOf(err error) Kind {
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Kind
	}
	return KindAmbiguous
}
