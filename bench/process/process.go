// Package process runs the programs that are measured, and reads from outside what they cost.
package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Process is a running program.
type Process struct {
	command *exec.Cmd
	lines   *bufio.Scanner
	began   time.Time
	drained sync.WaitGroup
	cancel  context.CancelFunc
}

// Start runs a program with this environment and no other. What it says on stderr is shown on stderr; its stdout is for
// WaitFor.
func Start(ctx context.Context, environ []string, stderr io.Writer, program string, arguments ...string) (*Process, error) {
	p := newProcess(ctx, environ, stderr, program, arguments)
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.lines = bufio.NewScanner(stdout)
	return p, p.start()
}

// StartWithPipes runs a program whose input and output are the caller's. It ends when its input is closed, or by Stop.
func StartWithPipes(ctx context.Context, environ []string, stderr io.Writer, program string, arguments ...string) (*Process, io.WriteCloser, io.Reader, error) {
	p := newProcess(ctx, environ, stderr, program, arguments)
	stdin, err := p.command.StdinPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	return p, stdin, stdout, p.start()
}

// saidMost is how much of what a program says on stderr is shown, in bytes.
const saidMost = 2 << 10

// stopMost is how long an interrupted program may go on before it is killed.
const stopMost = 5 * time.Second

func newProcess(ctx context.Context, environ []string, stderr io.Writer, program string, arguments []string) *Process {
	ctx, cancel := context.WithCancel(ctx)
	command := exec.CommandContext(ctx, program, arguments...)
	command.Env, command.Stderr = environ, FirstWords(stderr, saidMost)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = stopMost
	return &Process{command: command, cancel: cancel}
}

func (p *Process) start() error {
	p.began = time.Now()
	err := p.command.Start()
	if err != nil {
		p.cancel()
	}
	return err
}

// Began is the moment before the program was executed.
func (p *Process) Began() time.Time { return p.began }

// WaitFor reads the program's lines up to the first that understand takes, and from there on throws them away, as a keeper
// of logs would read them.
func (p *Process) WaitFor(understand func(line []byte) bool) error {
	for p.lines.Scan() {
		if understand(p.lines.Bytes()) {
			p.drained.Go(func() {
				for p.lines.Scan() {
				}
			})
			return nil
		}
	}
	return fmt.Errorf("the program ended, or said nothing that was waited for: %w", errors.Join(io.ErrUnexpectedEOF, p.lines.Err()))
}

// Stop interrupts the program and waits until it has ended. An exit code is no error: the measured end as they please.
func (p *Process) Stop() error {
	p.cancel()
	p.drained.Wait()
	err := p.command.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); exited || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Usage is what a process has cost since its start.
type Usage struct {
	// CPU is the time of all its threads.
	CPU time.Duration
	// RSS is the memory that it has now, in bytes, and PeakRSS the most that it ever had.
	RSS, PeakRSS int64
}

// Sub is what a process cost between two looks; memory is that of the later one.
func (u Usage) Sub(earlier Usage) Usage {
	return Usage{CPU: u.CPU - earlier.CPU, RSS: u.RSS, PeakRSS: u.PeakRSS}
}

// PerCall is the CPU time of one of so many calls.
func (u Usage) PerCall(calls int) time.Duration {
	if calls == 0 {
		return 0
	}
	return u.CPU / time.Duration(calls)
}

// Usage reads what the program has cost.
func (p *Process) Usage() (Usage, error) { return usageOf(p.command.Process.Pid) }
