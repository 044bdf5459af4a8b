package delivery_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"byoe/delivery"
	"byoe/message"
	"byoe/providers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vendor is a provider that behaves as a test wants.
type vendor struct {
	name  string
	takes time.Duration // 0: at once; it obeys its context
	err   error
	seen  []providers.Submission
	given []time.Duration // what each attempt's context had left
}

func (v *vendor) Name() string { return v.name }

func (v *vendor) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	v.seen = append(v.seen, s)
	deadline, _ := ctx.Deadline()
	v.given = append(v.given, time.Until(deadline))
	select {
	case <-time.After(v.takes):
		return providers.Receipt{MessageID: v.name + "-id"}, v.err
	case <-ctx.Done():
		return providers.Receipt{}, &providers.Error{Kind: providers.KindAmbiguous, Code: "timeout", Cause: ctx.Err()}
	}
}

func failing(name string, kind providers.Kind) *vendor {
	return &vendor{name: name, err: &providers.Error{Kind: kind, Code: "x"}}
}

func deliver(ctx context.Context, vendors ...*vendor) delivery.Outcome {
	ordered := make([]providers.Provider, len(vendors))
	for i, v := range vendors {
		ordered[i] = v
	}
	return delivery.New(delivery.Config{Budget: 1600 * time.Millisecond}, ordered).Deliver(ctx, time.Now(), &message.Message{})
}

func TestWhoIsAskedAndWhatComesOfIt(t *testing.T) {
	t.Parallel()
	const hang = time.Hour
	cases := map[string]struct {
		vendors []*vendor
		asked   int
		result  delivery.Result
	}{
		"the first takes it":               {[]*vendor{{name: "a"}, {name: "b"}}, 1, delivery.Accepted},
		"auth goes on":                     {[]*vendor{failing("a", providers.KindAuth), {name: "b"}}, 2, delivery.Accepted},
		"config goes on":                   {[]*vendor{failing("a", providers.KindConfig), {name: "b"}}, 2, delivery.Accepted},
		"throttled goes on":                {[]*vendor{failing("a", providers.KindThrottled), {name: "b"}}, 2, delivery.Accepted},
		"temporary goes on":                {[]*vendor{failing("a", providers.KindTemporary), {name: "b"}}, 2, delivery.Accepted},
		"refused goes on":                  {[]*vendor{failing("a", providers.KindRefused), {name: "b"}}, 2, delivery.Accepted},
		"ambiguous goes on":                {[]*vendor{failing("a", providers.KindAmbiguous), {name: "b"}}, 2, delivery.Accepted},
		"an unknown error goes on":         {[]*vendor{{name: "a", err: errors.New("x")}, {name: "b"}}, 2, delivery.Accepted},
		"a wrong address ends it":          {[]*vendor{failing("a", providers.KindInvalidAddress), {name: "b"}}, 1, delivery.InvalidAddress},
		"everybody refuses":                {[]*vendor{failing("a", providers.KindRefused), failing("b", providers.KindRefused)}, 2, delivery.RecipientRefused},
		"one refuses, one is broken":       {[]*vendor{failing("a", providers.KindRefused), failing("b", providers.KindTemporary)}, 2, delivery.ProvidersFailed},
		"everybody is broken":              {[]*vendor{failing("a", providers.KindAuth), failing("b", providers.KindTemporary)}, 2, delivery.ProvidersFailed},
		"the first hangs":                  {[]*vendor{{name: "a", takes: hang}, {name: "b"}}, 2, delivery.Accepted},
		"everybody hangs":                  {[]*vendor{{name: "a", takes: hang}, {name: "b", takes: hang}}, 2, delivery.TimeSpent},
		"one hangs, one is broken":         {[]*vendor{{name: "a", takes: hang}, failing("b", providers.KindTemporary)}, 2, delivery.TimeSpent},
		"a definite answer at the last ms": {[]*vendor{{name: "a", takes: 1599 * time.Millisecond}}, 1, delivery.Accepted},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				outcome := deliver(t.Context(), c.vendors...)
				if outcome.Result() != c.result || len(outcome.Attempts) != c.asked {
					t.Errorf("%s after %d attempts, want %s after %d", outcome.Result(), len(outcome.Attempts), c.result, c.asked)
				}
				if took := time.Since(start); took > 1600*time.Millisecond {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestHangingProviderLeavesTheNextItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow, next, last := &vendor{name: "a", takes: time.Hour}, failing("b", providers.KindTemporary), &vendor{name: "c"}
		deliver(t.Context(), slow, next, last)
		for v, want := range map[*vendor]time.Duration{slow: 1600 * time.Millisecond / 3, next: 1600 * time.Millisecond / 3, last: 1600 * time.Millisecond * 2 / 3} {
			if off := v.given[0] - want; off < -time.Millisecond || off > time.Millisecond {
				t.Errorf("%s got %v, want %v", v.name, v.given[0], want)
			}
		}
	})
}

func TestTimeCountsFromTheArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := &vendor{name: "a"}
		d := delivery.New(delivery.Config{Budget: 1600 * time.Millisecond}, []providers.Provider{late})
		outcome := d.Deliver(t.Context(), time.Now().Add(-1590*time.Millisecond), &message.Message{})
		if outcome.Result() != delivery.TimeSpent || len(late.seen) != 0 {
			t.Errorf("10 ms before the end: %s, %d attempts; want none", outcome.Result(), len(late.seen))
		}
		d.Deliver(t.Context(), time.Now().Add(-time.Second), &message.Message{})
		if late.given[0] != 600*time.Millisecond {
			t.Errorf("a second after the arrival an attempt gets %v, want 600ms", late.given[0])
		}
	})
}

func TestCallerWhoHangsUpEndsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if got := deliver(ctx, &vendor{name: "a", takes: time.Second}).Result(); got != delivery.Accepted {
			t.Errorf("after the caller hung up: %s", got)
		}
	})
}

func TestOneIDForAllProviders(t *testing.T) {
	t.Parallel()
	first, second := failing("a", providers.KindTemporary), &vendor{name: "b"}
	deliver(t.Context(), first, second)
	id := first.seen[0].ID
	if id != second.seen[0].ID {
		t.Error("the second provider got another id")
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%s is no random UUID", id)
	}
	deliver(t.Context(), second)
	if second.seen[1].ID == id {
		t.Error("two deliveries have one id")
	}
}

func TestBudgetBounds(t *testing.T) {
	t.Parallel()
	for budget, good := range map[time.Duration]bool{0: false, 199 * time.Millisecond: false, 200 * time.Millisecond: true, 10 * time.Second: true, 11 * time.Second: false} {
		if problems := (delivery.Config{Budget: budget}).Validate(); (len(problems) == 0) != good {
			t.Errorf("%v: %v", budget, problems)
		}
	}
}

func TestAttemptSaysWhatHappened(t *testing.T) {
	t.Parallel()
	a := delivery.Attempt{Provider: "a", Duration: 1234567 * time.Nanosecond, Err: &providers.Error{Kind: providers.KindThrottled, Code: "429", Cause: errors.New("quotes ann@example.com")}}
	if got, want := a.LogValue().String(), "[provider=a ms=1.23 kind=throttled error=throttled (429)]"; got != want {
		t.Errorf("logged as %s, want %s", got, want)
	}
	if got, want := (delivery.Attempt{Provider: "a", MessageID: "m"}).LogValue().String(), "[provider=a ms=0 messageId=m]"; got != want {
		t.Errorf("logged as %s, want %s", got, want)
	}
}
