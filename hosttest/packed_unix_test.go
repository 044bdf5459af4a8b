//go:build unix

package hosttest_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/cli"
	"byoe/hosttest"
)

// packedApp is byoe as byoe package makes it ready for Azure, unpacked with the modes that the zip records, as Azure does.
// The local settings, which are never packed, are added to let it run here.
func packedApp(t *testing.T) string {
	t.Helper()
	root := hosttest.Root(t)
	archive := filepath.Join(t.TempDir(), "byoe.zip")
	var printed bytes.Buffer
	if err := cli.Run(t.Context(), []string{"package", "--dir", root, "--out", archive}, os.Environ(), &printed, &printed); err != nil {
		t.Fatalf("byoe package: %v\n%s", err, &printed)
	}
	app := t.TempDir()
	want := map[string]fs.FileMode{"byoe": 0o755}
	for _, name := range hosttest.DeployedFiles(t) {
		want[name] = 0o644
	}
	if diff := cmp.Diff(want, unpack(t, archive, app)); diff != "" {
		t.Errorf("packed (-want +got):\n%s", diff)
	}
	copyFile(t, filepath.Join(root, "local.settings.json"), filepath.Join(app, "local.settings.json"))
	return app
}

// Core Tools, which publishes too, makes the same of a folder that has, beside the app, something under every other name that
// the repository's root has.
func TestRealCoreToolsPackTheSame(t *testing.T) {
	requireFunc(t)
	source := hosttest.BuildApp(t)
	addDecoys(t, source)
	target := t.TempDir()
	pack := exec.CommandContext(t.Context(), "func", "pack", "--output", target)
	pack.Dir = source
	if output, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("func pack: %v\n%s", err, output)
	}
	archives, err := filepath.Glob(filepath.Join(target, "*.zip"))
	if err != nil || len(archives) != 1 {
		t.Fatalf("func pack made %q, %v", archives, err)
	}
	want := map[string]fs.FileMode{"byoe": 0o777}
	for _, name := range hosttest.DeployedFiles(t) {
		want[name] = 0o666
	}
	if diff := cmp.Diff(want, unpack(t, archives[0], t.TempDir())); diff != "" {
		t.Errorf("packed (-want +got):\n%s", diff)
	}
	var printed bytes.Buffer
	if err := cli.Run(t.Context(), []string{"package", "--verify", archives[0]}, os.Environ(), &printed, &printed); err != nil {
		t.Errorf("byoe package --verify: %v\n%s", err, &printed)
	}
}

// addDecoys: the modes are those of files that were checked out, so the executable bit is not to be had from them.
func addDecoys(t *testing.T, dir string) {
	t.Helper()
	root := hosttest.Root(t)
	copyFile(t, filepath.Join(root, ".funcignore"), filepath.Join(dir, ".funcignore"))
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := filepath.Join(dir, entry.Name())
		if _, err := os.Lstat(name); err == nil {
			continue
		}
		if entry.IsDir() {
			name = filepath.Join(name, "host.json")
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(name, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "byoe"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// unpack extracts the archive and returns the modes by name.
func unpack(t *testing.T, archive, target string) map[string]fs.FileMode {
	t.Helper()
	reader, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	modes := map[string]fs.FileMode{}
	for _, entry := range reader.File {
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		bytes, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(target, filepath.FromSlash(entry.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, entry.Mode().Perm()); err != nil { // WriteFile is subject to the umask
			t.Fatal(err)
		}
		modes[entry.Name] = entry.Mode().Perm()
	}
	return modes
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUnderTheRealHost(t *testing.T) {
	requireFunc(t)
	app := packedApp(t)
	hosttest.Run(t, app, startReal)
	t.Run("what Entra needs", func(t *testing.T) { hosttest.RunPages(t, app, startReal) })
}

func TestPackedUnderTheStandIn(t *testing.T) {
	hosttest.RunPages(t, packedApp(t), startStandIn)
}

// `func start` in the repository, with nothing said, is one of the first things that a newcomer does. Where the usual
// ports are taken, others are used.
func TestRealFuncStartAsCommitted(t *testing.T) {
	requireFunc(t)
	env, tenantURL, arguments := map[string]string{}, "http://127.0.0.1:7072", []string(nil)
	if !allFree(t, "127.0.0.1:7071", "127.0.0.1:7072", "127.0.0.1:1025") {
		tenant := "127.0.0.1:" + freePort(t)
		tenantURL = "http://" + tenant
		maps.Copy(env, map[string]string{"DEV_TENANT_ADDR": tenant, "DEV_MAILBOX_ADDR": "127.0.0.1:" + freePort(t)})
		arguments = []string{"--port", freePort(t)}
	}
	host := runFunc(t, hosttest.BuildApp(t), env, arguments)
	hosttest.RunShort(t, host, tenantURL)
}

func allFree(t *testing.T, addresses ...string) bool {
	t.Helper()
	return !slices.ContainsFunc(addresses, func(address string) bool {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", address)
		if err != nil {
			return true
		}
		_ = listener.Close()
		return false
	})
}
