package deployment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// errNoGo says that there is no toolchain.
var errNoGo = errors.New("there is no Go to build with: install it, or give a finished program with --executable")

// Build builds the module in dir for Linux on the given processor and returns the program. Sources of the same commit and the
// same version of Go make the same bytes, wherever they lie: paths and the linker's random id are left out, and settings
// of the machine that would change the code are overruled. Where dir is a clone, Go stamps the commit.
func Build(ctx context.Context, dir, arch string, environ []string) ([]byte, error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, errNoGo
	}
	scratch, err := os.MkdirTemp("", "byoe-package-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // temporary in any case
	target := filepath.Join(scratch, "byoe")
	//nolint:gosec // builds the folder that the owner named
	build := exec.CommandContext(ctx, tool, "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w -buildid=", "-o", target, ".")
	build.Dir = dir
	build.Env = buildEnviron(environ, arch)
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, strings.TrimSpace(string(output)))
	}
	return os.ReadFile(target) //nolint:gosec // just built
}

// buildEnviron is the environment of the build; later entries go before earlier ones.
func buildEnviron(environ []string, arch string) []string {
	return append(environ[:len(environ):len(environ)],
		"GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=-mod=readonly", "GOEXPERIMENT=", "GOWORK=off")
}
