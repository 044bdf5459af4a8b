package httpclient_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/providers"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

func expect(t *testing.T, err error, kind providers.Kind, code string) {
	t.Helper()
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != kind || failure.Code != code {
		t.Errorf("got %v, want %v (%s)", err, kind, code)
	}
}

func TestFailureBeforeTheBody(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	_ = listener.Close()
	untrusted := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	untrusted.Config.ErrorLog = discard()
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()

	tests := []struct {
		name, url, code string
		ctx             context.Context
	}{
		{"refused", "http://" + closed, "connection refused", t.Context()},
		{"no such host", "http://no-such-host.invalid", "dns", t.Context()},
		{"certificate", untrusted.URL, "certificate", t.Context()},
		{"no TLS there", strings.Replace(plain.URL, "http:", "https:", 1), "tls", t.Context()},
		{"canceled", plain.URL, "canceled", canceled},
		{"late", plain.URL, "timeout", late},
		{"nonsense", "http://127.0.0.1:0", "connection refused", t.Context()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := post(tt.ctx, newClient(t), tt.url, strings.NewReader("mail"))
			for range 5 {
				// On a busy machine a handshake may take longer than it is given.
				if failure, ok := errors.AsType[*providers.Error](err); !ok || failure.Code != "timeout" || tt.code == "timeout" {
					break
				}
				_, _, err = post(tt.ctx, newClient(t), tt.url, strings.NewReader("mail"))
			}
			expect(t, err, providers.KindTemporary, tt.code)
		})
	}
}

func TestFailureAfterTheBody(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code string
		answer     func(net.Conn)
	}{
		{"closed", "eof", func(conn net.Conn) { _ = conn.Close() }},
		{"reset", "reset", func(conn net.Conn) {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = conn.Close()
		}},
		{"half an answer", "eof", func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 202 Acc"))
			_ = conn.Close()
		}},
		{"garbage", "unreadable answer", func(conn net.Conn) {
			_, _ = conn.Write([]byte("250 ok\r\n\r\n"))
			_ = conn.Close()
		}},
		{"silence", "timeout", func(net.Conn) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { _ = conn.Close() })
				tt.answer(conn)
			})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, _, err := post(ctx, newClient(t), server.URL, strings.NewReader("mail"))
			expect(t, err, providers.KindAmbiguous, tt.code)
		})
	}
}
