package httpclient_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"byoe/providers"
	"byoe/providers/httpclient"
	"byoe/providers/providertest"
)

func newClient(t *testing.T) *http.Client {
	t.Helper()
	client := httpclient.New()
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// post sends one watched POST and reads the answer.
func post(ctx context.Context, client *http.Client, url string, body io.Reader) (status int, answer []byte, err error) {
	ctx, progress := httpclient.Watch(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return 0, nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, progress.Failure(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// A redirect would carry the key to wherever the answer says.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
		server := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		got, _, err := post(t.Context(), newClient(t), server.URL, strings.NewReader("mail"))
		if err != nil || got != status {
			t.Errorf("%d: got %d, %v", status, got, err)
		}
	}
}

func TestAnswerIsCapped(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
	})
	_, answer, err := post(t.Context(), newClient(t), server.URL, strings.NewReader("mail"))
	if err != nil || len(answer) != 64<<10 {
		t.Errorf("%d bytes, %v; want 65536 bytes", len(answer), err)
	}
}

func TestAnswerHeaderIsCapped(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 64<<10))
	})
	_, _, err := post(t.Context(), newClient(t), server.URL, strings.NewReader("mail"))
	expect(t, err, providers.KindAmbiguous, "unreadable answer")
}

// A server that reads the mail and closes the connection has it or has not. It must never be asked twice by the
// transport, on a new connection or on a kept one, whatever header fields and GetBody invite it to.
func TestClosedAfterReadingIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, kept := range []bool{false, true} {
		var mails atomic.Int32
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil || string(body) == "warm-up" {
				return
			}
			mails.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.Close()
		})
		client := newClient(t)
		if kept {
			if _, _, err := post(t.Context(), client, server.URL, strings.NewReader("warm-up")); err != nil {
				t.Fatal(err)
			}
		}
		ctx, progress := httpclient.Watch(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("mail"))
		if err != nil {
			t.Fatal(err)
		}
		// With this field Go's transport calls the POST replayable.
		req.Header.Set("Idempotency-Key", "1")
		res, err := client.Do(req)
		if err == nil {
			_ = res.Body.Close()
			t.Fatal("no error")
		}
		if failure := progress.Failure(err); failure.Kind != providers.KindAmbiguous {
			t.Errorf("kept %v: %v, want ambiguous", kept, failure)
		}
		if got := mails.Load(); got != 1 {
			t.Errorf("kept %v: the server got %d mails, want 1", kept, got)
		}
	}
}

// Go sends a request again when the peer resets its HTTP/2 stream with PROTOCOL_ERROR or REFUSED_STREAM. The first does
// not say that nothing was done, and the second need not be true.
func TestHTTP2ResetIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, reset := range []http2.ErrCode{http2.ErrCodeProtocol, http2.ErrCodeRefusedStream, http2.ErrCodeInternal} {
		t.Run(reset.String(), func(t *testing.T) {
			t.Parallel()
			var mails atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.EnableHTTP2 = true
			server.StartTLS()
			t.Cleanup(server.Close)
			// Only the certificate of that server is used: http2.Server does not let its handlers choose the code.
			url := resetting(t, server.TLS.Certificates, reset, &mails)
			// Left to itself Go goes on for as long as it may.
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, _, err := post(ctx, trusting(t, server), url, strings.NewReader("mail"))
			expect(t, err, providers.KindAmbiguous, "unreadable answer")
			if got := mails.Load(); got != 1 {
				t.Errorf("the server got %d mails, want 1", got)
			}
		})
	}
}

// resetting starts an HTTP/2 server that reads every request to its end and then resets the stream.
func resetting(t *testing.T, certificates []tls.Certificate, code http2.ErrCode, mails *atomic.Int32) (url string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { resetStreams(conn, code, mails) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return "https://" + listener.Addr().String()
}

func resetStreams(conn net.Conn, code http2.ErrCode, mails *atomic.Int32) {
	defer func() { _ = conn.Close() }()
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	if err := framer.WriteSettings(); err != nil {
		return
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.DataFrame:
			if frame.StreamEnded() {
				mails.Add(1)
				_ = framer.WriteRSTStream(frame.StreamID, code)
			}
		}
	}
}

func trusting(t *testing.T, server *httptest.Server) *http.Client {
	t.Helper()
	client := newClient(t)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	httpclient.Trust(client, roots)
	return client
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const burst = 64
	var (
		mu    sync.Mutex
		seen  = map[string]bool{}
		gate  sync.WaitGroup
		tasks sync.WaitGroup
	)
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.RemoteAddr] = true
		mu.Unlock()
		gate.Done()
		gate.Wait() // all are in flight at once
	})
	client := newClient(t)
	for range 3 {
		gate.Add(burst)
		for range burst {
			tasks.Go(func() {
				if _, _, err := post(t.Context(), client, server.URL, strings.NewReader("mail")); err != nil {
					t.Error(err)
				}
			})
		}
		tasks.Wait()
	}
	if len(seen) != burst {
		t.Errorf("%d connections for three bursts of %d, want %d", len(seen), burst, burst)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.Config.ErrorLog = discard()
	server.StartTLS()
	t.Cleanup(server.Close)
	_, _, err := post(t.Context(), trusting(t, server), server.URL, strings.NewReader("mail"))
	expect(t, err, providers.KindTemporary, "tls")
}

// A peer that takes the connection and then does nothing must be given up before the budget is gone.
func TestHandshakeIsBounded(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	start := time.Now()
	_, _, err = post(t.Context(), newClient(t), "https://"+listener.Addr().String(), strings.NewReader("mail"))
	expect(t, err, providers.KindTemporary, "timeout")
	if took := time.Since(start); took > 1200*time.Millisecond {
		t.Errorf("gave up after %v, want 700ms", took)
	}
}

func TestNoTimeoutOfItsOwn(t *testing.T) {
	t.Parallel()
	if timeout := httpclient.New().Timeout; timeout != 0 {
		t.Errorf("Timeout is %v: it would cut answers off behind the context's back", timeout)
	}
}

// A mail that leaves in several pieces costs as many calls of the system.
func TestARequestLeavesInOnePiece(t *testing.T) {
	t.Parallel()
	pieces := make(chan int, 1)
	address := providertest.Listen(t, func(conn net.Conn) {
		n, _ := conn.Read(make([]byte, 64<<10))
		pieces <- n
		_ = conn.Close()
	})
	mail := strings.Repeat("x", 16<<10)
	_, _, _ = post(t.Context(), newClient(t), "http://"+address, strings.NewReader(mail)) // no answer is wanted
	if n := <-pieces; n < len(mail) {
		t.Errorf("the first piece has %d bytes of more than %d", n, len(mail))
	}
}
