package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/message"
	"byoe/providers"
	"byoe/redact"
)

// weather is a provider that fails in every way there is, by dice, and keeps count of what went out.
type weather struct {
	name string
	dice *dice
	post *postOffice
}

// dice is a random source for many goroutines.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (d *dice) roll(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// postOffice counts mails by event.
type postOffice struct {
	mu    sync.Mutex
	mails map[string]int
}

func (p *postOffice) take(event string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails[event]++
}

func (w *weather) Name() string { return w.name }

func (w *weather) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	fail := func(kind providers.Kind, code string) (providers.Receipt, error) {
		return providers.Receipt{}, &providers.Error{Kind: kind, Code: code}
	}
	wait := func(d time.Duration) bool {
		select {
		case <-time.After(d):
			return true
		case <-ctx.Done():
			return false
		}
	}
	switch w.dice.roll(20) {
	case 0:
		return fail(providers.KindTemporary, "connection refused")
	case 1:
		return fail(providers.KindThrottled, "429")
	case 2:
		return fail(providers.KindTemporary, "503")
	case 3:
		return fail(providers.KindAuth, "401")
	case 4: // it hangs and takes nothing
		<-ctx.Done()
		return fail(providers.KindAmbiguous, "timeout")
	case 5: // it takes the mail, and its answer is lost
		w.post.take(s.Message.CorrelationID)
		return fail(providers.KindAmbiguous, "reset")
	case 6, 7: // it is slow
		if !wait(time.Duration(w.dice.roll(4000)) * time.Millisecond) {
			return fail(providers.KindAmbiguous, "timeout")
		}
	default:
		if !wait(time.Duration(20+w.dice.roll(200)) * time.Millisecond) {
			return fail(providers.KindAmbiguous, "timeout")
		}
	}
	w.post.take(s.Message.CorrelationID)
	return providers.Receipt{MessageID: "id"}, nil
}

// storm is many sign-ins over some instances that share a store, with Entra's time-out and retry.
type storm struct {
	instances []*delivery.Deliverer
	dice      *dice
	post      *postOffice

	mu       sync.Mutex
	unclear  map[string]int // ambiguous attempts by event
	failOpen int
	told     map[string]verdict // by event
}

// verdict is what Entra knows in the end.
type verdict struct {
	accepted bool // a call was answered with a 200
	refused  bool // the last call was answered with something else
}

// call sends an event to any instance, and hangs up after Entra's time-out; what became of it is noted when it is known.
func (s *storm) call(ctx context.Context, event string, done *sync.WaitGroup) (timedOut, accepted bool) {
	o := delivery.Order{
		Arrived: time.Now(), TenantID: "t", Recipient: redact.NewSecret(event + "@example.com"), Code: redact.NewSecret("1"),
		Message: &message.Message{CorrelationID: event},
	}
	instance := s.instances[s.dice.roll(len(s.instances))]
	answer := make(chan delivery.Outcome, 1)
	done.Go(func() {
		outcome := instance.Deliver(ctx, o)
		s.note(event, outcome)
		answer <- outcome
	})
	select {
	case outcome := <-answer:
		return false, outcome.Result() == delivery.Accepted
	case <-time.After(2 * time.Second):
		return true, false
	}
}

func (s *storm) note(event string, o delivery.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Claim == delivery.ClaimFailedOpen {
		s.failOpen++
	}
	s.unclear[event] += o.Ambiguous()
	if o.Open() {
		s.unclear[event]++ // how it ended, this caller was not told
	}
}

// signIn calls twice or three times, whatever the answers: harsher than Entra, which leaves off at a 200.
func (s *storm) signIn(ctx context.Context, event string) {
	var done sync.WaitGroup
	var end verdict
	for range 2 + s.dice.roll(2) {
		timedOut, accepted := s.call(ctx, event, &done)
		end.accepted = end.accepted || accepted
		end.refused = !end.accepted && !timedOut
	}
	done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[event] = end
}

func TestStormOfRetries(t *testing.T) {
	t.Parallel()
	for instances, seed := range map[int]uint64{1: 7, 3: 11} {
		t.Run(fmt.Sprintf("%d instances", instances), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { blow(t, instances, seed) })
		})
	}
}

// blow runs 2,000 events in two minutes and holds every mail against what its caller was told.
func blow(t *testing.T, instances int, seed uint64) {
	s := &storm{dice: &dice{r: rand.New(rand.NewPCG(seed, seed))}, post: &postOffice{mails: map[string]int{}}, unclear: map[string]int{}, told: map[string]verdict{}}
	c := settings()
	c.HashKey = redact.NewSecret(strings.Repeat("k", 32))
	shared := memory.New()
	for range instances {
		two := []providers.Provider{&weather{"a", s.dice, s.post}, &weather{"b", s.dice, s.post}}
		s.instances = append(s.instances, delivery.New(c, delivery.RecipientConfig{}, delivery.Parts{Providers: two, Claims: shared}))
	}
	const events = 2000
	var all sync.WaitGroup
	for i := range events {
		time.Sleep(60 * time.Millisecond)
		all.Go(func() { s.signIn(t.Context(), fmt.Sprintf("event-%d", i)) })
	}
	all.Wait()
	for _, d := range s.instances {
		d.Drain(t.Context())
	}
	twice, silent := 0, 0
	for i := range events {
		event := fmt.Sprintf("event-%d", i)
		mails, unclear := s.post.mails[event], s.unclear[event]
		if err := s.judge(mails, unclear, s.told[event]); err != nil {
			t.Errorf("%s: %v (%d mails, %d unclear attempts, told %+v)", event, err, mails, unclear, s.told[event])
		}
		if mails > 1 {
			twice++
		}
		if mails == 0 {
			silent++
		}
	}
	if s.failOpen != 0 {
		t.Errorf("%d fail-opens with a store that works", s.failOpen)
	}
	t.Logf("%d instances: %d events, %d with two mails after an ambiguous attempt, %d with none and a truthful failure", instances, events, twice, silent)
}

// judge says what is wrong with one event's end.
func (s *storm) judge(mails, unclear int, told verdict) error {
	switch {
	case told.accepted && mails == 0:
		return errors.New("a 200 for a mail that nobody has")
	case mails > 1 && unclear == 0:
		return errors.New("sent twice although everything was clear")
	case mails > 1+unclear:
		return errors.New("sent more often than the unclear attempts explain")
	case told.refused && mails > 0 && unclear == 0:
		return errors.New("a failure for a mail that went out")
	default:
		return nil
	}
}
