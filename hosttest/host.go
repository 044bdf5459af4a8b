// Package hosttest proves two things. [Agree]: that the stand-in (hosttest/standin) behaves as the real Azure Functions
// host does, by running the same expectations against both, with a handler that tells what it saw (hosttest/probe).
// [Run]: that byoe, packed as it is deployed, works under a host, again either of the two.
package hosttest

import (
	"testing"

	"byoe/hosttest/standin"
)

// Host is a running host with a handler.
type Host interface {
	// URL is the host's address, without a slash at the end.
	URL() string
	// HandlerPID is the process id of the handler's present life.
	HandlerPID() (int, error)
	// HandlerURL is the address on which the handler itself listens, without a slash at the end.
	HandlerURL() (string, error)
	// Lines is what host and handler have said so far, each line with the level that the host gave it.
	Lines() []standin.Line
	// Done is closed when the host has ended.
	Done() <-chan struct{}
	// Close ends the host and everything that it started. It may be called twice.
	Close()
}

// Options says what to start.
type Options struct {
	// App is the folder of host.json.
	App  string
	Mode Mode
	// Env is added to the environment of the host, and so of the handler.
	Env map[string]string
	// CheckKeys makes the host ask for a key where a function is not anonymous. No key opens it.
	CheckKeys bool
}

// StartFunc starts a host that is closed at the end of the test at the latest. The real one takes seconds, so tests
// share it. It may call t.Parallel.
type StartFunc func(t *testing.T, options Options) Host

// Mode is how the host hands a request on.
type Mode int

const (
	// Proxy is what the committed host.json asks for.
	Proxy Mode = iota
	// Forward is what a host does that is too old for proxying.
	Forward
	// JSON is what a host does where both keys are missing or not understood.
	JSON
)

// String returns the mode's name for tests.
func (m Mode) String() string { return [...]string{"proxy", "forward", "json"}[m] }

// Env returns the overrides that turn the committed host.json to the mode.
func (m Mode) Env() map[string]string {
	overrides := map[string]string{}
	if m != Proxy {
		overrides["AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest"] = "false"
	}
	if m == JSON {
		overrides["AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest"] = "false"
	}
	return overrides
}
