package conformance

import (
	"context"
	"time"

	"byoe/devtenant"
)

const (
	// rolled is how long a webhook may need until it accepts a new key. Entra publishes a key well before it signs with it,
	// so that a minimum between two readings of the keys costs nobody a sign-in.
	rolled = 15 * time.Second
	// withdrawn is how long a withdrawn key is watched. Webhooks may keep keys for a day (Microsoft: "Signing key rollover").
	withdrawn = 15 * time.Second
	// step is the time between two tries.
	step = time.Second
	// head is what a call that makes the webhook read the keys has before the genuine one.
	head = 50 * time.Millisecond
)

func keyChecks() []check {
	checks := []check{
		{id: "keys.new", title: "a key that the tenant rolled to is accepted", stage: first, needs: anAnswer, run: checkNewKey},
		{id: "keys.withdrawn", title: "a key that the tenant withdrew is refused in the end", needs: anAnswer, run: checkWithdrawnKey},
	}
	for _, fault := range []struct {
		id, title string
		fault     devtenant.KeyFault
	}{
		{"keys.failing", "known keys count while the key endpoint fails", devtenant.KeysFail},
		{"keys.hanging", "known keys count while the key endpoint hangs", devtenant.KeysHang},
		{"keys.empty", "known keys count while the key endpoint has none", devtenant.KeysEmpty},
		{"keys.garbage", "known keys count while the key endpoint answers nonsense", devtenant.KeysGarbage},
	} {
		checks = append(checks, check{
			id: fault.id, title: fault.title, stage: alone, needs: anAnswer,
			run: func(ctx context.Context, r *run) finding { return r.checkKeyFault(ctx, fault.fault) },
		})
	}
	return checks
}

// checkNewKey comes before every token of an unknown key.
func checkNewKey(ctx context.Context, r *run) finding {
	old, err := r.tenant.Token()
	if err == nil {
		err = r.tenant.RollKeys()
	}
	if err != nil {
		return unplayable(err)
	}
	r.oldToken = old
	const remedy = "Where a token names a kid that the webhook does not know, read the keys again, at once and at most once in a while"
	var got reply
	for began, tries := time.Now(), 1; time.Since(began) < rolled && ctx.Err() == nil; tries++ {
		req, err := r.genuine(r.people.next())
		if err != nil {
			return unplayable(err)
		}
		got = r.caller.do(ctx, req)
		switch {
		case got.ok() && tries == 1:
			return passed("accepted at once: %s", got)
		case got.ok():
			return passed("accepted in attempt %d, %s after the roll; Entra itself publishes a key well before it uses it", tries, words(time.Since(began)))
		}
		pause(ctx, step)
	}
	return failed(remedy, "refused for %s: %s", words(rolled), got)
}

// checkWithdrawnKey shows a token of the old key again and again, and each time before it one of an unknown key, which makes
// webhooks look at the published keys.
func checkWithdrawnKey(ctx context.Context, r *run) finding {
	if r.oldToken == "" {
		return skipped("There is no token of an old key; see keys.new", notTried)
	}
	r.tenant.WithdrawOldKeys()
	var got reply
	began := time.Now()
	for tries := 1; time.Since(began) < withdrawn && ctx.Err() == nil; tries++ {
		r.unknownKey(ctx)
		body, err := r.event(r.people.next())
		if err != nil {
			return unplayable(err)
		}
		got = r.caller.do(ctx, request{authorization: "Bearer " + r.oldToken, body: body})
		if got.status >= 400 && got.status < 500 {
			if tries == 1 {
				return passed("refused at once: %s", got)
			}
			return passed("refused %s after it was withdrawn: %s", words(time.Since(began)), got)
		}
		pause(ctx, step)
	}
	return skipped("That may be in order, because webhooks may keep keys for a day. See that yours reads them again by itself, and forgets those that are gone: "+
		"a stolen key is withdrawn, too", "%s after it was withdrawn the old key's token is not refused yet: %s", words(withdrawn), got)
}

// checkKeyFault has the webhook read the broken endpoint, if it reads it at all, and calls it meanwhile as Entra would.
func (r *run) checkKeyFault(ctx context.Context, fault devtenant.KeyFault) finding {
	if why := r.lost(); why != "" {
		return skipped(why, notTried)
	}
	err := r.tenant.SetKeyFault(fault)
	if err != nil {
		return unplayable(err)
	}
	before := r.tenant.KeyReads()
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		r.unknownKey(ctx)
	}()
	defer func() { <-reading }()
	pause(ctx, head)
	const remedy = "Keep the keys that worked until better ones are there: an answer without usable keys is no reason to forget them. And read them in the background, " +
		"so that a genuine call does not wait for it"
	during := r.mailed(ctx, r.people.next(), remedy, "while the keys are being read")
	if during.verdict != devtenant.Pass {
		return during
	}
	<-reading
	after := r.mailed(ctx, r.people.next(), remedy, "")
	if r.tenant.KeyReads() == before { // whoever reads seldom is right to, and this check has seen less of it
		after.evidence += "; it did not read the broken endpoint meanwhile"
	}
	return after
}

// unknownKey calls with a token of a key that nobody published. Its answer is another check's affair.
func (r *run) unknownKey(ctx context.Context) {
	token, err := r.tenant.Token(devtenant.WithHeader("kid", "nobodys-key"))
	if err != nil {
		return
	}
	body, err := r.event(r.people.next())
	if err != nil {
		return
	}
	r.caller.do(ctx, request{authorization: "Bearer " + token, body: body})
}
