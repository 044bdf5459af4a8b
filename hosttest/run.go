package hosttest

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Run checks byoe, laid out in app as it is deployed, under a host. The host may have been told to run anywhere; the
// local tenant runs inside byoe, because the app's local.settings.json says so.
func Run(t *testing.T, app string, start StartFunc) {
	for _, mode := range []Mode{Proxy, Forward} {
		t.Run(mode.String(), func(t *testing.T) { runRaw(t, newSession(t, app, start, Options{Mode: mode}), mode) })
	}
	t.Run(JSON.String(), func(t *testing.T) { runJSON(t, newSession(t, app, start, Options{Mode: JSON})) })
	t.Run("with a key", func(t *testing.T) {
		runLocked(t, newSession(t, WithLock(t, app), start, Options{CheckKeys: true}))
	})
}

// RunShort checks a host that runs byoe already, with the local tenant at tenantURL: the sample gets through, the pages
// work, and the webhook conforms.
func RunShort(t *testing.T, host Host, tenantURL string) {
	s := &session{client: newClient(t, host)}
	s.tenant = localTenant{url: tenantURL, http: s.http}
	runShort(t, s)
}

// RunPages does the same with byoe laid out in app.
func RunPages(t *testing.T, app string, start StartFunc) {
	runShort(t, newSession(t, app, start, Options{Mode: Proxy}))
}

func runShort(t *testing.T, s *session) {
	t.Run("the sample", s.sample)
	t.Run("a sign-in on the pages", s.signInOnThePages)
	t.Run("nothing is said at a higher level than information", s.quiet)
	t.Run("conformance", s.conformance)
	t.Run("nothing private is said", s.nothingPrivate)
}

// session is one host with byoe for a handler, and what has been sent to it.
type session struct {
	client
	tenant localTenant

	mu      sync.Mutex
	private []string // what must not be in any output, in lower case
}

func newSession(t *testing.T, app string, start StartFunc, options Options) *session {
	t.Helper()
	env, tenantURL := tenantEnv(t)
	maps.Copy(env, options.Env)
	options.App, options.Env = app, env
	s := &session{client: newClient(t, start(t, options))}
	s.tenant = localTenant{url: tenantURL, http: s.http}
	s.tenant.await(t)
	s.ready(t)
	return s
}

// ready waits until the handler answers, in whatever way, so that one that never will fails here and not request by
// request.
func (s *session) ready(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	if _, err := s.try(ctx, call{method: http.MethodGet, path: "/api/Health"}); err != nil {
		t.Fatal("the handler does not become ready:", err)
	}
}

// runRaw runs in turn on one host. What is normal comes first, so that the host's log can be judged; what ends the
// handler comes last.
func runRaw(t *testing.T, s *session, mode Mode) {
	t.Run("the sample gets the one answer and the mail", s.sample)
	t.Run("the path is taken in any spelling that the host lets through", s.spellings)
	t.Run("sixty at once", s.sixty)
	t.Run("health", s.health)
	t.Run("the readiness probe costs nothing", s.readinessProbe)
	t.Run("nothing is said at a higher level than information", s.quiet)

	t.Run("refusals reach the caller as they are", s.refusals)
	t.Run("a B2C policy gets its mail", s.b2c)
	t.Run("other methods and functions end at the host", s.notFound)
	t.Run("a chunked event", func(t *testing.T) { s.chunked(t, mode) })
	t.Run("an encoded event", s.encoded)
	t.Run("a caller who gives up and calls again gets one mail", s.givesUp)
	t.Run("it listens on the loopback alone", s.listens)
	t.Run("a killed handler is back at once", s.killed)
	t.Run("SIGTERM does not end it for ever", func(t *testing.T) { s.signalled(t, terminate()) })
	t.Run("SIGINT does not end it for ever", func(t *testing.T) { s.signalled(t, interrupt()) })

	s.host.Close()
	t.Run("nothing private is said", s.nothingPrivate)
}

// send posts the event with a genuine token and a key in the query, and remembers everything private in it.
func (s *session) send(t *testing.T, e otpEvent, change func(*call)) answer {
	t.Helper()
	return s.do(t, s.request(t, e, change))
}

func (s *session) request(t *testing.T, e otpEvent, change func(*call)) call {
	t.Helper()
	const key = "a-key-that-opens-nothing"
	token := s.tenant.token(t)
	s.remember(e.address, e.code, key, token, token[strings.LastIndexByte(token, '.')+1:])
	request := call{
		path: "/api/EmailOtpSend?code=" + key, body: e.body,
		header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + token},
	}
	if change != nil {
		change(&request)
	}
	return request
}

func (s *session) remember(private ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, item := range private {
		s.private = append(s.private, strings.ToLower(item))
	}
}

// nothingPrivate looks for tokens, codes, addresses and keys in all that host and handler have written.
func (s *session) nothingPrivate(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.private) == 0 {
		t.Fatal("nothing private was sent")
	}
	lines := s.host.Lines()
	if len(lines) == 0 {
		t.Fatal("nothing was said")
	}
	for number, line := range lines {
		text := strings.ToLower(line.Text)
		leaked := func(private string) bool { return strings.Contains(text, private) }
		if at := slices.IndexFunc(s.private, leaked); at >= 0 {
			t.Errorf("line %d of the output holds something private (item %d)", number+1, at)
		}
	}
}
