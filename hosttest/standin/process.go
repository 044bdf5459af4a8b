package standin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"
)

// exit codes that mean something to the host.
const (
	exitFinished = 0   // the handler is never started again
	exitRestart  = 200 // the handler asked for a restart
)

// process is one life of the handler.
type process struct {
	address string // 127.0.0.1:port
	pid     int
	kill    context.CancelFunc // SIGKILL to the handler's process group
	done    chan struct{}      // closed when the process has ended and its output is read
	code    int                // exit code, valid after done
	// overdue says that the host killed it because a function ran out of time; that is not counted as an error.
	overdue atomic.Bool
}

// spawn starts the handler as the host does: in a process group of its own (so that nothing of it can outlive the
// test), with the host's whole environment and the five variables of the custom handler.
func spawn(ctx context.Context, s settings, env environment, port string, output *console) (*process, error) {
	ctx, kill := context.WithCancel(ctx)
	//nolint:gosec // the program is the one that the app's host.json names; running it is what a host is for
	cmd := exec.CommandContext(ctx, s.executable, s.arguments...)
	cmd.Dir = s.workingDir
	cmd.Env = env.with(handlerVariables(port)).entries()
	stdout, stderr := output.stdout(), output.stderr(s.stderrForErrorsOnly)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	if err := cmd.Start(); err != nil {
		kill()
		return nil, fmt.Errorf("failed to start the handler: %w", err)
	}
	started := &process{
		address: net.JoinHostPort("127.0.0.1", port),
		pid:     cmd.Process.Pid,
		kill:    kill,
		done:    make(chan struct{}),
	}
	go func() {
		defer close(started.done)
		defer kill()
		_ = cmd.Wait() // the exit code says it all
		stdout.flush()
		stderr.flush()
		started.code = exitCode(cmd.ProcessState)
	}()
	return started, nil
}

// handlerVariables are what the host adds for a custom handler, under its present and its former names.
func handlerVariables(port string) map[string]string {
	id := newID()
	return map[string]string{
		"FUNCTIONS_CUSTOMHANDLER_PORT":      port,
		"FUNCTIONS_CUSTOMHANDLER_WORKER_ID": id,
		"FUNCTIONS_HTTPWORKER_PORT":         port,
		"FUNCTIONS_HTTPWORKER_ID":           id,
	}
}

// freePort returns a port of 127.0.0.1 that was free a moment ago. The host picks one once and keeps it over restarts.
func freePort(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = listener.Close() }()
	address, isTCP := listener.Addr().(*net.TCPAddr)
	if !isTCP {
		return "", errors.New("no TCP address")
	}
	return strconv.Itoa(address.Port), nil
}
