package delivery_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/message"
	"byoe/providers"
	"byoe/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// vendor is a provider that behaves as a test wants.
type vendor struct {
	name  string
	takes time.Duration // 0: at once; it obeys its context
	err   error
	dies  bool // it panics

	mu    sync.Mutex
	seen  []providers.Submission
	given []time.Duration // what each attempt's context had left
	sent  int             // mails that really went out
}

func (v *vendor) Name() string { return v.name }

func (v *vendor) Send(ctx context.Context, s providers.Submission) (providers.Receipt, error) {
	deadline, _ := ctx.Deadline()
	v.mu.Lock()
	v.seen = append(v.seen, s)
	v.given = append(v.given, time.Until(deadline))
	v.mu.Unlock()
	if v.dies {
		panic("02345678")
	}
	select {
	case <-time.After(v.takes):
	case <-ctx.Done():
		return providers.Receipt{}, &providers.Error{Kind: providers.KindAmbiguous, Code: "timeout", Cause: ctx.Err()}
	}
	if v.err != nil {
		return providers.Receipt{}, v.err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sent++
	return providers.Receipt{MessageID: v.name + "-id"}, nil
}

func (v *vendor) asked() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.seen)
}

func failing(name string, kind providers.Kind) *vendor {
	return &vendor{name: name, err: &providers.Error{Kind: kind, Code: "x"}}
}

// settings are the defaults.
func settings() delivery.Config {
	return delivery.Config{Budget: 1600 * time.Millisecond, Hold: 2500 * time.Millisecond, RotateOnResend: true, DedupeTTL: 20 * time.Second}
}

func deliverer(c delivery.Config, vendors ...*vendor) *delivery.Deliverer {
	ordered := make([]providers.Provider, len(vendors))
	for i, v := range vendors {
		ordered[i] = v
	}
	return delivery.New(c, delivery.RecipientConfig{}, delivery.Parts{Providers: ordered, Claims: memory.New()})
}

// order is an event that arrives now.
func order(code string) delivery.Order {
	return delivery.Order{
		Arrived: time.Now(), TenantID: "t", Recipient: redact.NewSecret("ann@example.com"), Code: redact.NewSecret(code),
		Message: &message.Message{CorrelationID: "corr-1"},
	}
}

func deliver(ctx context.Context, vendors ...*vendor) delivery.Outcome {
	return deliverer(settings(), vendors...).Deliver(ctx, order("1"))
}

func TestWhoIsAskedAndWhatComesOfIt(t *testing.T) {
	t.Parallel()
	const hang = time.Hour
	cases := map[string]struct {
		vendors []*vendor
		asked   int
		result  delivery.Result
	}{
		"the first takes it":         {[]*vendor{{name: "a"}, {name: "b"}}, 1, delivery.Accepted},
		"auth goes on":               {[]*vendor{failing("a", providers.KindAuth), {name: "b"}}, 2, delivery.Accepted},
		"config goes on":             {[]*vendor{failing("a", providers.KindConfig), {name: "b"}}, 2, delivery.Accepted},
		"throttled goes on":          {[]*vendor{failing("a", providers.KindThrottled), {name: "b"}}, 2, delivery.Accepted},
		"temporary goes on":          {[]*vendor{failing("a", providers.KindTemporary), {name: "b"}}, 2, delivery.Accepted},
		"refused goes on":            {[]*vendor{failing("a", providers.KindRefused), {name: "b"}}, 2, delivery.Accepted},
		"ambiguous goes on":          {[]*vendor{failing("a", providers.KindAmbiguous), {name: "b"}}, 2, delivery.Accepted},
		"an unknown error goes on":   {[]*vendor{{name: "a", err: errors.New("x")}, {name: "b"}}, 2, delivery.Accepted},
		"a wrong address ends it":    {[]*vendor{failing("a", providers.KindInvalidAddress), {name: "b"}}, 1, delivery.InvalidAddress},
		"everybody refuses":          {[]*vendor{failing("a", providers.KindRefused), failing("b", providers.KindRefused)}, 2, delivery.RecipientRefused},
		"one refuses, one is broken": {[]*vendor{failing("a", providers.KindRefused), failing("b", providers.KindTemporary)}, 2, delivery.ProvidersFailed},
		"everybody is broken":        {[]*vendor{failing("a", providers.KindAuth), failing("b", providers.KindTemporary)}, 2, delivery.ProvidersFailed},
		"the first hangs":            {[]*vendor{{name: "a", takes: hang}, {name: "b"}}, 2, delivery.Accepted},
		"everybody hangs":            {[]*vendor{{name: "a", takes: hang}, {name: "b", takes: hang}}, 1, delivery.TimeSpent},
		"one hangs, one is broken":   {[]*vendor{{name: "a", takes: hang}, failing("b", providers.KindTemporary)}, 2, delivery.TimeSpent},
		"slow, and then it takes it": {[]*vendor{{name: "a", takes: 2400 * time.Millisecond}}, 1, delivery.Accepted},
		"slower than anybody waits":  {[]*vendor{{name: "a", takes: 2600 * time.Millisecond}}, 0, delivery.TimeSpent},
		"a provider that panics":     {[]*vendor{{name: "a", dies: true}, {name: "b"}}, 2, delivery.Accepted},
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
				if took := time.Since(start); took > 2500*time.Millisecond {
					t.Errorf("it took %v", took)
				}
				time.Sleep(time.Hour) // whatever is still in flight ends
			})
		})
	}
}

func TestHangingProviderLeavesTheNextItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow, next, last := &vendor{name: "a", takes: time.Hour}, failing("b", providers.KindTemporary), &vendor{name: "c"}
		start := time.Now()
		deliver(t.Context(), slow, next, last)
		if took := time.Since(start); took > 900*time.Millisecond {
			t.Errorf("the mail was out after %v", took)
		}
		for v, want := range map[*vendor]time.Duration{slow: 1600 * time.Millisecond / 3, next: 1600 * time.Millisecond / 3, last: 5*time.Second - 1600*time.Millisecond/3} {
			if off := v.given[0] - want; off < -time.Millisecond || off > time.Millisecond {
				t.Errorf("%s got %v, want %v", v.name, v.given[0], want)
			}
		}
	})
}

func TestTimeCountsFromTheArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first, second := failing("a", providers.KindTemporary), &vendor{name: "b"}
		late := order("1")
		late.Arrived = time.Now().Add(-1590 * time.Millisecond)
		if got := deliverer(settings(), first, second).Deliver(t.Context(), late).Result(); got != delivery.TimeSpent || first.asked() != 0 {
			t.Errorf("10 ms before the end: %s, %d attempts; want none", got, first.asked())
		}
		late.Arrived = time.Now().Add(-time.Second)
		deliverer(settings(), first, second).Deliver(t.Context(), late)
		if first.given[0] != 300*time.Millisecond {
			t.Errorf("a second after the arrival the first attempt gets %v, want 300ms", first.given[0])
		}
	})
}

func TestHold(t *testing.T) {
	t.Parallel()
	for hold, want := range map[time.Duration]time.Duration{0: 1600 * time.Millisecond, time.Second: 1600 * time.Millisecond, 2500 * time.Millisecond: 2500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			c := settings()
			c.Hold = hold
			start := time.Now()
			outcome := deliverer(c, &vendor{name: "a", takes: time.Hour}).Deliver(t.Context(), order("1"))
			if took := time.Since(start); took != want || outcome.Result() != delivery.TimeSpent || !outcome.Open() {
				t.Errorf("with a hold of %v: %s after %v, want time-spent after %v", hold, outcome.Result(), took, want)
			}
			time.Sleep(time.Hour)
		})
	}
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
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%s is no UUID of version 7", id)
	}
	deliver(t.Context(), second)
	if second.seen[1].ID == id {
		t.Error("two deliveries have one id")
	}
}

func TestPanicTellsWhereAndNotWhat(t *testing.T) {
	t.Parallel()
	told := deliver(t.Context(), &vendor{name: "a", dies: true}).Attempts[0].LogValue().String()
	if !strings.Contains(told, "vendor).Send") || strings.Contains(told, "02345678") {
		t.Errorf("logged as %s", told)
	}
}

func TestSettingsHaveBounds(t *testing.T) {
	t.Parallel()
	good := settings()
	if problems := good.Validate(); len(problems) != 0 {
		t.Errorf("the defaults: %v", problems)
	}
	for want, change := range map[string]func(c *delivery.Config){
		"DELIVERY_BUDGET: not between 200ms": func(c *delivery.Config) { c.Budget = 199 * time.Millisecond },
		"DELIVERY_BUDGET: not between":       func(c *delivery.Config) { c.Budget = 4001 * time.Millisecond },
		"DELIVERY_HOLD: not between 0":       func(c *delivery.Config) { c.Hold = -1 },
		"DELIVERY_HOLD: not between":         func(c *delivery.Config) { c.Hold = 5001 * time.Millisecond },
		"DEDUPE_TTL: not between 5s":         func(c *delivery.Config) { c.DedupeTTL = 4 * time.Second },
		"DEDUPE_TTL: not between":            func(c *delivery.Config) { c.DedupeTTL = 3 * time.Minute },
		"BYOE_HASH_KEY: shorter":             func(c *delivery.Config) { c.HashKey = redact.NewSecret("short") },
	} {
		c := settings()
		change(&c)
		if problems := c.Validate(); len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), want) {
			t.Errorf("%s: %v", want, problems)
		}
	}
	c := settings()
	c.HashKey = redact.NewSecret(strings.Repeat("k", 32))
	if problems := c.Validate(); len(problems) != 0 {
		t.Errorf("a key of 32 characters: %v", problems)
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
