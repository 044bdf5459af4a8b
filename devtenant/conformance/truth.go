package conformance

import (
	"context"
	"slices"
	"time"

	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

// lostMost is how many mails may come of an event whose provider took the mail and did not say so: one with it, one with the
// next provider, because then nobody knows whether there is one.
const lostMost = 2

// truthChecks: a 200 means that a provider has the mail. Everything else tells Entra that it must help.
func truthChecks() []check {
	var checks []check
	add := func(id, title string, fault mailbox.Fault) {
		checks = append(checks, check{id: id, title: title, stage: alone, needs: aMail, run: func(ctx context.Context, r *run) finding {
			return r.checkUndelivered(ctx, fault)
		}})
	}
	add("truth.refused", "no 200 where the providers refuse", mailbox.FaultRefuse)
	add("truth.throttled", "no 200 where the providers take no more for now", mailbox.FaultThrottle)
	add("truth.recipient", "no 200 where the providers do not know the recipient", mailbox.FaultRecipient)
	add("truth.down", "no 200 where the providers cut the connection", mailbox.FaultDown)
	add("truth.hanging", "no 200 where the providers hang", mailbox.FaultHang)
	return append(
		checks,
		check{id: "truth.lost-answer", title: "a provider's answer that got lost makes no flood", stage: alone, needs: aMail, run: checkLostAnswer},
		check{id: "truth.failover", title: "a second provider helps where the first refuses", stage: alone, needs: aMail, run: checkFailover},
		check{id: "truth.recovers", title: "mails go out again when the fault is over", stage: alone, needs: anAnswer, run: checkRecovers},
	)
}

// standIns are where a webhook of this tenant can hand over mail.
func standIns() []string { return []string{mailbox.SMTP, mailbox.SendGrid} }

// standIn names one for people.
func standIn(provider string) string {
	if provider == mailbox.SendGrid {
		return "SendGrid's API"
	}
	return "SMTP"
}

// breakProviders breaks each of them until the tenant is mended.
func (r *run) breakProviders(f mailbox.Fault) error {
	for _, provider := range standIns() {
		err := r.tenant.Mailbox().SetFault(provider, f, 0)
		if err != nil {
			return err
		}
	}
	return nil
}

// brokenCall breaks the providers and makes Entra's call.
func (r *run) brokenCall(ctx context.Context, who devtenant.SignIn, f mailbox.Fault) (reply, error) {
	req, err := r.genuine(who)
	if err == nil {
		err = r.breakProviders(f)
	}
	if err != nil {
		return reply{}, err
	}
	return r.caller.do(ctx, req), nil
}

// checkUndelivered: while no provider takes mail, a 200 is a lie. No answer in time is none: Entra takes it for a failure.
func (r *run) checkUndelivered(ctx context.Context, f mailbox.Fault) finding {
	if why := r.lost(); why != "" {
		return skipped(why, notTried)
	}
	who := r.people.next()
	got, err := r.brokenCall(ctx, who, f)
	if err != nil {
		return unplayable(err)
	}
	mails := len(r.settled(ctx, who.To))
	switch {
	case got.ok() && mails == 0:
		return failed(lieRemedy, "%s, and there is no mail", got)
	case mails > 0:
		return skipped("The webhook has another way to send than the tenant's stand-ins", "%s, and a mail came all the same", got)
	case got.status == 0 && f != mailbox.FaultHang:
		return failed("Answer as soon as the provider has: Entra waits, and then calls again for nothing", "%s, though the provider answered at once", got)
	case got.status == 0:
		return passed("%s, which Entra takes for the failure that it is", got)
	default:
		return passed("%s", got)
	}
}

// checkLostAnswer: the mail is there, and the webhook cannot know. Either answer is right.
func checkLostAnswer(ctx context.Context, r *run) finding {
	if why := r.lost(); why != "" {
		return skipped(why, notTried)
	}
	who := r.people.next()
	got, err := r.brokenCall(ctx, who, mailbox.FaultLose)
	if err != nil {
		return unplayable(err)
	}
	switch mails := len(r.settled(ctx, who.To)); {
	case mails > lostMost:
		return failed("Do not send again and again where it is not known whether a mail went out", "%s, and %d mails with the same code came", got, mails)
	case mails == 0 && got.ok():
		return failed(lieRemedy, "%s, and there is no mail", got)
	default:
		return passed("%s, %s", got, count(mails))
	}
}

// checkFailover breaks the stand-in that had the first mail, and looks whether the other one is tried.
func checkFailover(ctx context.Context, r *run) finding {
	if why := r.lost(); why != "" {
		return skipped(why, notTried)
	}
	who := r.people.next()
	req, err := r.genuine(who)
	broken := r.base.mail.Provider
	if err == nil {
		err = r.tenant.Mailbox().SetFault(broken, mailbox.FaultRefuse, 0)
	}
	if err != nil {
		return unplayable(err)
	}
	since := time.Now()
	got := r.caller.do(ctx, req)
	if got.ok() {
		mail := r.arrived(ctx, who.To)
		if mail == nil {
			return failed(lieRemedy, "%s, and no mail came within %s", got, words(arrival))
		}
		return passed("%s refused, and the mail came by %s: %s", standIn(broken), standIn(mail.Provider), got)
	}
	tried := slices.ContainsFunc(r.tenant.Mailbox().Submissions(), func(s mailbox.Submission) bool {
		return s.Provider != broken && !s.At.Before(since)
	})
	if tried {
		return failed("See why the second provider's mail did not count: it was handed over within the time", "%s refused, the other one was tried, and the webhook %s", standIn(broken), got)
	}
	return skipped("The webhook uses only one of the tenant's stand-ins. A second provider keeps sign-ins going when the first has a bad day", "%s refused, and the webhook %s", standIn(broken), got)
}
