package smtp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"byoe/internal/require"
)

// needs skips the benchmark where Node or the package is missing. BYOE_NODE_MODULES names the folder of Node's packages.
func needs(b *testing.B, npmPackage string) {
	b.Helper()
	modules := os.Getenv("BYOE_NODE_MODULES")
	require.Component(b, npmPackage, func() error {
		if _, err := os.Stat(filepath.Join(modules, npmPackage)); modules == "" || err != nil {
			return errors.New("BYOE_NODE_MODULES does not name a node_modules folder that holds it; npm ci --prefix .ci/npm makes one")
		}
		_, err := exec.LookPath("node")
		return err
	})
}

// script is one of testdata's scripts in a process of its own, which answers a line with a line.
type script struct {
	lines  *bufio.Scanner
	stdin  io.Writer
	banner string
}

// startScript runs a script with settings for its one argument, and waits for its first line.
func startScript(b *testing.B, name string, settings any) *script {
	b.Helper()
	argument, err := json.Marshal(settings)
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.WithoutCancel(b.Context()) // ended by the clean-up, not before it
	command := exec.CommandContext(ctx, "node", inFolderOfModules(b, name), string(argument))
	command.Stderr = b.Output()
	stdin, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close() // tells it to end
		if err := command.Wait(); err != nil {
			b.Errorf("%s: %v", name, err)
		}
	})
	s := &script{lines: bufio.NewScanner(stdout), stdin: stdin}
	if s.banner, err = s.read(); err != nil {
		b.Fatalf("%s did not start: %v", name, err)
	}
	return s
}

// inFolderOfModules copies the script to where Node finds its packages: beside node_modules.
func inFolderOfModules(b *testing.B, name string) (file string) {
	b.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		b.Fatal(err)
	}
	modules, err := filepath.Abs(os.Getenv("BYOE_NODE_MODULES"))
	if err != nil {
		b.Fatal(err)
	}
	folder := b.TempDir()
	file = filepath.Join(folder, name)
	if err := errors.Join(os.WriteFile(file, source, 0o600), os.Symlink(modules, filepath.Join(folder, "node_modules"))); err != nil {
		b.Fatal(err)
	}
	return file
}

// ask says a line and returns the answer.
func (s *script) ask(line string) (string, error) {
	if _, err := fmt.Fprintln(s.stdin, line); err != nil {
		return "", err
	}
	return s.read()
}

func (s *script) read() (string, error) {
	if !s.lines.Scan() {
		return "", errors.Join(io.ErrUnexpectedEOF, s.lines.Err())
	}
	return s.lines.Text(), nil
}
