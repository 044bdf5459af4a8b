package conformance

import (
	"context"
	"sync"
	"time"

	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

// cutAfter is when the first attempt is given up whose provider hangs: Entra allows time-outs as short as 200 ms.
const cutAfter = 500 * time.Millisecond

const onceRemedy = "Remember for some seconds which code went to which address, hashed, and answer the retry with the first attempt's outcome: " +
	"Entra calls again after a time-out, and people in the field got the same code twice"

func retryChecks() []check {
	return []check{
		{id: "retry.again", title: "the same event again is one mail", needs: aMail, run: checkAgain},
		{id: "retry.at-once", title: "the same event twice at once is one mail", needs: aMail, run: checkAtOnce},
		{id: "retry.correlation", title: "the same code with another correlation id is one mail", needs: aMail, run: checkCorrelation},
		{id: "retry.new-code", title: "a new code for the same address is a second mail", needs: aMail, run: checkNewCode},
		{id: "retry.time-out", title: "the retry after a time-out gets a truthful answer", stage: alone, needs: aMail, run: checkTimeOut},
	}
}

func checkAgain(ctx context.Context, r *run) finding {
	who := r.people.next()
	req, err := r.genuine(who)
	if err != nil {
		return unplayable(err)
	}
	return r.once(ctx, who, onceRemedy, r.caller.do(ctx, req), r.caller.do(ctx, req))
}

func checkAtOnce(ctx context.Context, r *run) finding {
	who := r.people.next()
	req, err := r.genuine(who)
	if err != nil {
		return unplayable(err)
	}
	var replies [2]reply
	var calling sync.WaitGroup
	for i := range replies {
		calling.Go(func() { replies[i] = r.caller.do(ctx, req) })
	}
	calling.Wait()
	return r.once(ctx, who, onceRemedy+". Take note of the event before the mail is sent, not after: otherwise two at once both send", replies[:]...)
}

// checkCorrelation: whether Entra's retry keeps the correlation id is nowhere said.
func checkCorrelation(ctx context.Context, r *run) finding {
	who := r.people.next()
	one, err := r.genuine(who)
	if err != nil {
		return unplayable(err)
	}
	other, err := r.genuine(who) // the tenant makes a new correlation id for each event
	if err != nil {
		return unplayable(err)
	}
	return r.once(ctx, who, onceRemedy+". Go by address and code: that a retry keeps its correlation id is documented nowhere",
		r.caller.do(ctx, one), r.caller.do(ctx, other))
}

// once wants every reply to be 200, and one mail in all.
func (r *run) once(ctx context.Context, who devtenant.SignIn, remedy string, replies ...reply) finding {
	for i, got := range replies {
		if !got.ok() {
			return failed("Answer the retry of an event whose mail went out with 200: it did go out", "call %d of %d: %s", i+1, len(replies), got)
		}
	}
	if r.arrived(ctx, who.To) == nil {
		return failed(lieRemedy, "every call was answered with 200, and no mail came within %s", words(arrival))
	}
	if mails := r.settled(ctx, who.To); len(mails) != 1 {
		return failed(remedy, "%d mails with the same code", len(mails))
	}
	return passed("both answered with 200, one mail")
}

// checkNewCode: somebody asks for another code at once, because the first did not come.
func checkNewCode(ctx context.Context, r *run) finding {
	who := r.people.next()
	const remedy = "Go by address and code, not by address alone: Entra takes the newest code, and who asked for it waits for it"
	if sent := r.mailed(ctx, who, remedy, "the first code"); sent.verdict != devtenant.Pass {
		return sent
	}
	who.Code = digits(8)
	req, err := r.genuine(who)
	if err != nil {
		return unplayable(err)
	}
	got := r.caller.do(ctx, req)
	if !got.ok() {
		return failed(remedy, "the second code: %s", got)
	}
	if !r.reads(ctx, who) {
		return failed(remedy, "the second code: %s, and no mail with it came within %s", got, words(arrival))
	}
	return passed("a mail with each code")
}

// reads waits for a mail to somebody with this very code.
func (r *run) reads(ctx context.Context, who devtenant.SignIn) bool {
	ctx, cancel := context.WithTimeout(ctx, arrival)
	defer cancel()
	_, err := r.tenant.Mailbox().Wait(ctx, func(m mailbox.Mail) bool { return isFor(m, who.To) && carries(m, who.Code.Reveal()) })
	return err == nil
}

// checkTimeOut cuts the first attempt while its provider hangs, mends the provider and calls again, as Entra would.
func checkTimeOut(ctx context.Context, r *run) finding {
	if why := r.lost(); why != "" {
		return skipped(why, notTried)
	}
	who := r.people.next()
	req, err := r.genuine(who)
	if err == nil {
		err = r.breakProviders(mailbox.FaultHang)
	}
	if err != nil {
		return unplayable(err)
	}
	req.within = cutAfter
	before := r.caller.do(ctx, req)
	r.tenant.Mend()
	req.within = devtenant.Timeout
	got := r.caller.do(ctx, req)
	if got.ok() {
		_ = r.arrived(ctx, who.To)
	}
	mails := len(r.settled(ctx, who.To))
	switch {
	case before.ok() && mails == 0:
		return failed(lieRemedy, "200 while the provider hung, and no mail")
	case got.ok() && mails == 0:
		return failed("Answer the retry with what became of the first attempt, or send: an event that was seen is not a mail that was sent",
			"the first attempt was cut off while the provider hung; the retry was answered with 200, and no mail came")
	case mails > 1:
		return failed(onceRemedy, "%d mails with the same code", mails)
	case mails == 1 && !got.ok():
		return passed("the retry: %s. The mail came all the same; with the fallback on, Microsoft sends another", got)
	default:
		return passed("the retry: %s, %s", got, count(mails))
	}
}
