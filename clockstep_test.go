package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// clockSteps is the variable that asks for this test: it compiles Go's whole library anew, a minute or two the first time.
const clockSteps = "BYOE_CLOCK_STEPS"

// What a wall clock that jumps does to a running webhook is shown with one that can be set: the test builds itself with a
// package time whose Now adds a step, and leaves the monotonic clock alone, as a correction of a machine's clock does. The
// tests that then run are in clockstepped_test.go.
func TestClockSteps(t *testing.T) {
	if os.Getenv(clockSteps) == "" {
		t.Skipf("set %s=1: it compiles the standard library with a clock that can be set", clockSteps)
	}
	gotool := func(args ...string) []byte {
		t.Helper()
		command := exec.CommandContext(t.Context(), "go", args...)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return out
	}
	original := filepath.Join(string(bytes.TrimSpace(gotool("env", "GOROOT"))), "src", "time", "time.go")
	source, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	const now = "	sec, nsec, mono := runtimeNow()\n"
	if bytes.Count(source, []byte(now)) != 1 {
		t.Fatalf("%s of %s reads the clock in another way", original, runtime.Version())
	}
	stepped := strings.Replace(string(source), now, now+"	sec += Step\n", 1) + "\n// Step is what Now adds, in seconds.\nvar Step int64\n"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "time.go"), []byte(stepped), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: filepath.Join(dir, "time.go")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "stepped.test")
	gotool("test", "-c", "-vet=off", "-tags=clockstep", "-overlay="+filepath.Join(dir, "overlay.json"), "-o", binary, ".")
	command := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "-test.run=^TestClockStepped", "-test.v")
	out, err := command.CombinedOutput()
	if t.Log(string(out)); err != nil {
		t.Error(err)
	}
	if passed := bytes.Count(out, []byte("--- PASS: TestClockStepped")); passed < 5 {
		t.Errorf("%d tests ran", passed)
	}
}
