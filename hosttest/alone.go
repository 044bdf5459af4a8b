package hosttest

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// RunAlone checks what byoe does without a host: a port that it cannot have must end it with an error code and a word on
// stderr, which is all that the host's log shows of the reason.
func RunAlone(t *testing.T, app string) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, takenPort, _ := net.SplitHostPort(taken.Addr().String())
	tests := []struct{ name, port, general string }{
		{"no number", "http", ""},
		{"too large a number", "65536", ""},
		{"a negative number", "-1", ""},
		{"a port that is taken", takenPort, ""},
		{"none from the host and a bad one from the platform", "", "http"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			env, _ := tenantEnv(t)
			env["FUNCTIONS_CUSTOMHANDLER_PORT"], env["PORT"] = test.port, test.general
			assertRefusesToStart(t, app, env)
		})
	}
}

func assertRefusesToStart(t *testing.T, app string, env map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	//nolint:gosec // the executable under test
	cmd := exec.CommandContext(ctx, filepath.Join(app, executableName()))
	cmd.Dir = app
	cmd.Env = append(os.Environ(), "DEV_TENANT=true", "FUNCTIONS_CORETOOLS_ENVIRONMENT=true")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	exit, isExit := errors.AsType[*exec.ExitError](err)
	if !isExit || exit.ExitCode() != 1 {
		t.Errorf("ended with %v, want exit code 1", err)
	}
	if strings.TrimSpace(stderr.String()) == "" {
		t.Error("no word on stderr")
	}
}
