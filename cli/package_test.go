package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"byoe/cli"
)

// linuxProgram builds the smallest program for Linux.
func linuxProgram(t *testing.T, arch string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module smallest\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", "program", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOWORK=off")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return filepath.Join(dir, "program")
}

// runPackage runs byoe package and returns what it printed.
func runPackage(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := cli.Run(t.Context(), append([]string{"package"}, arguments...), os.Environ(), &stdout, &stderr)
	return stdout.String(), err
}

func TestPackage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	zip := filepath.Join(dir, "byoe.zip")
	program := linuxProgram(t, "amd64")
	made, err := runPackage(t, "--dir", "..", "--executable", program, "--out", zip)
	if err != nil {
		t.Fatal(err, made)
	}
	for _, want := range []string{"byoe                        0755", "EmailOtpSend/function.json  0644", "in order, for linux/amd64", runtime.Version()} {
		if !strings.Contains(made, want) {
			t.Errorf("no %q in:\n%s", want, made)
		}
	}
	verified, err := runPackage(t, "--verify", zip)
	if err != nil || !strings.HasSuffix(made, verified) {
		t.Errorf("making said:\n%s\nchecking %v:\n%s", made, err, verified)
	}

	before, err := os.ReadFile(zip)
	if err != nil {
		t.Fatal(err)
	}
	told, err := runPackage(t, "--dir", "..", "--executable", linuxProgram(t, "arm64"), "--out", zip)
	if err == nil || !strings.Contains(told, "byoe: is for another processor than amd64. Build it for linux/amd64") {
		t.Errorf("a program for another processor was packed: %v\n%s", err, told)
	}
	if after, err := os.ReadFile(zip); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the good package was replaced by a bad one: %v", err)
	}
	if told, err = runPackage(t, "--verify", zip, "--arch", "arm64"); err == nil {
		t.Errorf("a package for amd64 is none for arm64, but:\n%s", told)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

// What is built has byoe's own way to say which it is; see byoe version.
func TestPackageBuilds(t *testing.T) {
	t.Parallel()
	zip := filepath.Join(t.TempDir(), "byoe.zip")
	made, err := runPackage(t, "--dir", "..", "--out", zip)
	if err != nil {
		t.Fatal(err, made)
	}
	again := filepath.Join(t.TempDir(), "again.zip")
	if _, err := runPackage(t, "--dir", "..", "--out", again); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(zip)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("made twice, the package differs")
	}
}

func TestPackageOfNothing(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "byoe.zip")
	_, err := runPackage(t, "--dir", t.TempDir(), "--executable", linuxProgram(t, "amd64"), "--out", target)
	if err == nil || !strings.Contains(err.Error(), ".funcignore") {
		t.Errorf("got %v", err)
	}
	_, err = runPackage(t, "--dir", "..", "--executable", linuxProgram(t, "amd64"), "--out", filepath.Join(t.TempDir(), "missing", "byoe.zip"))
	if err == nil {
		t.Error("wrote into a folder that is not there")
	}
}
