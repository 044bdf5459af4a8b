package hosttest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// executableOverride names the override with which an app runs on Windows, where the executable has another name.
const executableOverride = "AzureFunctionsJobHost__customHandler__description__defaultExecutablePath"

// executableName is what the executable is called in an app's folder.
func executableName() string {
	if runtime.GOOS == "windows" {
		return "byoe.exe"
	}
	return "byoe"
}

// PlatformEnv is what a host needs on this system to find the executable.
func PlatformEnv() map[string]string {
	if runtime.GOOS == "windows" {
		return map[string]string{executableOverride: executableName()}
	}
	return map[string]string{}
}

// Root returns the folder of go.mod, which is also the app's.
func Root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

// DeployedFiles are the committed files that are deployed, beside the executable.
func DeployedFiles(t *testing.T) []string {
	t.Helper()
	functions, err := fs.Glob(os.DirFS(Root(t)), "*/function.json")
	if err != nil {
		t.Fatal(err)
	}
	return append(functions, "host.json")
}

// BuildApp builds byoe as it is deployed and lays it out in a new folder with the committed files.
func BuildApp(t *testing.T) string {
	t.Helper()
	app := copyAppFiles(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	//nolint:gosec // builds this module
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w",
		"-o", filepath.Join(app, executableName()), ".")
	build.Dir = Root(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return app
}

// ProbeApp lays the committed files out with this test's own program for an executable, which must call [probe.Main],
// and with functions that byoe does not need: one that asks for a key, one with a route of its own, and one that lacks
// the HTTP output.
func ProbeApp(t *testing.T) string {
	t.Helper()
	app := copyAppFiles(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	placeProgram(t, program, filepath.Join(app, executableName()))
	const trigger = `{"type":"httpTrigger","direction":"in","name":"req","authLevel":"%s","methods":["get","post"]%s}`
	const output = `,{"type":"http","direction":"out","name":"res"}`
	for name, bindings := range map[string]string{
		"Locked":   fmt.Sprintf(trigger, "function", "") + output,
		"Routed":   fmt.Sprintf(trigger, "anonymous", `,"route":"v1/here"`) + output,
		"NoOutput": fmt.Sprintf(trigger, "anonymous", ""),
	} {
		writeFile(t, filepath.Join(app, name, "function.json"), []byte(`{"bindings":[`+bindings+`]}`))
	}
	return app
}

// placeProgram links the program, or copies it where links need rights.
func placeProgram(t *testing.T, program, target string) {
	t.Helper()
	if runtime.GOOS != "windows" {
		if err := os.Symlink(program, target); err != nil {
			t.Fatal(err)
		}
		return
	}
	content, err := os.ReadFile(program) //nolint:gosec // this test's own program
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, target, content)
}

func copyAppFiles(t *testing.T) string {
	t.Helper()
	app := t.TempDir()
	root := os.DirFS(Root(t))
	for _, name := range append(DeployedFiles(t), "local.settings.json") {
		content, err := fs.ReadFile(root, name)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(app, filepath.FromSlash(name)), content)
	}
	return app
}

// WithLock returns a copy of the app in which EmailOtpSend asks for a key, as an owner may choose.
func WithLock(t *testing.T, app string) string {
	t.Helper()
	locked := t.TempDir()
	if err := os.CopyFS(locked, os.DirFS(app)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(locked, "EmailOtpSend", "function.json")
	content, err := fs.ReadFile(os.DirFS(locked), "EmailOtpSend/function.json")
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(content), `"anonymous"`, `"function"`, 1)
	if changed == string(content) {
		t.Fatal("EmailOtpSend/function.json is not anonymous")
	}
	writeFile(t, name, []byte(changed))
	return locked
}

// writeFile writes a file of an app, and its folder.
func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil { //nolint:gosec // below a temporary folder of the test
		t.Fatal(err)
	}
}
