package hosttest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"byoe/hosttest/probe"
	"byoe/hosttest/standin"
)

// patience is how long a single request may take. It is longer than anything that a host does on purpose.
const patience = 30 * time.Second

// client calls a host the way Entra does: no redirects are followed, no compression is asked for.
type client struct {
	host Host
	http *http.Client
}

func newClient(t *testing.T, host Host) client {
	t.Helper()
	transport := &http.Transport{Proxy: nil, DisableCompression: true, MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return client{host: host, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// call is one request.
type call struct {
	method  string // POST where empty
	path    string // with the query
	header  map[string]string
	body    string
	chunked bool
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

func (c client) try(ctx context.Context, request call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if request.method == "" {
		request.method = http.MethodPost
	}
	body := io.Reader(strings.NewReader(request.body))
	if request.chunked {
		body = io.MultiReader(body) // hides the length
	}
	target := request.path
	if strings.HasPrefix(target, "/") {
		target = c.host.URL() + target
	}
	out, err := http.NewRequestWithContext(ctx, request.method, target, body)
	if err != nil {
		return answer{}, err
	}
	for name, value := range request.header {
		out.Header.Set(name, value)
	}
	begun := time.Now()
	response, err := c.http.Do(out)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(content), time.Since(begun)}, err
}

// do makes the call and fails the test where there is no answer.
func (c client) do(t *testing.T, request call) answer {
	t.Helper()
	got, err := c.try(t.Context(), request)
	if err != nil {
		t.Fatalf("%s: no answer: %v", request.path, err)
	}
	return got
}

// seen makes the call and returns what the probe saw of it.
func (c client) seen(t *testing.T, request call) probe.Seen {
	t.Helper()
	got := c.do(t, request)
	var seen probe.Seen
	if err := json.NewDecoder(bytes.NewBufferString(got.body)).Decode(&seen); err != nil {
		t.Fatalf("%s: status %d, and the body is not the probe's: %q", request.path, got.status, got.body)
	}
	return seen
}

// eventually polls until the condition holds.
func eventually(t *testing.T, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// levelOf returns the level of the last line that holds this text. The real host writes from many threads, so two records
// may share a line.
func levelOf(host Host, text string) (standin.Level, bool) {
	for _, line := range slices.Backward(host.Lines()) {
		if strings.Contains(line.Text, text) {
			return line.Level, true
		}
	}
	return 0, false
}
