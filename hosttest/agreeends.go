package hosttest

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"byoe/hosttest/standin"
)

// agreeEnds ends the handler in every way that leaves the host running, and then once more.
func agreeEnds(t *testing.T, c client, mode Mode) {
	t.Run("exit 200 during a request", func(t *testing.T) { agreeExit(t, c, mode, "200") })
	t.Run("exit 200 is allowed any number of times", func(t *testing.T) {
		for range 3 {
			endAndServe(t, c, func() { c.do(t, call{path: "/api/EmailOtpSend?do=exit&with=200", body: "{}"}) })
		}
	})
	t.Run("exit 3 during a request is the first error", func(t *testing.T) { agreeExit(t, c, mode, "3") })
	t.Run("both exits are reported", func(t *testing.T) { agreeReport(t, c) })
	t.Run("a killed handler is the second error", func(t *testing.T) {
		endAndServe(t, c, func() { kill(t, c.host) })
	})
	t.Run("the third error ends the host", func(t *testing.T) {
		kill(t, c.host)
		select {
		case <-c.host.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("the host goes on")
		}
		if _, err := c.try(t.Context(), call{path: "/api/EmailOtpSend"}); err == nil {
			t.Error("the host still answers")
		}
	})
}

// restartLine is what the host says of a handler that exits with 200: no error, and no count of it.
const restartLine = "Language Worker Process exited and needs to be restarted."

// agreeReport: an error names the code; a restart that was asked for is only mentioned.
func agreeReport(t *testing.T, c client) {
	if level, said := levelOf(c.host, restartLine); !said || level != standin.Information {
		t.Errorf("exit 200 is reported: %t, as %v", said, level)
	}
	reported := slices.ContainsFunc(c.host.Lines(), func(line standin.Line) bool {
		return line.Level == standin.Error && strings.Contains(line.Text, "exited with code 3 (0x3).")
	})
	if !reported {
		t.Error("exit 3 is not reported as an error")
	}
}

// agreeExit: the caller of a handler that dies gets an empty 500, at once under forwarding, after 1.9 s under proxying.
func agreeExit(t *testing.T, c client, mode Mode, code string) {
	endAndServe(t, c, func() {
		got := c.do(t, call{path: "/api/EmailOtpSend?do=exit&with=" + code, body: "{}"})
		if got.status != http.StatusInternalServerError || got.body != "" {
			t.Errorf("status %d, body %q, want an empty 500", got.status, got.body)
		}
		if slow := got.took > time.Second; slow != (mode == Proxy) || got.took > 4*time.Second {
			t.Errorf("the answer took %v", got.took)
		}
	})
}

// endAndServe ends the handler and expects another one, on the same port, that serves.
func endAndServe(t *testing.T, c client, end func()) {
	t.Helper()
	before := c.seen(t, call{path: "/api/EmailOtpSend?env", body: "{}"})
	end()
	var after answer
	eventually(t, 5*time.Second, "a served request", func() bool {
		after = c.do(t, call{path: "/api/Health", method: http.MethodGet})
		return after.status == http.StatusOK
	})
	seen := c.seen(t, call{path: "/api/EmailOtpSend?env", body: "{}"})
	if seen.PID == before.PID {
		t.Error("the handler has not been restarted")
	}
	const port = "FUNCTIONS_CUSTOMHANDLER_PORT"
	if seen.Env[port] != before.Env[port] {
		t.Errorf("the port changed from %s to %s", before.Env[port], seen.Env[port])
	}
}

// kill ends the handler as the kernel does.
func kill(t *testing.T, host Host) {
	t.Helper()
	pid, err := host.HandlerPID()
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
}

// agreeTimeLimit expects a function timeout of one second: the caller gets 500 two seconds later, and the handler is
// restarted, which does not count as an error.
func agreeTimeLimit(t *testing.T, c client) {
	t.Run("a function that takes too long", func(t *testing.T) {
		for range 3 {
			endAndServe(t, c, func() {
				got := c.do(t, call{path: "/api/EmailOtpSend?do=sleep", body: "{}"})
				if got.status != http.StatusInternalServerError {
					t.Errorf("status %d, want 500", got.status)
				}
				if got.took < 2500*time.Millisecond || got.took > 5*time.Second {
					t.Errorf("the answer took %v, want about 3 s", got.took)
				}
			})
		}
		select {
		case <-c.host.Done():
			t.Error("the host has given up")
		default:
		}
	})
}

// agreeJSON: a handler of the JSON protocol works; one that exits with 0 is never started again.
func agreeJSON(t *testing.T, host Host) {
	c := newClient(t, host)
	agreeProtocol(t, c)
	t.Run("exit 0 is for ever", func(t *testing.T) {
		for attempt := range 3 {
			if got := c.do(t, call{path: "/api/EmailOtpSend", body: "die"}); got.status != 500 {
				t.Errorf("attempt %d: status %d, want 500", attempt, got.status)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if got := c.do(t, call{method: "GET", path: "/"}); got.status != 200 || !strings.Contains(got.body, "<") {
			t.Errorf("the host's own page: status %d", got.status)
		}
	})
}
