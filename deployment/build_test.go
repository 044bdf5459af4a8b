package deployment_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoe/deployment"
)

func TestBuildsAreReproducible(t *testing.T) {
	t.Parallel()
	for _, arch := range deployment.Arches() {
		here, err := deployment.Build(t.Context(), smallest(t), arch, os.Environ())
		if err != nil {
			t.Fatal(err)
		}
		// What a machine may have set, and what would make another program of it.
		odd := append(os.Environ(), "GOFLAGS=-ldflags=-X=main.a=b -tags=odd", "GOAMD64=v3", "GOARM64=v9.0", "GOOS=windows", "GOARCH=386", "CGO_ENABLED=1", "GOWORK=")
		there, err := deployment.Build(t.Context(), smallest(t), arch, odd)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(here, there) {
			t.Errorf("%s: another folder and other settings make another program", arch)
		}
		if bytes.Contains(here, []byte(os.TempDir())) {
			t.Errorf("%s: the program tells where it was built", arch)
		}
	}
}

func TestABuildThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	dir := smallest(t)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { undefinedThing() }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := deployment.Build(t.Context(), dir, deployment.DefaultArch, os.Environ())
	if err == nil || !strings.Contains(err.Error(), "undefinedThing") {
		t.Errorf("got %v", err)
	}
}

func TestNoGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := deployment.Build(t.Context(), ".", deployment.DefaultArch, nil)
	if err == nil || !strings.Contains(err.Error(), "--executable") {
		t.Errorf("got %v", err)
	}
}
