package devtenant

// Caller is who brings a code to a webhook. The zero value is Entra.
type Caller int

// The callers.
const (
	// Entra sends the event EmailOtpSend, with a token.
	Entra Caller = iota
	// Policy is an Azure AD B2C custom policy, which sends claims, with a key.
	Policy
)

// String is the caller's name on the pages.
func (c Caller) String() string {
	if c == Policy {
		return "The B2C policy"
	}
	return "Entra"
}

// Carries is what comes with a call to prove who makes it.
func (c Caller) Carries() string {
	if c == Policy {
		return "Key"
	}
	return "Token"
}

// Sends is what the call is about.
func (c Caller) Sends() string {
	if c == Policy {
		return "the claims"
	}
	return "the event"
}

// behaves is how the caller goes about a webhook: a policy calls once and has no mail of Microsoft's to fall back on.
func (c Caller) behaves(b Behaviour) Behaviour {
	if c == Policy {
		b.Timeout, b.Retries, b.Fallback = b2cTimeout, 0, false
	}
	return b
}

// body is the request's body for a sign-in whose defaults are filled in.
func (t *Tenant) body(c Caller, s SignIn, b Behaviour) ([]byte, error) {
	if c == Policy {
		return t.policyClaims(s)
	}
	return t.payload(s, b.LowerCaseCode)
}

// credential is the header field that proves who calls, and the secret in it.
func (t *Tenant) credential(c Caller) (field, prefix, secret string, err error) {
	if c == Policy {
		return t.b2c.KeyHeader, "", t.b2c.Key.Reveal(), nil
	}
	token, err := t.Token()
	return "Authorization", "Bearer ", token, err
}

// judge says what the caller makes of an answer, and what the person reads of it.
func (c Caller) judge(a answer) (r Refusal, userMessage string) {
	if c == Policy {
		return judgeB2C(a)
	}
	return judge(a), ""
}
