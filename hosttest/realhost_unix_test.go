//go:build unix

package hosttest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"byoe/hosttest"
	"byoe/hosttest/standin"
	"byoe/internal/require"
)

// requireFunc skips the test where there is no Azure Functions host.
func requireFunc(t *testing.T) {
	t.Helper()
	require.Component(t, "func", func() error {
		if _, err := exec.LookPath("func"); err != nil {
			return errors.New("func is not on PATH: install Azure Functions Core Tools 4")
		}
		return nil
	})
}

// realHost is `func start` in a process group of its own. A killed func leaves its handler behind, so everything here
// ends groups, never single processes.
type realHost struct {
	cmd  *exec.Cmd
	url  string
	done chan struct{}

	mu      sync.Mutex
	lines   []standin.Line
	records int // lines in which a level could be read
}

func startReal(t *testing.T, options hosttest.Options) hosttest.Host {
	t.Helper()
	arguments := []string{"--port", freePort(t)}
	if options.CheckKeys {
		arguments = append(arguments, "--enableAuth")
	}
	env := options.Mode.Env()
	maps.Copy(env, options.Env)
	return runFunc(t, options.App, env, arguments)
}

// runFunc runs `func start` in the app and waits until it routes requests.
func runFunc(t *testing.T, app string, env map[string]string, arguments []string) *realHost {
	t.Helper()
	port := "7071"
	if at := slices.Index(arguments, "--port"); at >= 0 {
		port = arguments[at+1]
	}
	host := &realHost{url: "http://127.0.0.1:" + port, done: make(chan struct{})}
	//nolint:noctx // ended as a group, by Close, not as a process, by a context
	host.cmd = exec.Command("func", append([]string{"start"}, arguments...)...)
	host.cmd.Dir = app
	host.cmd.Env = append(os.Environ(), hostEnvironment(env)...)
	host.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := host.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	host.cmd.Stderr = host.cmd.Stdout
	if err := host.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := guard(t, host.cmd.Process.Pid)
	t.Cleanup(func() {
		host.Close()
		watchdog()
		if t.Failed() {
			t.Log(host.transcript())
		}
		if left, err := host.members(); err != nil || len(left) > 0 {
			t.Errorf("still running: %v %v", left, err)
		}
	})
	go host.watch(output)
	host.awaitRouting(t)
	return host
}

// guard kills the process group when this process ends without having closed the host: by a panic, by the time limit of
// go test, or by Ctrl-C, which the host's own group does not get. The shell waits for the end of its input, which comes
// with the end of whoever holds the other side. The returned function calls it off.
func guard(t *testing.T, group int) (callOff func()) {
	t.Helper()
	//nolint:noctx // must outlive the test's context
	dog := exec.Command("sh", "-c", `read -r _; kill -KILL "-$1"`, "sh", strconv.Itoa(group))
	dog.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	leash, err := dog.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := dog.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = dog.Process.Kill()
		_ = dog.Wait() // it was killed
		_ = leash.Close()
	}
}

// hostEnvironment returns env and what makes the host show the level of each line: it marks levels by colour, and shows
// colour on a terminal only, unless told otherwise.
func hostEnvironment(env map[string]string) []string {
	entries := []string{"DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION=1", "TERM=xterm"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		entries = append(entries, name+"="+env[name])
	}
	return entries
}

// awaitRouting waits until the host routes: 404 for everything comes before that.
func (h *realHost) awaitRouting(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/api/Health", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusNotFound {
				break
			}
		}
		select {
		case <-h.done:
			t.Fatal("func start has ended")
		case <-ctx.Done():
			t.Fatal("func start does not route")
		case <-time.After(50 * time.Millisecond):
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.records == 0 {
		t.Fatal("the levels of the host's lines cannot be told: no colour in its output")
	}
}

