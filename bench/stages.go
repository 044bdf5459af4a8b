package main

import (
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
	b.sayf("%s", said)
	return b.show(stagesTable(said))
}

// stagesTable reads what go test -bench says: a line for each package, and behind it one for each of its benchmarks.
func stagesTable(said []byte) table {
	t := table{Head: []string{"package", "benchmark", "ns/op", "B/op", "allocs/op"}}
	pkg := ""
	for line := range strings.Lines(string(said)) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "pkg: "):
			pkg = fields[1]
		case strings.HasPrefix(line, "Benchmark") && len(fields) == 8: // name, times, and three numbers with their units
			t.row(pkg, strings.TrimPrefix(fields[0], "Benchmark"), fields[2], fields[4], fields[6])
		}
	}
	return t
}
