//go:build unix

package standin_test

import (
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"byoe/hosttest/probe"
	"byoe/hosttest/standin"
)

func TestNothingIsLeftAfterClose(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*standin.Host){"close": (*standin.Host).Close, "interrupt": (*standin.Host).Interrupt} {
		port := freePort(t)
		host := start(t, app(t, nil), "parent", nil, probe.ChildPort+"="+port)
		if status, _ := post(t, host, "/api/otp"); status != 200 {
			t.Fatalf("status %d", status)
		}
		handler := strings.TrimPrefix(host.HandlerURL(), "http://")
		child := "127.0.0.1:" + port
		await(t, "a child that listens", func() bool { return listens(t, child) })
		stop(host)
		await(t, "the handler's and its child's end after "+name, func() bool {
			return !listens(t, handler) && !listens(t, child)
		})
		if err := host.Err(); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
		if _, err := host.HandlerPID(); err == nil {
			t.Errorf("after %s there still is a handler", name)
		}
		host.Close() // a second time
	}
}

func listens(t *testing.T, address string) bool {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not seen:", what)
		}
	}
}

// A handler that takes SIGINT for a request to leave, and exits with 2 as Go programs do, has been asked before it is
// killed.
func TestInterruptSignalsBeforeItKills(t *testing.T) {
	t.Parallel()
	host := start(t, app(t, nil), "serve", nil)
	if status, _ := post(t, host, "/api/otp"); status != 200 {
		t.Fatalf("status %d", status)
	}
	host.Interrupt()
	if codes := host.ExitCodes(); !slices.Contains(codes, 128+int(syscall.SIGINT)) && !slices.Contains(codes, 2) {
		t.Errorf("exit codes %v, want the interrupt's", codes)
	}
}
