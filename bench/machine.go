package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine says where and on what a run was made. Numbers of two machines, or of two kernels, are not to be compared.
type machine struct {
	CPU, Kernel, Go, Node, Commit string
	Cores                         int
	Load                          string
	At                            time.Time
}

func describe(ctx context.Context, o options) machine {
	return machine{
		CPU: cpuModel(), Cores: runtime.NumCPU(), Kernel: output(ctx, "uname", "-srm"), Go: runtime.Version(),
		Node: nodeVersion(ctx, o), Commit: commit(ctx), Load: loadAverage(), At: time.Now().UTC().Truncate(time.Second),
	}
}

// String is the first line of a run.
func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s, %s, Node %s, commit %s, load before the run %s, %s",
		m.CPU, m.Cores, m.Kernel, m.Go, cmp.Or(m.Node, "not there"), m.Commit, m.Load, m.At.Format(time.RFC3339))
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range bytes.Lines(info) {
		if name, model, found := bytes.Cut(line, []byte(":")); found && strings.TrimSpace(string(name)) == "model name" {
			return string(bytes.TrimSpace(model))
		}
	}
	return runtime.GOARCH
}

// loadAverage is the machine's one-minute load average: a run on a busy machine is none.
func loadAverage() string {
	average, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(average), " ")
	return first
}

// commit names the tree, with a mark where it has changes that are not committed.
func commit(ctx context.Context) string {
	name := output(ctx, "git", "rev-parse", "--short=12", "HEAD")
	if output(ctx, "git", "status", "--porcelain", "--untracked-files=no") != "" {
		name += "+changes"
	}
	return name
}

// nodeVersion is "" where the run has nothing for Node.
func nodeVersion(ctx context.Context, o options) string {
	if o.node == "" {
		return ""
	}
	return output(ctx, "node", "--version")
}

// output is what a command says, or "" where it fails.
func output(ctx context.Context, command string, args ...string) string {
	said, err := exec.CommandContext(ctx, command, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(said))
}
