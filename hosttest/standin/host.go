// Package standin is a stand-in for the Azure Functions host as far as a custom handler can tell: it reads the same
// files, starts the handler by the same rules, routes, forwards and proxies as the host does, and restarts the handler
// or gives up on it at the same points. What it does was measured on the host (4.1045); where the sources of the host
// are the only witness, a comment says so. It runs in the test's own process, with the handler as a child.
//
// It is stricter than the host in one respect: what works under `func start` and breaks once deployed, it refuses.
package standin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// hostVersion is what the handler sees in headers where the host puts its version.
const hostVersion = "4.emu"

// Options says what to run.
type Options struct {
	// AppDir is the folder of host.json.
	AppDir string
	// Environ is the host's own environment, as "NAME=value"; the handler inherits it. AzureFunctionsJobHost__…
	// entries override host.json.
	Environ []string
	// CheckKeys makes functions that are not anonymous ask for Key (`func start --enableAuth`).
	CheckKeys bool
	Key       string
}

// Host is a running stand-in.
type Host struct {
	settings   settings
	functions  []function
	checkKeys  bool
	key        string
	console    *console
	supervisor *supervisor
	transport  *http.Transport
	server     *http.Server
	address    string
	stop       context.CancelFunc
	stopping   sync.Once
	done       chan struct{} // closed when the handler has ended for good
	failure    error         // valid after done
}

// Start reads the app's files, begins to listen on a free port of 127.0.0.1 and starts the handler. It does not wait for
// the handler: requests are held until it is ready. The caller must call [Host.Close].
func Start(ctx context.Context, options Options) (*Host, error) {
	app, err := filepath.Abs(options.AppDir)
	if err != nil {
		return nil, err
	}
	env, err := withLocalSettings(app, newEnvironment(options.Environ))
	if err != nil {
		return nil, err
	}
	parsed, err := readHostJSON(app, env)
	if err != nil {
		return nil, err
	}
	functions, err := readFunctions(app)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &Host{
		settings: parsed, functions: functions, checkKeys: options.CheckKeys, key: options.Key,
		console:   &console{},
		transport: &http.Transport{Proxy: nil, DisableCompression: true, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
		address:   listener.Addr().String(),
		done:      make(chan struct{}),
	}
	if err := h.run(ctx, listener, env.with(localVariables(app, h.address))); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return h, nil
}

// run starts the two parts of the host: the front and the supervisor.
func (h *Host) run(ctx context.Context, listener net.Listener, env environment) error {
	port := h.settings.port
	if port == "" {
		free, err := freePort(ctx)
		if err != nil {
			return err
		}
		port = free
	}
	living, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	h.supervisor = newSupervisor(h.settings, env, port, h.console)
	h.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: h.quietLog()}
	go func() { _ = h.server.Serve(listener) }()
	go func() {
		defer close(h.done)
		h.failure = h.supervisor.run(living)
		if h.failure != nil {
			_ = h.server.Close()
		}
	}()
	return nil
}

// localVariables are what `func start` adds for every handler.
func localVariables(app, address string) map[string]string {
	_, port, _ := net.SplitHostPort(address)
	return map[string]string{
		"AZURE_FUNCTIONS_ENVIRONMENT":                        "Development",
		"AzureFunctionsJobHost__logging__logLevel__Function": "Information",
		"AzureWebJobsScriptRoot":                             app,
		"FUNCTIONS_APP_ROOT_PATH":                            app,
		"FUNCTIONS_CORETOOLS_ENVIRONMENT":                    "true",
		"WEBSITE_HOSTNAME":                                   "localhost:" + port,
	}
}

// quietLog swallows what net/http has to say about broken connections: tests break them on purpose.
func (h *Host) quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

// URL is the host's address, without a slash at the end.
func (h *Host) URL() string { return "http://" + h.address }

// HandlerPID returns the id of the handler's process, or an error where it has none at the moment.
func (h *Host) HandlerPID() (int, error) {
	_, handler, _ := h.supervisor.now()
	if handler == nil {
		return 0, errNoHandler
	}
	return handler.pid, nil
}

// HandlerURL is the handler's own address, without a slash at the end.
func (h *Host) HandlerURL() string { return fmt.Sprintf("http://127.0.0.1:%s", h.supervisor.port) }

// Warnings returns what is doubtful about the app's files though it works here.
func (h *Host) Warnings() []string { return slices.Clone(h.settings.warnings) }

// Lines returns everything that host and handler have said so far.
func (h *Host) Lines() []Line { return h.console.all() }

// ExitCodes returns how the handler's former lives ended, in order; a signal counts 128 and its number.
func (h *Host) ExitCodes() []int { return h.supervisor.exitCodes() }

// Done is closed when the handler has ended for good: after Close, or when the host has given up on it.
func (h *Host) Done() <-chan struct{} { return h.done }

// Err says, after Done, why the host gave up on the handler; nil after Close.
func (h *Host) Err() error { return h.failure }

// interruptLead is how long before the kill a handler gets the terminal's signal on Ctrl-C.
const interruptLead = 40 * time.Millisecond

// Interrupt stops the host as Ctrl-C does under `func start`: the terminal sends SIGINT to the whole process group, and
// a moment later the host kills the handler. (On Windows it is the same as Close.)
func (h *Host) Interrupt() {
	if pid, err := h.HandlerPID(); err == nil {
		_ = interruptGroup(pid)
		time.Sleep(interruptLead)
	}
	h.Close()
}

// Close stops the host as the platform does: the handler is killed without a word. It returns when nothing is left
// running and may be called more than once.
func (h *Host) Close() {
	h.stopping.Do(func() {
		h.stop()
		<-h.done
		_ = h.server.Close()
		h.transport.CloseIdleConnections()
	})
}
