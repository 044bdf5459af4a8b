package conformance

import (
	"context"
	"fmt"
	"net/http"

	"byoe/devtenant"
)

// delivered makes a call that has to end in a 200, and in a mail with the code where the webhook delivers into the mailbox.
// variant is what was special about it, for the evidence; "" is nothing.
func (r *run) delivered(ctx context.Context, who devtenant.SignIn, req request, remedy, variant string) finding {
	got := r.caller.do(ctx, req)
	if variant != "" {
		variant += ": "
	}
	if !got.ok() {
		return failed(remedy, "%s%s", variant, got)
	}
	if r.base.sound() {
		if wrong := devtenant.Judge(got.status, got.contentType, got.body); wrong.Code != 0 {
			return failed(wrong.Remedy, "%s%s, but %s", variant, got, wrong.Detail)
		}
	}
	if r.base.mail == nil {
		return passed("%s%s; whether a mail went out is not known", variant, got)
	}
	mail := r.arrived(ctx, who.To)
	switch {
	case ctx.Err() != nil:
		return finding{} // whoever called drops it
	case mail == nil:
		return failed(lieRemedy, "%s%s, and no mail came within %s", variant, got, words(arrival))
	case !carries(*mail, who.Code.Reveal()):
		return failed("Put the code into the mail as the text that it is: not as a number, not shortened, not in another letter case",
			"%s%s, but the mail does not carry the code", variant, got)
	default:
		return passed("%s%s, and the mail came", variant, got)
	}
}

// lieRemedy is for every 200 without a mail.
const lieRemedy = "Answer 200 only when a provider has taken the mail: with any other status Entra can send the code itself"

// mailed makes Entra's call for a person and wants a mail of it.
func (r *run) mailed(ctx context.Context, who devtenant.SignIn, remedy, variant string, edits ...edit) finding {
	req, err := r.genuine(who, edits...)
	if err != nil {
		return unplayable(err)
	}
	return r.delivered(ctx, who, req, remedy, variant)
}

// strictness is which answers count as a refusal.
type strictness int

const (
	// anyRefusal is every answer but a success: what a webhook says to nonsense is its own affair.
	anyRefusal strictness = iota
	// clientRefusal is 4xx: a caller without a good token must not get as far as to make something break.
	clientRefusal
)

// refused makes a call that must come to nothing: no 200, no mail, and a refusal in time.
func (r *run) refused(ctx context.Context, to string, req request, strict strictness, remedy string) finding {
	got := r.caller.do(ctx, req)
	switch {
	case got.status >= 200 && got.status < 300:
		return failed(remedy, "%s", got)
	case got.status == 0 && r.base.silent():
		return skipped("The webhook does not answer the documented event either; see event.documented", "%s", got)
	case got.status == 0 && (got.late || strict == clientRefusal):
		return failed("Answer what you refuse, and at once: Entra waits for an answer and calls again", "%s", got)
	case strict == clientRefusal && got.status >= http.StatusInternalServerError:
		return failed("Refuse it with 401 before anything else: a server error says that the token was gone into, or that checking it broke", "%s", got)
	case len(r.settled(ctx, to)) > 0:
		return failed(remedy, "%s, and a mail went out all the same", got)
	case !r.base.accepted:
		return skipped("The webhook does not take the documented event with a genuine token either, so that a refusal says nothing", "%s", got)
	case strict == clientRefusal && got.status != http.StatusUnauthorized:
		return passed("%s; 401 would say why", got)
	default:
		return passed("%s", got)
	}
}

// worst runs several variants of a check and returns the first that did not pass, or else says how many did.
func worst(variants ...func() finding) finding {
	var last finding
	for _, variant := range variants {
		last = variant()
		if last.verdict != devtenant.Pass {
			return last
		}
	}
	if len(variants) > 1 {
		last.evidence = fmt.Sprintf("%d variants in turn, the last of them: %s", len(variants), last.evidence)
	}
	return last
}
