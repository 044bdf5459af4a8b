package doctor

import "context"

// Refusals is what the owner says about recipients that get no mail, and what Entra makes of it.
type Refusals struct {
	// Some says that there is a rule by which an address gets no mail: RECIPIENT_ALLOW, RECIPIENT_DENY or RECIPIENT_LIMIT.
	Some bool
	// ByError says that RECIPIENT_REFUSAL is error.
	ByError bool
	// Fallback says whether Microsoft sends the code where the webhook does not; nil where nobody knows. It is asked after the
	// checks that Awaits names.
	Fallback func() *bool
	Awaits   []string
}

// Policies warns of rules that Entra's fallback defeats: the webhook refuses the address, and Microsoft mails it the code.
func Policies(r Refusals) Check {
	return Check{ID: "policies", Title: "Refused recipients", Group: "policies", Awaits: r.Awaits, Look: func(context.Context) []Result {
		return []Result{r.judge()}
	}}
}

func (r Refusals) judge() Result {
	const remedy = "Set RECIPIENT_REFUSAL=drop where refused addresses must get no code, or switch the fallback off"
	switch {
	case !r.Some:
		return ok("no rule refuses anybody")
	case !r.ByError:
		return ok("a refused address gets no mail from anybody")
	}
	on := r.Fallback()
	switch {
	case on == nil:
		return skip("RECIPIENT_REFUSAL is error, and whether Microsoft then sends the code is not known", "Sign in for the Entra checks, or say --fallback=on or off")
	case *on:
		return warn("RECIPIENT_REFUSAL is error and Entra's fallback is on: Microsoft sends the code to every address that byoe refuses", remedy)
	default:
		return ok("RECIPIENT_REFUSAL is error and the fallback is off: a refused address gets no mail")
	}
}
