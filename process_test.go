package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// process is a byoe that serves in a process of its own, for what cannot be seen or done from inside.
type process struct {
	program

	command *exec.Cmd
}

// startProcess starts byoe serve as a process and waits until it listens.
func startProcess(t *testing.T, lines []string) *process {
	t.Helper()
	p := &process{command: exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])}
	p.begin(t, lines)
	p.url = awaitListening(t, &p.stdout)
	return p
}

// begin starts the command with its streams, and kills it in the end.
func (p *process) begin(t *testing.T, lines []string) {
	t.Helper()
	p.command.Env = append(lines, asProgram+"=1")
	if p.command.Stdout == nil {
		p.command.Stdout, p.command.Stderr = &p.stdout, &p.stderr
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	p.stop = func() error {
		_ = p.command.Process.Kill()
		return p.command.Wait()
	}
	t.Cleanup(func() { _ = p.stop() })
}

// proc reads a file of the process from /proc, and skips the test where there is none.
func (p *process) proc(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), name))
	if err != nil {
		t.Skipf("needs /proc, as Linux has it: %v", err)
	}
	return string(content)
}

// kilobytes reads a number such as VmHWM, the most memory that it ever had, or VmRSS, what it has now.
func (p *process) kilobytes(t *testing.T, name string) int {
	t.Helper()
	for line := range strings.Lines(p.proc(t, "status")) {
		if key, value, found := strings.Cut(line, ":"); found && key == name {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s", name)
	return 0
}
