package main

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// builtIn are the inputs that the program comes with, to be changed by a test.
func builtIn(t *testing.T) *Inputs {
	t.Helper()
	in, err := readInputs(measured)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// constant is a time without chance.
func constant(d time.Duration) draw { return func(*rand.Rand) time.Duration { return d } }

// queue is a plan with nothing in it but waiting for one of servers that take an exponential time: M/M/c in the books.
func queue(t *testing.T, rate float64, servers int, service time.Duration) plan {
	t.Helper()
	in := builtIn(t)
	in.Measured.HostCPU, in.Measured.CPU = 0, 0
	in.Entra.Timeout, in.Delivery.Budget, in.Delivery.Hold, in.Delivery.Most = 1e9, 1e9, 1e9, 1e9
	in.Delivery.Flights = math.MaxInt
	p := newPlan(in, Scenario{Rate: rate, AlwaysReady: 1, Concurrency: servers, Cores: 1}, time.Minute, time.Minute+time.Duration(300_000/rate)*time.Second)
	p.store, p.providers, p.fixed = constant(0), []provider{{answer: exponential(service)}}, true
	return p
}

// erlangC is the share of those who have to wait in M/M/c (A. K. Erlang, 1917), by the recursion of Erlang B.
func erlangC(servers int, offered float64) float64 {
	b := 1.0
	for n := 1; n <= servers; n++ {
		b = offered * b / (float64(n) + offered*b)
	}
	busy := offered / float64(servers)
	return b / (1 - busy*(1-b))
}

func TestErlangsFormula(t *testing.T) {
	t.Parallel()
	// One server: who comes waits where it is busy. Two at load 1: one third, as every book has it.
	for _, c := range []struct {
		servers       int
		offered, want float64
	}{{1, 0.7, 0.7}, {2, 1, 1.0 / 3}} {
		if got := erlangC(c.servers, c.offered); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("erlangC(%d, %g) = %g, want %g", c.servers, c.offered, got, c.want)
		}
	}
}

// TestWaitingIsErlangs holds the simulated waiting against the formula, with few and many servers, idle and busy ones.
func TestWaitingIsErlangs(t *testing.T) {
	t.Parallel()
	const service = 50 * time.Millisecond
	for _, c := range []struct {
		servers int
		busy    float64
	}{{1, 0.5}, {2, 0.8}, {16, 0.7}, {16, 0.9}} {
		if testing.Short() && c.servers > 2 {
			continue
		}
		rate := c.busy * float64(c.servers) / service.Seconds()
		r := simulate(queue(t, rate, c.servers, service))
		offered := rate * service.Seconds()
		wantShare := erlangC(c.servers, offered)
		wantWait := wantShare * service.Seconds() / (float64(c.servers) - offered)
		share := float64(r.waits) / float64(r.SignIns)
		wait := r.waitTime.Seconds() / float64(r.SignIns)
		if math.Abs(share-wantShare) > 0.05*wantShare+0.002 {
			t.Errorf("%d servers, %g busy: %.4f wait, Erlang says %.4f", c.servers, c.busy, share, wantShare)
		}
		if math.Abs(wait-wantWait) > 0.1*wantWait+0.00002 {
			t.Errorf("%d servers, %g busy: they wait %.6f s, Erlang says %.6f", c.servers, c.busy, wait, wantWait)
		}
	}
}

// TestLittlesLaw: as many calls are in the system, in the mean, as come in the time that one spends in it.
func TestLittlesLaw(t *testing.T) {
	t.Parallel()
	p := queue(t, 100, 8, 60*time.Millisecond)
	r := simulate(p)
	var spent time.Duration
	for _, d := range r.times {
		spent += d
	}
	counted := (p.until - p.counted).Seconds()
	inSystem := r.callSeconds / counted
	arrived := float64(r.SignIns) / counted
	if want := arrived * spent.Seconds() / float64(len(r.times)); math.Abs(inSystem-want) > 0.01*want {
		t.Errorf("%.3f calls are in the system, Little says %.3f", inSystem, want)
	}
	if math.Abs(arrived-100) > 2 {
		t.Errorf("%.1f sign-ins a second, want 100", arrived)
	}
}

// lonely is a plan in which calls meet nobody: one in ten seconds, one provider after the other with times without chance.
func lonely(t *testing.T, providers ...provider) plan {
	t.Helper()
	p := newPlan(builtIn(t), Scenario{Rate: 0.1, AlwaysReady: 1, Concurrency: 16, Cores: 1}, 0, 2000*time.Second)
	p.in.Measured.HostCPU, p.in.Measured.CPU = 0, 0
	p.store, p.providers, p.fixed = constant(0), providers, true
	return p
}

