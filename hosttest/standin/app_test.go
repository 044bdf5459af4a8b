package standin_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

const (
	validHost = `{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"byoe"},` +
		`"enableProxyingHttpRequest":true,"enableForwardingHttpRequest":true}}`
	validFunction = `{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"function",` +
		`"methods":["post"]},{"type":"http","direction":"out","name":"res"}]}`
	validSettings = `{"IsEncrypted":false,"Values":{"FUNCTIONS_WORKER_RUNTIME":"custom"}}`
)

// app writes an app with this test's program for a handler; changes replace files, and remove those that they map to "".
func app(t *testing.T, changes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"host.json": validHost, "Otp/function.json": validFunction, "local.settings.json": validSettings,
	}
	for name, content := range changes {
		files[name] = content
	}
	for name, content := range files {
		if content != "" {
			write(t, filepath.Join(dir, filepath.FromSlash(name)), content)
		}
	}
	if _, replaced := files["byoe"]; !replaced {
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(program, filepath.Join(dir, "byoe")); err != nil {
			t.Skip("needs symbolic links:", err)
		}
	}
	return dir
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("files have no executable bit, processes no signals")
	}
}
