package httpclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// vendor answers the n-th request, from 1, with what does makes of it.
func vendor(t *testing.T, does func(n int32, w http.ResponseWriter, r *http.Request)) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that the client is gone
		does(asked.Add(1), w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func request(t *testing.T, url string) httpclient.Request {
	t.Helper()
	r, err := httpclient.JSONRequest(url, http.Header{"Key": {"k"}}, map[string]string{"b": "<&>", "a": "1"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func client(t *testing.T) *http.Client {
	t.Helper()
	c := httpclient.New()
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func hangUp(t *testing.T, w http.ResponseWriter) {
	t.Helper()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_ = conn.Close()
}

func inProgress(a httpclient.Answer) bool { return a.Status == http.StatusConflict }

func TestJSONRequest(t *testing.T) {
	t.Parallel()
	header := http.Header{"Key": {"k"}}
	r, err := httpclient.JSONRequest("http://x", header, map[string]string{"b": "<&>", "a": "1"})
	if err != nil || string(r.Body) != `{"a":"1","b":"<&>"}`+"\n" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%q %v, %v", r.Body, r.Header, err)
	}
	if header.Get("Content-Type") != "" {
		t.Error("the caller's header was changed")
	}
	if _, err := httpclient.JSONRequest("http://x", header, func() {}); providers.KindOf(err) != providers.KindConfig {
		t.Errorf("what cannot be encoded gave %v", err)
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(_ int32, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(r.Method + " " + r.Header.Get("Key")))
	})
	answer, err := httpclient.Exchange(t.Context(), client(t), request(t, url))
	if err != nil || answer.Status != http.StatusTeapot || string(answer.Body) != "POST k" {
		t.Errorf("the answer is %d %q, %v", answer.Status, answer.Body, err)
	}
	failure := answer.Failure(providers.KindConfig, "short")
	if failure.Code != "418 short" || failure.RetryAfter != 7*time.Second || answer.Failure(providers.KindAuth, "").Code != "418" {
		t.Errorf("the failure is %v after %v", failure, failure.RetryAfter)
	}
	answer, err = httpclient.Ask(t.Context(), client(t), url, http.Header{"Key": {"q"}})
	if err != nil || string(answer.Body) != "GET q" {
		t.Errorf("the question's answer is %q, %v", answer.Body, err)
	}
	for _, bad := range []string{"http://\x00", ":"} {
		if _, err := httpclient.Exchange(t.Context(), client(t), httpclient.Request{URL: bad}); providers.KindOf(err) != providers.KindConfig {
			t.Errorf("%q gave %v", bad, err)
		}
		if err := httpclient.Connect(t.Context(), client(t), bad); providers.KindOf(err) != providers.KindConfig {
			t.Errorf("Connect to %q gave %v", bad, err)
		}
	}
}

// A body that breaks off leaves the status standing.
func TestHalfAnAnswer(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(_ int32, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"id":`))
	})
	answer, err := httpclient.Exchange(t.Context(), client(t), request(t, url))
	if err != nil || answer.Status != http.StatusOK || string(answer.Body) != `{"id":` {
		t.Errorf("the answer is %d %q, %v", answer.Status, answer.Body, err)
	}
}

func TestExchangeIdempotent(t *testing.T) {
	t.Parallel()
	busy := func(retryAfter string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			if retryAfter != "" {
				w.Header().Set("Retry-After", retryAfter)
			}
			w.WriteHeader(http.StatusConflict)
		}
	}
	good := func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) }
	lose := func(w http.ResponseWriter) { hangUp(t, w) }
	down := func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }
	tests := []struct {
		name     string
		answers  []func(http.ResponseWriter)
		patience time.Duration
		asked    int32
		status   int    // of the answer; 0 for a failure
		code     string // of the ambiguous failure
		least    time.Duration
	}{
		{"accepted", []func(http.ResponseWriter){good}, 5 * time.Second, 1, 200, "", 0},
		{"refused", []func(http.ResponseWriter){down, good}, 5 * time.Second, 1, 500, "", 0},
		{"lost, then accepted", []func(http.ResponseWriter){lose, good}, 5 * time.Second, 2, 200, "", 0},
		{"lost, then refused", []func(http.ResponseWriter){lose, down}, 5 * time.Second, 2, 500, "", 0},
		{"lost twice", []func(http.ResponseWriter){lose, lose, good}, 5 * time.Second, 2, 0, "eof", 0},
		{"lost, then in progress", []func(http.ResponseWriter){lose, busy(""), good}, 5 * time.Second, 2, 0, "409 in progress", 0},
		{"in progress, then accepted", []func(http.ResponseWriter){busy(""), good}, 5 * time.Second, 2, 200, "", 200 * time.Millisecond},
		{"in progress for a second", []func(http.ResponseWriter){busy("1"), good}, 5 * time.Second, 2, 200, "", time.Second},
		{"in progress twice", []func(http.ResponseWriter){busy(""), busy(""), good}, 5 * time.Second, 2, 0, "409 in progress", 200 * time.Millisecond},
		{"in progress, then lost", []func(http.ResponseWriter){busy(""), lose, good}, 5 * time.Second, 2, 0, "eof", 200 * time.Millisecond},
		{"no time to wait", []func(http.ResponseWriter){busy("3"), good}, time.Second, 1, 0, "409 in progress", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, asked := vendor(t, func(n int32, w http.ResponseWriter, _ *http.Request) { tt.answers[n-1](w) })
			ctx, cancel := context.WithTimeout(t.Context(), tt.patience)
			defer cancel()
			start := time.Now()
			answer, err := httpclient.ExchangeIdempotent(ctx, client(t), request(t, url), inProgress)
			if asked.Load() != tt.asked || answer.Status != tt.status || time.Since(start) < tt.least {
				t.Errorf("%d requests gave %d, %v after %v; want %d and %d after %v", asked.Load(), answer.Status, err, time.Since(start), tt.asked, tt.status, tt.least)
			}
			if tt.code != "" {
				failure, ok := errors.AsType[*providers.Error](err)
				if !ok || failure.Kind != providers.KindAmbiguous || failure.Code != tt.code {
					t.Errorf("the failure is %v, want ambiguous (%s)", err, tt.code)
				}
			}
		})
	}
}

// Nothing was sent, or nobody waits any more: there is nothing to ask again.
func TestNoSecondTry(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if _, err := httpclient.ExchangeIdempotent(t.Context(), client(t), request(t, "http://"+listener.Addr().String()), inProgress); providers.KindOf(err) != providers.KindTemporary {
		t.Errorf("a refused connection gave %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	url, asked := vendor(t, func(_ int32, _ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := httpclient.ExchangeIdempotent(ctx, client(t), request(t, url), inProgress); providers.KindOf(err) != providers.KindAmbiguous || asked.Load() != 1 {
		t.Errorf("an attempt that was given up gave %v after %d requests", err, asked.Load())
	}
}

// The first may have been accepted, however the second fails.
func TestSecondTryIsRefused(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 4096))
		_ = listener.Close()
		_ = conn.Close()
	}()
	_, err = httpclient.ExchangeIdempotent(t.Context(), client(t), request(t, "http://"+listener.Addr().String()), inProgress)
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != providers.KindAmbiguous || failure.Code != "connection refused" {
		t.Errorf("it gave %v, want ambiguous (connection refused)", err)
	}
}

func TestKindOfStatus(t *testing.T) {
	t.Parallel()
	for kind, statuses := range map[providers.Kind][]int{
		providers.KindAmbiguous: {200, 201, 202, 204, 206, 299, 504},
		providers.KindConfig:    {300, 301, 302, 304, 307, 308, 400, 402, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 431, 451, 499},
		providers.KindAuth:      {401, 403},
		providers.KindThrottled: {429},
		providers.KindTemporary: {408, 500, 501, 502, 503, 505, 520, 529, 599},
	} {
		for _, status := range statuses {
			if got := httpclient.KindOfStatus(status); got != kind {
				t.Errorf("%d is %v, want %v", status, got, kind)
			}
		}
	}
}

func TestConnect(t *testing.T) {
	t.Parallel()
	var keys, conns atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && r.Header.Get("Key")+r.Header.Get("Authorization") != "" {
			keys.Add(1)
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := client(t)
	if err := httpclient.Connect(t.Context(), c, server.URL); err != nil {
		t.Fatal(err)
	}
	if _, err := httpclient.Exchange(t.Context(), c, request(t, server.URL)); err != nil || conns.Load() != 1 || keys.Load() != 0 {
		t.Errorf("%v, %d connections, %d keys; want one connection and no key before the mail", err, conns.Load(), keys.Load())
	}
	err := httpclient.Connect(t.Context(), c, strings.Replace(server.URL, "http:", "https:", 1))
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != providers.KindTemporary || failure.Code != "tls" {
		t.Errorf("TLS with a server that has none gave %v", err)
	}
}
