package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
)

// stages are the packages on a call's way, each with its benchmarks.
func stages() []string {
	return []string{
		"./auth", "./event", "./message", "./delivery", "./delivery/claims/memory", "./delivery/claims/tiered",
		"./providers/sendgrid", "./providers/smtp", "./app",
	}
}

// stageBenchmarks are those that a call passes, and what the start pays.
const stageBenchmarks = "^Benchmark(Verify|BareRSA|Decode|Compose|Prepare|Deliver|Claim|Send|EmailOtpSend)$"

// measureStages runs the packages' own benchmarks. What it prints is what benchstat reads; keep it in a file to compare.
func (b *bench) measureStages() error {
	args := []string{"test", "-p", "1", "-run", "^$", "-bench", stageBenchmarks, "-benchmem", "-benchtime", choose(b, "1s", "0.1s")}
	command := exec.CommandContext(b.ctx, "go", append(args, stages()...)...)
	said, err := command.CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(string(said)))
	}
	t := table{Head: []string{"stage", "", "", "", "", "", "", ""}}
	for line := range bytes.Lines(said) {
		if bytes.HasPrefix(line, []byte("Benchmark")) {
			t.row(strings.Fields(string(line))...)
		}
	}
	return b.show(t)
}
