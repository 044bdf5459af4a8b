package load_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"byoe/bench/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQuantilesAreThoseOfTheSamples(t *testing.T) {
	t.Parallel()
	samples := make([]time.Duration, 0, 1000)
	for n := 1000; n > 0; n-- {
		samples = append(samples, time.Duration(n))
	}
	for _, tt := range []struct {
		name    string
		samples []time.Duration
		want    load.Quantiles
	}{
		{"none", nil, load.Quantiles{}},
		{"one", samples[:1], load.Quantiles{P50: 1000, P99: 1000, P999: 1000, Max: 1000}},
		{"two", []time.Duration{7, 3}, load.Quantiles{P50: 3, P99: 7, P999: 7, Max: 7}},
		{"a thousand", samples, load.Quantiles{P50: 500, P99: 990, P999: 999, Max: 1000}},
		{"one without an answer", []time.Duration{5, -1, 4}, load.Quantiles{P50: 5, P99: load.Endless, P999: load.Endless, Max: load.Endless}},
	} {
		if got := load.QuantilesOf(tt.samples); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if samples[0] != 1000 {
		t.Error("the samples were sorted in their place")
	}
}

// request is call number n to a server that answers with what the handler says.
func request(n int) []byte {
	return []byte("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n" + string(rune('a'+n%26)))
}

func serve(t *testing.T, handler http.HandlerFunc) *load.Target {
	t.Helper()
	server := httptest.NewServer(handler)
	target := &load.Target{Address: server.Listener.Addr().String(), Requests: request}
	t.Cleanup(func() {
		target.Close()
		server.Close()
	})
	return target
}

// A program that stalls for a while keeps calls waiting which a generator that waits for answers would never have sent, or
// would count from when it came to send them.
func TestAStallCountsForEveryCallThatItKeptWaiting(t *testing.T) {
	t.Parallel()
	const stall = 300 * time.Millisecond
	var stalled sync.Once
	var gate sync.Mutex
	target := serve(t, func(http.ResponseWriter, *http.Request) {
		gate.Lock()
		defer gate.Unlock()
		stalled.Do(func() { time.Sleep(stall) })
	})
	r := target.AtRate(t.Context(), 100, 500*time.Millisecond)
	if err := r.Good(http.StatusOK); err != nil {
		t.Fatal(err)
	}
	// Call n was to leave 10 ms after the one before it, and waits 10 ms less: all of them together say it.
	for n, latency := range r.Latencies[:20] {
		if left := stall - time.Duration(n+1)*10*time.Millisecond; latency < left {
			t.Errorf("call %d took %v: its waiting of %v was left out", n, latency, left)
		}
	}
	if len(r.Latencies) != 50 || len(r.Lags) != 50 {
		t.Errorf("%d calls and %d lags, want 50", len(r.Latencies), len(r.Lags))
	}
}

func TestAsFastAsAnsweredKeepsItsConnections(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	clients, inFlight, most := map[string]bool{}, 0, 0
	target := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		clients[r.RemoteAddr] = true
		inFlight++
		most = max(most, inFlight)
		mu.Unlock()
		time.Sleep(2 * time.Millisecond)
		mu.Lock()
		inFlight--
		mu.Unlock()
	})
	const connections, calls = 4, 40
	first := target.AsFastAsAnswered(t.Context(), connections, calls)
	second := target.AsFastAsAnswered(t.Context(), connections, calls)
	for _, r := range []*load.Result{first, second} {
		if err := r.Good(http.StatusOK); err != nil {
			t.Fatal(err)
		}
	}
	if len(clients) != connections || most != connections {
		t.Errorf("%d connections, %d calls at once; want %d", len(clients), most, connections)
	}
	if first.First != 0 || second.First != calls || target.Calls() != 2*calls {
		t.Errorf("calls are numbered from %d and %d, %d in all", first.First, second.First, target.Calls())
	}
	if got := first.PerSecond(); got < 100 || got > 2000 {
		t.Errorf("%.0f calls a second, at 4 times at most 500", got)
	}
}

func TestWhatIsNotAnsweredIsCounted(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	target := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		switch calls.Add(1) {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	r := target.AsFastAsAnswered(t.Context(), 1, 3)
	if r.Failed != 1 || r.Latencies[0] != -1 || r.Statuses[502] != 1 || r.Statuses[200] != 1 {
		t.Errorf("%d failed, %v, statuses %v", r.Failed, r.Latencies, r.Statuses)
	}
	err := r.Good(http.StatusOK)
	if err == nil || !strings.Contains(err.Error(), "of 3 calls 1 were answered with 200") {
		t.Errorf("it is told as %v", err)
	}
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	target := &load.Target{Address: listener.Addr().String(), Requests: request, Patience: 50 * time.Millisecond}
	if r := target.AsFastAsAnswered(t.Context(), 1, 1); r.Failed != 1 {
		t.Errorf("a server that says nothing: %v", r.Statuses)
	}
}

// A server that closes behind its answer must not have the next call written into the closed connection.
func TestAConnectionThatEndsIsNotKept(t *testing.T) {
	t.Parallel()
	target := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	r := target.AsFastAsAnswered(t.Context(), 1, 3)
	if err := r.Good(http.StatusOK); err != nil {
		t.Error(err)
	}
}

func TestACanceledRunEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	target := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = bufio.NewReader(r.Body).ReadByte() })
	if r := target.AsFastAsAnswered(ctx, 1, 2); r.Failed != 2 {
		t.Errorf("%d failed, want both", r.Failed)
	}
}