// watch reads the output to its end and then reaps the host.
func (h *realHost) watch(output io.Reader) {
	defer close(h.done)
	reader := bufio.NewReader(output)
	for {
		line, err := reader.ReadString('\n')
		if line = strings.TrimRight(strings.ReplaceAll(line, "\x1b[39;49m", ""), "\r\n"); line != "" {
			h.record(line)
		}
		if err != nil {
			break
		}
	}
	_ = h.cmd.Wait()
}

// record reads one line of the console: "<grey>[time] <colour>text". The host's threads write at once, so that a line may
// hold several of those.
func (h *realHost) record(raw string) {
	colour := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	stamps := regexp.MustCompile(`\x1b\[30m\[[0-9T:.-]+Z\] `).FindAllStringIndex(raw, -1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(stamps) == 0 {
		h.lines = append(h.lines, standin.Line{Text: colour.ReplaceAllString(raw, "")})
		return
	}
	h.records += len(stamps)
	for i, stamp := range stamps {
		end := len(raw)
		if i+1 < len(stamps) {
			end = stamps[i+1][0]
		}
		text := raw[stamp[1]:end]
		h.lines = append(h.lines, standin.Line{Level: levelIn(text), Text: colour.ReplaceAllString(text, "")})
	}
}

// levelIn tells the level of a record by its colour.
func levelIn(text string) standin.Level {
	switch {
	case strings.Contains(text, "\x1b[31m"):
		return standin.Error
	case strings.Contains(text, "\x1b[33m"):
		return standin.Warning
	default:
		return standin.Information
	}
}

func (h *realHost) URL() string { return h.url }

// HandlerPID looks for the handler in the host's process group.
func (h *realHost) HandlerPID() (int, error) {
	members, err := h.members()
	if err != nil {
		return 0, err
	}
	for pid, program := range members {
		if filepath.Base(program) == "byoe" {
			return pid, nil
		}
	}
	return 0, errors.New("the host has no handler")
}

// members returns the programs of the host's process group by process id, without those that have ended and wait for
// somebody to ask for their exit code.
func (h *realHost) members() (map[int]string, error) {
	//nolint:noctx // a look at the process table
	table, err := exec.Command("ps", "-A", "-o", "pid=,pgid=,stat=,args=").Output()
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	members := map[int]string{}
	for entry := range strings.Lines(string(table)) {
		fields := strings.Fields(entry)
		if len(fields) < 4 || fields[1] != strconv.Itoa(h.cmd.Process.Pid) || strings.HasPrefix(fields[2], "Z") {
			continue
		}
		pid, err := strconv.Atoi(fields[0])
		if err != nil {
			return nil, err
		}
		members[pid] = fields[3]
	}
	return members, nil
}

// HandlerURL reads the port out of the handler's environment, which Linux shows to its owner.
func (h *realHost) HandlerURL() (string, error) {
	pid, err := h.HandlerPID()
	if err != nil {
		return "", err
	}
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return "", err
	}
	for entry := range strings.SplitSeq(string(environ), "\x00") {
		if port, found := strings.CutPrefix(entry, "FUNCTIONS_CUSTOMHANDLER_PORT="); found {
			return "http://127.0.0.1:" + port, nil
		}
	}
	return "", errors.New("the handler has no port")
}

func (h *realHost) Lines() []standin.Line {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

func (h *realHost) Done() <-chan struct{} { return h.done }

// Close sends SIGINT to the group, as the terminal does, and kills what is left of it: func ignores SIGTERM.
func (h *realHost) Close() {
	group := -h.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGINT)
	select {
	case <-h.done:
	case <-time.After(10 * time.Second):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-h.done
}

func (h *realHost) transcript() string {
	var text strings.Builder
	for _, line := range h.Lines() {
		fmt.Fprintf(&text, "%-11s %s\n", line.Level, line.Text)
	}
	return text.String()
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestRealHostBehavesAsWritten(t *testing.T) {
	requireFunc(t)
	hosttest.Agree(t, startReal)
}
