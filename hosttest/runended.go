package hosttest

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"byoe/hosttest/standin"
)

func terminate() os.Signal { return syscall.SIGTERM }

func interrupt() os.Signal { return os.Interrupt }

// restartMost is how long a killed handler may be away. 0.07 s with the stand-in and 0.13 s with the real host are usual;
// the rest is for busy machines.
const restartMost = 2 * time.Second

// killed: a crash is followed by a served request, and soon.
func (s *session) killed(t *testing.T) {
	before, err := s.host.HandlerPID()
	if err != nil {
		t.Fatal(err)
	}
	kill(t, s.host)
	s.replaced(t, before, restartMost)
	s.delivered(t, newEvent(t), nil)
}

// replaced waits for a request that another process than the former one serves. The process comes first: the other way
// round the former one could answer with its last breath.
func (s *session) replaced(t *testing.T, former int, limit time.Duration) {
	t.Helper()
	eventually(t, limit, "a new handler that serves", func() bool {
		if pid, err := s.host.HandlerPID(); err != nil || pid == former {
			return false
		}
		return s.do(t, call{method: http.MethodGet, path: "/api/Health"}).status == http.StatusOK
	})
}

// signalled: the host never restarts a handler that exits with 0, so a signal that reaches the handler alone must end it
// with 200, and until then it must serve.
func (s *session) signalled(t *testing.T, signal os.Signal) {
	if runtime.GOOS == "windows" {
		t.Skip("no such signal on Windows")
	}
	before, err := s.host.HandlerPID()
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(before)
	if err != nil {
		t.Fatal(err)
	}
	restarts := s.restarts()
	if err := process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	s.delivered(t, newEvent(t), nil)
	s.replaced(t, before, 5*time.Second)
	s.delivered(t, newEvent(t), nil)
	if got := s.restarts(); got != restarts+1 {
		t.Errorf("%d exits for a restart, want %d", got, restarts+1)
	}
}

// restarts counts the host's reports of an exit with 200.
func (s *session) restarts() int {
	lines := slices.DeleteFunc(s.host.Lines(), func(line standin.Line) bool { return !strings.Contains(line.Text, restartLine) })
	return len(lines)
}

// listens: the host dials 127.0.0.1 literally, and nobody else has any business at the handler, which would be past the
// host's own gate.
func (s *session) listens(t *testing.T) {
	address, err := s.host.HandlerURL()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.do(t, call{method: http.MethodGet, path: "http://127.0.0.1:" + parsed.Port() + "/"}); got.status != http.StatusOK {
		t.Errorf("on 127.0.0.1: status %d", got.status)
	}
	for _, elsewhere := range otherAddresses(t) {
		dialer := net.Dialer{Timeout: time.Second}
		connection, err := dialer.DialContext(t.Context(), "tcp", net.JoinHostPort(elsewhere, parsed.Port()))
		if err == nil {
			_ = connection.Close()
			t.Errorf("it listens on %s too", elsewhere)
		}
	}
}

// otherAddresses are this machine's addresses but for 127.0.0.1.
func otherAddresses(t *testing.T) []string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var others []string
	for _, address := range all {
		network, isNetwork := address.(*net.IPNet)
		if isNetwork && !network.IP.IsLinkLocalUnicast() && network.IP.String() != "127.0.0.1" {
			others = append(others, network.IP.String())
		}
	}
	return others
}
