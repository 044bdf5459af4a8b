package event

import "strings"

// Flow is what the person does while they wait for the code.
type Flow int

// The flows that the mail tells apart.
const (
	// FlowOther is any request type that is absent or unknown: second factors, native authentication, and whatever
	// Microsoft adds. The zero value on purpose.
	FlowOther Flow = iota
	FlowSignUp
	FlowSignIn
	FlowPasswordReset
)

// Flows lists every flow, for previews and tests.
func Flows() []Flow { return []Flow{FlowSignUp, FlowSignIn, FlowPasswordReset, FlowOther} }

// String returns the flow's word for settings, logs and catalogues.
func (f Flow) String() string {
	switch f {
	case FlowSignUp:
		return "sign-up"
	case FlowSignIn:
		return "sign-in"
	case FlowPasswordReset:
		return "password-reset"
	case FlowOther:
		return "other"
	default:
		return "other"
	}
}

// ParseFlow reads a flow's own word, as String gives it.
func ParseFlow(word string) (Flow, bool) {
	for _, f := range Flows() {
		if f.String() == word {
			return f, true
		}
	}
	return FlowOther, false
}

// FlowOf reads Entra's requestType. Only "signUp" is documented; Microsoft's sample has "SignIn", and no enumeration is
// published. So letter case and separators do not count, the plausible words for a reset are taken, and anything else
// gets the general mail instead of an error.
func FlowOf(requestType string) Flow {
	word := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(requestType))
	switch word {
	case "signup":
		return FlowSignUp
	case "signin":
		return FlowSignIn
	case "passwordreset", "resetpassword", "forgotpassword", "selfservicepasswordreset", "sspr":
		return FlowPasswordReset
	default:
		return FlowOther
	}
}
