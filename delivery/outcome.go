package delivery

import (
	"log/slog"
	"time"

	"byoe/providers"
)

// Attempt is one provider's turn.
type Attempt struct {
	Provider string
	// Began is zero where nobody was asked: the mail was accepted before, and this is who took it.
	Began    time.Time
	Duration time.Duration
	// MessageID is the vendor's id of an accepted mail; it may be empty.
	MessageID string
	// Err is nil where the provider accepted the mail, else an error fit for a log.
	Err error

	cut   bool   // its time ended it
	stack string // where it panicked; "" where it did not
}

// Rested says that nobody was asked, because the provider's breaker was open.
func (a Attempt) Rested() bool { return isOpen(a.Err) }

// LogValue gives the log line one attempt: provider, milliseconds, and what came of it.
func (a Attempt) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("provider", a.Provider), slog.Float64("ms", Milliseconds(a.Duration))}
	if a.Err != nil {
		attrs = append(attrs, slog.String("kind", providers.KindOf(a.Err).String()), slog.String("error", a.Err.Error()))
	}
	if a.MessageID != "" {
		attrs = append(attrs, slog.String("messageId", a.MessageID))
	}
	if a.stack != "" {
		attrs = append(attrs, slog.String("stack", a.stack))
	}
	return slog.GroupValue(attrs...)
}

// Milliseconds is a duration for people: to a hundredth of a millisecond.
func Milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// Result says in one word what became of a message.
type Result int

// The results. Only Accepted is a success: a provider has taken responsibility for the mail.
const (
	// ProvidersFailed: every provider failed for a reason of its own or ours. The zero value on purpose: nothing is
	// accepted unless somebody said so.
	ProvidersFailed Result = iota
	Accepted
	// InvalidAddress: the address is wrong everywhere.
	InvalidAddress
	// RecipientRefused: each provider refuses this recipient.
	RecipientRefused
	// TimeSpent: the time ended before a provider accepted the mail.
	TimeSpent
	// Overloaded: too much is in flight; nothing was tried.
	Overloaded
	// RecipientDenied: the owner's policy refuses the recipient.
	RecipientDenied
	// RecipientLimited: the address got too much mail already.
	RecipientLimited
	// Dropped: one of these two, and the owner wants the caller to be told that all is well.
	Dropped
)

// String returns the result's word for logs and metrics.
func (r Result) String() string {
	switch r {
	case Accepted:
		return "accepted"
	case InvalidAddress:
		return "invalid-address"
	case RecipientRefused:
		return "recipient-refused"
	case TimeSpent:
		return "time-spent"
	case Overloaded:
		return "overloaded"
	case RecipientDenied:
		return "recipient-denied"
	case RecipientLimited:
		return "recipient-limited"
	case Dropped:
		return "dropped"
	case ProvidersFailed:
		return "providers-failed"
	default:
		return "providers-failed"
	}
}

// Outcome is everything that was tried for one message.
type Outcome struct {
	// Claim is how the delivery came by its event.
	Claim How
	// StoreErr is why the claim failed open, nil elsewhere; its text is fit for a log.
	StoreErr error
	// ClaimBegan and ClaimTook are the time that it took to come by the claim; zero where none was needed.
	ClaimBegan time.Time
	ClaimTook  time.Duration
	Attempts   []Attempt
	// Trace is the place in a trace of the call that began the delivery; see Order.
	Trace string

	open       bool // it is still in flight; the callers' time ended
	outOfTime  bool // a provider was left that could not be asked any more
	overloaded bool
	denied     bool
	limited    bool
	dropped    bool // denied or limited, and the caller is not to know
}

// Open says whether the delivery was still in flight when the caller had to be answered.
func (o Outcome) Open() bool { return o.open }

// FailedOver says that another provider took the mail than the one that was asked first.
func (o Outcome) FailedOver() bool { return len(o.Attempts) > 1 && o.Result() == Accepted }

// Ambiguous is how many attempts ended without anybody knowing whether the mail went out. Where one of them was followed
// by another attempt, two mails may have been sent.
func (o Outcome) Ambiguous() int {
	n := 0
	for _, a := range o.Attempts {
		if a.Err != nil && providers.KindOf(a.Err) == providers.KindAmbiguous {
			n++
		}
	}
	return n
}

// Result sums the attempts up.
func (o Outcome) Result() Result {
	switch {
	case o.overloaded:
		return Overloaded
	case o.dropped && (o.denied || o.limited):
		return Dropped
	case o.denied:
		return RecipientDenied
	case o.limited:
		return RecipientLimited
	}
	return o.resultOfAttempts()
}

func (o Outcome) resultOfAttempts() Result {
	refused, cut := 0, o.outOfTime || o.open
	for _, a := range o.Attempts {
		switch kind := providers.KindOf(a.Err); {
		case a.Err == nil:
			return Accepted
		case kind == providers.KindInvalidAddress:
			return InvalidAddress
		case kind == providers.KindRefused:
			refused++
		}
		cut = cut || a.cut
	}
	switch {
	case cut:
		return TimeSpent
	case refused > 0 && refused == len(o.Attempts):
		return RecipientRefused
	default:
		return ProvidersFailed
	}
}
