package otlp_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/redact"
	"byoe/telemetry/otlp/otlptest"
)

func TestUnderAPlatformThatFreezesEachCallIsSentAtOnce(t *testing.T) {
	receiver := otlptest.Start(t)
	x, _ := open(t, settings(receiver.URL))
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { x.Run(ctx) })
	start := time.Now()
	for range 50 {
		r := call(x, "")
		tell(x, r, delivered(r, delivery.Attempt{Provider: "smtp"}))
	}
	receiver.Spans(t, 50*5)
	for receiver.Exports("/v1/metrics") == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if n, seconds := receiver.Exports("/v1/traces"), int(time.Since(start)/time.Second); n > 2+seconds {
		t.Errorf("%d exports of 50 calls in %d s", n, seconds)
	}
	cancel()
	running.Wait()
}

// An endpoint that is down or hangs costs spans and a line a minute, never a call; and neither the owner's key nor what the
// endpoint says is in the line.
func TestAnEndpointThatFailsCostsNobodyAnything(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "wrong key "+r.Header.Get("Api-Key"), http.StatusUnauthorized)
	}))
	defer refuses.Close()
	elsewhere := otlptest.Start(t)
	redirects := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer redirects.Close()
	for name, c := range map[string]struct{ url, word string }{
		"down":      {gone.URL, "connection refused"},
		"refuses":   {refuses.URL, "status 401"},
		"redirects": {redirects.URL, "status 307"},
		"hangs":     {silent(t), "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			s := settings(c.url + "/path-of-a-key")
			s.Headers = redact.NewSecret("api-key=s3cret")
			x, stderr := open(t, s)
			start := time.Now()
			for range 1000 { // more spans than the queue holds
				r := call(x, "")
				tell(x, r, delivered(r, delivery.Attempt{Provider: "smtp"}))
			}
			// To wait for one export would take as long as an export may, eight seconds, for each 100 calls.
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("1,000 calls took %v", took)
			}
			start = time.Now()
			x.Close(t.Context())
			if took := time.Since(start); took > 6*time.Second {
				t.Errorf("the end took %v", took)
			}
			line := stderr.String()
			if strings.Count(line, "\n") != 1 || !strings.Contains(line, `"level":"WARN","msg":"telemetry is lost"`) || !strings.Contains(line, c.word) {
				t.Errorf("logged: %s", line)
			}
			for _, private := range []string{"s3cret", "path-of-a-key", "127.0.0.1"} {
				if strings.Contains(line, private) {
					t.Errorf("%s is logged: %s", private, line)
				}
			}
		})
	}
	if elsewhere.Exports("/path-of-a-key/v1/traces") != 0 {
		t.Error("the owner's key was carried to where a redirect pointed")
	}
}

// vicious panics when it is looked at.
type vicious struct{}

func (vicious) Error() string { return "x" }
func (vicious) Unwrap() error { panic("ann@example.com") }

// An end is told on the delivery's own goroutine: a mistake in here would end the process, and with it every mail.
func TestAMistakeInHereCostsNoMail(t *testing.T) {
	receiver := otlptest.Start(t)
	x, stderr := open(t, settings(receiver.URL))
	r := call(x, "")
	x.Ended(delivery.End{Outcome: delivered(r, delivery.Attempt{Provider: "smtp", Err: vicious{}})})
	x.Observe(t.Context(), nil)
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"error":"panic"`) || strings.Contains(got, "ann@") {
		t.Errorf("logged: %s", got)
	}
}

// silent listens and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var taken []net.Conn
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			taken = append(taken, c)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
		mu.Lock()
		defer mu.Unlock()
		for _, c := range taken {
			_ = c.Close()
		}
	})
	return "http://" + l.Addr().String()
}
