package standin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	errTooManyErrors = errors.New("exceeded the handler's restart count")
	errNoHandler     = errors.New("there is no handler at the moment")
	errDead          = errors.New("the handler has ended for good")
	errNotReady      = errors.New("the handler did not become ready")
)

// holdLimit is how long the host holds a request for a handler that is not ready: three restarts and the first start.
const holdLimit = 4 * 30 * time.Second

// supervisor keeps the handler alive by the host's rules.
type supervisor struct {
	settings settings
	env      environment
	port     string
	console  *console

	mu      sync.Mutex
	state   state
	current *process
	changed chan struct{} // closed and replaced at every change of the two above
	exits   []int
}

type state int

const (
	starting state = iota
	ready
	dead
)

func newSupervisor(s settings, env environment, port string, output *console) *supervisor {
	return &supervisor{settings: s, env: env, port: port, console: output, changed: make(chan struct{})}
}

// run starts the handler and restarts it until ctx is done (nil) or the handler has failed too often.
func (s *supervisor) run(ctx context.Context) error {
	defer s.become(dead, nil)
	var errorBucket allowance
	for {
		handler, err := spawn(ctx, s.settings, s.env, s.port, s.console)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		s.become(starting, handler)
		s.attend(ctx, handler)
		if ctx.Err() != nil {
			return nil
		}
		s.recordExit(handler)
		switch {
		case handler.overdue.Load() || handler.code == exitRestart:
		case handler.code == exitFinished:
			s.become(dead, nil)
			<-ctx.Done()
			return nil
		case !errorBucket.spend(time.Now()):
			s.console.add(Line{Level: Error, Text: "Exceeded handler restart retry count. Shutting down"})
			return errTooManyErrors
		}
	}
}

// attend announces the handler when it answers and returns when it has ended; one that does not answer in time is
// killed.
func (s *supervisor) attend(ctx context.Context, handler *process) {
	probing, stop := context.WithTimeout(ctx, s.settings.initializationTimeout)
	probed := make(chan struct{})
	go func() {
		defer close(probed)
		err := awaitListening(probing, handler.address)
		if err == nil {
			s.become(ready, handler)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			handler.kill()
		}
	}()
	<-handler.done
	stop()
	<-probed
}

// recordExit says of an end what the host says. Of an exit with 0 it says nothing.
func (s *supervisor) recordExit(handler *process) {
	switch {
	case handler.code == exitRestart || handler.overdue.Load():
		s.console.add(Line{Level: Information, Text: "Language Worker Process exited and needs to be restarted."})
	case handler.code != exitFinished:
		s.console.add(Line{Level: Error, Text: fmt.Sprintf("Language Worker Process exited. Pid=%d.", handler.pid)})
		s.console.add(Line{Level: Error, Text: fmt.Sprintf("%s exited with code %d (0x%X).",
			s.settings.executable, handler.code, handler.code)})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exits = append(s.exits, handler.code)
}

// become changes the state and wakes everyone who waits for a change.
func (s *supervisor) become(next state, handler *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state, s.current = next, handler
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *supervisor) now() (state, *process, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.current, s.changed
}

// await returns the handler once it is ready. A request that comes earlier is held, not refused.
func (s *supervisor) await(ctx context.Context) (*process, error) {
	limit := time.NewTimer(holdLimit)
	defer limit.Stop()
	for {
		current, handler, changed := s.now()
		switch current {
		case ready:
			return handler, nil
		case dead:
			return nil, errDead
		case starting:
		}
		select {
		case <-changed:
		case <-limit.C:
			return nil, errNotReady
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// restart kills the handler because one function ran out of time, and everything else that it was doing with it.
func (s *supervisor) restart(handler *process) {
	handler.overdue.Store(true)
	handler.kill()
}

func (s *supervisor) exitCodes() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int(nil), s.exits...)
}
