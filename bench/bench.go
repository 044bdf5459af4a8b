package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"byoe/bench/entra"
	"byoe/bench/process"
	"byoe/bench/standin"
)

// bench is one run: what is measured and where it is told.
type bench struct {
	ctx            context.Context
	options        options
	stdout, stderr io.Writer
	scratch        string

	tenant    *entra.Tenant
	providers *standin.Remote
	standins  *process.Process
	closeIn   func() error
	// running are the programs that are to be stopped, also where a section fails.
	running map[*program]bool
	// calls is how many events were made: each is made once in a run.
	calls int
	// title is that of the section that runs.
	title  string
	record record
}

// record is what is kept of a run.
type record struct {
	Machine machine
	Short   bool
	Tables  []table
	Goals   []goal
}

// section is one part of the measurement.
type section struct {
	name, title string
	measure     func(*bench) error
}

func sections() []section {
	return []section{
		{"stages", "The stages, each alone (go test -bench)", (*bench).measureStages},
		{"load", "Time added to the provider's own answer, and what it costs, at fixed rates", (*bench).measureLoad},
		{"limit", "Against a program that only checks RS256 and forwards one HTTP call", (*bench).measureLimit},
		{"start", "From the start to the first 200", (*bench).measureStart},
		{"smtp", "A warm SMTP mail with 50 ms between byoe and the server", (*bench).measureRoundTrips},
		{"failover", "When providers fail", (*bench).measureFailover},
		{"memory", "Memory, and throughput", (*bench).measureMemory},
		{"node", "Against Node", (*bench).measureNode},
		{profiles, "Profiles", (*bench).measureProfile},
	}
}

func sectionNames() []string {
	var names []string
	for _, s := range sections() {
		names = append(names, s.name)
	}
	return names
}

// prepare builds what is to be measured, and starts what stands around it.
func prepare(ctx context.Context, o options, stdout, stderr io.Writer) (*bench, error) {
	scratch, err := os.MkdirTemp("", "byoe-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{ctx: ctx, options: o, stdout: stdout, stderr: stderr, scratch: scratch, running: map[*program]bool{}}
	b.record.Short = o.short
	if err := errors.Join(b.build(), b.startStandIns(), b.startTenant()); err != nil {
		return nil, errors.Join(err, b.stop())
	}
	b.record.Machine = describe(ctx, o)
	b.sayf("%s\n", b.record.Machine)
	if o.short {
		b.sayf("-short: too few calls for numbers that are kept\n")
	}
	return b, nil
}

// build makes the executables as they are deployed.
func (b *bench) build() error {
	if b.options.byoe == "" {
		b.options.byoe = filepath.Join(b.scratch, "byoe")
		if err := b.goBuild(b.options.byoe, "byoe"); err != nil {
			return err
		}
	}
	return b.goBuild(b.limit(), "byoe/bench/limit")
}

func (b *bench) limit() string { return filepath.Join(b.scratch, "limit") }

func (b *bench) goBuild(to, what string) error {
	command := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, what)
	command.Stdout, command.Stderr = b.stderr, b.stderr
	return command.Run()
}

func (b *bench) startTenant() (err error) {
	b.tenant, err = entra.Start(b.ctx)
	return err
}

// startStandIns starts this program once more, as the providers.
func (b *bench) startStandIns() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p, stdin, stdout, err := process.StartWithPipes(b.ctx, os.Environ(), b.stderr, self, asProviders)
	if err != nil {
		return err
	}
	b.standins, b.closeIn = p, stdin.Close
	b.providers, err = standin.NewRemote(stdin, stdout)
	return err
}

// stop ends everything that was started.
func (b *bench) stop() error {
	var err error
	for p := range b.running {
		err = errors.Join(err, p.end())
	}
	if b.tenant != nil {
		err = errors.Join(err, b.tenant.Close())
	}
	if b.standins != nil {
		err = errors.Join(err, b.closeIn(), b.standins.Stop())
	}
	return errors.Join(err, os.RemoveAll(b.scratch))
}

// measure runs the sections, and prints the table of goals behind them.
func (b *bench) measure() error {
	for _, s := range sections() {
		if !b.options.wants(s.name) {
			continue
		}
		b.title = s.title
		b.sayf("\n== %s\n", s.title)
		if err := s.measure(b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	b.sayf("\n== Numbers to reach\n")
	return goalsTable(b.record.Goals).write(b.stdout)
}

// profiles is the section that measures nothing.
const profiles = "profile"

// wants says whether a section is to run: those that are named, or all that measure.
func (o options) wants(section string) bool {
	if len(o.only) == 0 {
		return section != profiles
	}
	return slices.Contains(o.only, section)
}

func (b *bench) sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(b.stdout, format, args...) // a reader who has gone needs no number
}

// show prints a table and keeps it.
func (b *bench) show(t table) error {
	t.Title = b.title
	b.record.Tables = append(b.record.Tables, t)
	return t.write(b.stdout)
}

// reach keeps a number beside what it is to be.
func (b *bench) reach(g goal) { b.record.Goals = append(b.record.Goals, g) }

// choose returns the first where the run is a whole one, else the second.
func choose[T any](b *bench, whole, short T) T {
	if b.options.short {
		return short
	}
	return whole
}
