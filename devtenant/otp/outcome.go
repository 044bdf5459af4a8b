package otp

// Outcome is what became of a code that was asked for or entered. The zero value is none of them, and no success.
type Outcome int

// The outcomes. Each failure is named after B2C's item for its message, without "UserMessageIf".
const (
	// Generated says that a code was given.
	Generated Outcome = iota + 1
	// Verified says that the code is right.
	Verified
	// SessionDoesNotExist says that the session has no code for the identifier: it never got one, or the code has expired
	// or was used.
	SessionDoesNotExist
	// MaxRetryAttempted says that the tries are spent. There is no new code either until the time has passed.
	MaxRetryAttempted
	// MaxNumberOfCodeGenerated says that the identifier had as many codes as it may. The last one can still be verified.
	MaxNumberOfCodeGenerated
	// InvalidCode says that the code is wrong and that this was the last try.
	InvalidCode
	// VerificationFailedRetryAllowed says that the code is wrong and that there are tries left.
	VerificationFailedRetryAllowed
	// SessionConflict says that another session asked for a code for the identifier, which replaced this session's.
	SessionConflict
)

// Outcomes returns every outcome.
func Outcomes() []Outcome {
	return []Outcome{
		Generated, Verified, SessionDoesNotExist, MaxRetryAttempted, MaxNumberOfCodeGenerated, InvalidCode,
		VerificationFailedRetryAllowed, SessionConflict,
	}
}

// String returns a stable word for logs and tests.
func (o Outcome) String() string {
	switch o {
	case Generated:
		return "generated"
	case Verified:
		return "verified"
	case SessionDoesNotExist:
		return "session-does-not-exist"
	case MaxRetryAttempted:
		return "max-retry-attempted"
	case MaxNumberOfCodeGenerated:
		return "max-number-of-code-generated"
	case InvalidCode:
		return "invalid-code"
	case VerificationFailedRetryAllowed:
		return "verification-failed-retry-allowed"
	case SessionConflict:
		return "session-conflict"
	default:
		return "unknown"
	}
}

// MessageID returns the name of the outcome's message. A failure's is the name of the metadata item in which B2C lets a
// policy change the text; B2C has no such item for a success, so "sent" and "verified" are ours.
func (o Outcome) MessageID() string {
	switch o {
	case Generated:
		return "sent"
	case Verified:
		return "verified"
	case SessionDoesNotExist:
		return "UserMessageIfSessionDoesNotExist"
	case MaxRetryAttempted:
		return "UserMessageIfMaxRetryAttempted"
	case MaxNumberOfCodeGenerated:
		return "UserMessageIfMaxNumberOfCodeGenerated"
	case InvalidCode:
		return "UserMessageIfInvalidCode"
	case VerificationFailedRetryAllowed:
		return "UserMessageIfVerificationFailedRetryAllowed"
	case SessionConflict:
		return "UserMessageIfSessionConflict"
	default:
		return ""
	}
}