// TestEntrasCalls is docs/retries.md's table for a caller that retries a time-out of 2,000 ms.
func TestEntrasCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		provider      time.Duration
		first, retry  int
		p50           time.Duration
		mailsForEach  int
		callsForEach  int
		storeForEach  int
		whoIsAnswered string
	}{
		{1900 * time.Millisecond, 1, 0, 1900 * time.Millisecond, 1, 1, 2 + 5, "by the first call"},
		{2200 * time.Millisecond, 0, 1, 2200 * time.Millisecond, 1, 2, 2 + 6, "by the retry"},
		{3900 * time.Millisecond, 0, 1, 3900 * time.Millisecond, 1, 2, 2 + 11, "by the retry"},
		{4100 * time.Millisecond, 0, 0, 0, 1, 2, 2 + 12, "by nobody"},
	} {
		r := simulate(lonely(t, provider{answer: constant(c.provider)}))
		n := r.SignIns
		if n == 0 || r.ByFirst != c.first*n || r.ByRetry != c.retry*n || r.Failed != (1-c.first-c.retry)*n || r.percentile(.5) != c.p50 {
			t.Errorf("%v: of %d %d by the first call, %d by the retry, %d not, p50 %v; want all answered %s, p50 %v",
				c.provider, n, r.ByFirst, r.ByRetry, r.Failed, r.percentile(.5), c.whoIsAnswered, c.p50)
		}
		if r.Mails != c.mailsForEach*n || r.Executions != c.callsForEach*n || r.StoreRequests != c.storeForEach*n {
			t.Errorf("%v: for %d sign-ins %d mails, %d calls, %d store requests", c.provider, n, r.Mails, r.Executions, r.StoreRequests)
		}
	}
}

func TestFailover(t *testing.T) {
	t.Parallel()
	quick := provider{answer: constant(30 * time.Millisecond)}
	for name, c := range map[string]struct {
		first provider
		want  time.Duration // half the budget, where the first hangs
	}{
		"refuses": {provider{answer: constant(20 * time.Millisecond), fails: 1}, 50 * time.Millisecond},
		"hangs":   {provider{answer: constant(0), hangs: 1}, 830 * time.Millisecond},
		"is slow": {provider{answer: constant(time.Second)}, 830 * time.Millisecond},
	} {
		r := simulate(lonely(t, c.first, quick))
		if r.ByFirst != r.SignIns || r.percentile(.5) != c.want || r.Failovers != r.SignIns {
			t.Errorf("the first %s: %d of %d answered, p50 %v, want %v", name, r.ByFirst, r.SignIns, r.percentile(.5), c.want)
		}
		if twice := name == "is slow"; (r.Mails == 2*r.SignIns) != twice {
			t.Errorf("the first %s: %d mails for %d sign-ins", name, r.Mails, r.SignIns)
		}
	}
	r := simulate(lonely(t, provider{answer: constant(0), hangs: 1}))
	if r.Failed != r.SignIns || r.Mails != 0 {
		t.Errorf("everybody hangs: %d of %d are without a code, %d mails", r.Failed, r.SignIns, r.Mails)
	}
}

// TestRetryOnAnotherInstance: the second call finds the first instance full and looks at its claim.
func TestRetryOnAnotherInstance(t *testing.T) {
	t.Parallel()
	p := lonely(t, provider{answer: constant(2200 * time.Millisecond)})
	p.scenario.AlwaysReady, p.scenario.Concurrency = 2, 1
	r := simulate(p)
	if r.ByRetry < r.SignIns*95/100 || r.Mails != r.SignIns {
		t.Errorf("%d of %d are answered by the retry, with %d mails", r.ByRetry, r.SignIns, r.Mails)
	}
	// From 2,000 to 2,200 ms it looks at 0, 50, 100 and 150: 4 looks of 2 requests, then 3 for the outcome.
	if got, want := float64(r.StoreRequests)/float64(r.SignIns), float64(2+6+4*2+3); math.Abs(got-want) > 1 {
		t.Errorf("%.1f store requests a sign-in, want %.1f", got, want)
	}
}

func TestNoInstanceAnswersNobody(t *testing.T) {
	t.Parallel()
	p := lonely(t, provider{answer: constant(time.Millisecond)})
	p.scenario.AlwaysReady = 0
	if r := simulate(p); r.SignIns == 0 || r.Failed != r.SignIns || r.Executions != 0 {
		t.Errorf("of %d %d failed, %d calls were served", r.SignIns, r.Failed, r.Executions)
	}
	// Now the platform begins one for the call and one for the retry, and takes both away again before the next one comes.
	p.fixed, p.scenario.Rate, p.until = false, 0.001, 200_000*time.Second
	r := simulate(p)
	if r.PeakInstances != 2 || r.Failed != 0 {
		t.Errorf("%d instances at most, %d failed", r.PeakInstances, r.Failed)
	}
	cold := millis(p.in.Platform.Start+p.in.Measured.Start) + time.Millisecond
	if r.ByRetry < r.SignIns*9/10 || r.percentile(.5) != cold {
		t.Errorf("%d of %d were answered by the retry, p50 %v: where is the cold start?", r.ByRetry, r.SignIns, r.percentile(.5))
	}
	if r.OnDemandBilled < time.Duration(r.SignIns)*900*time.Millisecond || r.AlwaysReadyBilled != 0 {
		t.Errorf("%d calls are billed as %v on demand, %v always ready", r.Executions, r.OnDemandBilled, r.AlwaysReadyBilled)
	}
}

// TestProcessorIsTheLimit: an instance computes no faster than its processor, however many slots it has.
func TestProcessorIsTheLimit(t *testing.T) {
	t.Parallel()
	p := newPlan(builtIn(t), Scenario{Rate: 400, AlwaysReady: 1, Concurrency: 1000, Cores: 1}, 0, time.Minute)
	p.in.Measured.HostCPU, p.in.Measured.CPU = 4, 1 // 200 a second
	p.providers, p.fixed = []provider{{answer: constant(time.Millisecond)}}, true
	if r := simulate(p); r.Failed < r.SignIns/2 {
		t.Errorf("twice what the processor can: %d of %d failed", r.Failed, r.SignIns)
	}
	p.scenario.Cores = 4
	if r := simulate(p); r.Failed != 0 {
		t.Errorf("half of what the processor can: %d of %d failed", r.Failed, r.SignIns)
	}
}

func TestShed(t *testing.T) {
	t.Parallel()
	p := newPlan(builtIn(t), Scenario{Rate: 500, AlwaysReady: 1, Concurrency: 10_000, Cores: 100}, 0, 20*time.Second)
	p.providers, p.fixed = []provider{{answer: constant(1900 * time.Millisecond)}}, true
	if r := simulate(p); r.Shed < r.SignIns/3 || r.Failed < r.Shed*99/100 {
		t.Errorf("950 deliveries at once: %d are shed, of %d %d are answered, %d not", r.Shed, r.SignIns, r.ByFirst, r.Failed)
	}
	p.scenario.Rate = 200
	if r := simulate(p); r.Shed != 0 {
		t.Errorf("380 deliveries at once: %d are shed", r.Shed)
	}
}

func TestARunIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	in := builtIn(t)
	once, again := simulate(newPlan(in, in.Scenarios[1], 0, rush)), simulate(newPlan(in, in.Scenarios[1], 0, rush))
	if !reflect.DeepEqual(once, again) {
		t.Error("two runs differ")
	}
	p := newPlan(in, in.Scenarios[1], 0, rush)
	p.seed++
	if reflect.DeepEqual(once, simulate(p)) {
		t.Error("another seed makes no difference")
	}
}

func TestWorktimeIsRoundedUpAndPaidOnce(t *testing.T) {
	t.Parallel()
	const second, tenth = time.Second, 100 * time.Millisecond
	for name, c := range map[string]struct {
		periods [][2]time.Duration
		want    time.Duration
	}{
		"short":                    {[][2]time.Duration{{0, tenth}}, second},
		"long":                     {[][2]time.Duration{{0, 1240 * time.Millisecond}}, 1300 * time.Millisecond},
		"again within the least":   {[][2]time.Duration{{0, tenth}, {2 * tenth, 3 * tenth}}, second},
		"again, and beyond it":     {[][2]time.Duration{{0, tenth}, {9 * tenth, 12 * tenth}}, 12 * tenth},
		"again, some time later":   {[][2]time.Duration{{0, tenth}, {5 * second, 5*second + tenth}}, 2 * second},
		"again, just when it ends": {[][2]time.Duration{{0, tenth}, {second, second + tenth}}, 2 * second},
	} {
		w := worktime{minimum: second, step: tenth}
		for _, period := range c.periods {
			w.begin(period[0])
			w.end(period[1])
		}
		if w.billed != c.want {
			t.Errorf("%s: %v, want %v", name, w.billed, c.want)
		}
	}
}

func TestLogNormalGoesThroughItsTwoPoints(t *testing.T) {
	t.Parallel()
	dice, one := rand.New(rand.NewPCG(1, 2)), logNormal(22, 157)
	below, tail := 0, 0
	const n = 200_000
	for range n {
		switch d := one(dice); {
		case d < 22*time.Millisecond:
			below++
		case d >= 157*time.Millisecond:
			tail++
		}
	}
	if math.Abs(float64(below)/n-.5) > .005 || math.Abs(float64(tail)/n-.01) > .001 {
		t.Errorf("%d of %d are below the median, %d above the 99th percentile", below, n, tail)
	}
}
