package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"byoe/devtenant"
)

const (
	// hurried is how long a webhook is waited for that let the documented event time out twice, or lateMost calls in a row.
	hurried  = 500 * time.Millisecond
	lateMost = 12
	// maxAnswer bounds what is read of an answer. The documented one has 150 octets.
	maxAnswer = 64 << 10
	// continueMost is how long a body is held back for 100 Continue. RFC 9110, section 10.1.1 wants it sent without one in
	// the end.
	continueMost = time.Second
)

// caller calls the webhook, and unlike the tenant's own client it can call it wrongly.
type caller struct {
	url    string
	client *http.Client
	// late is how many calls in a row had no answer in time.
	late atomic.Int64
}

func newCaller(url string) *caller {
	return &caller{url: url, client: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2 * atOnce, ExpectContinueTimeout: continueMost,
			DisableCompression: true, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// hurry waits less from now on, until there is an answer.
func (c *caller) hurry() { c.late.Store(lateMost) }

func (c *caller) close() { c.client.CloseIdleConnections() }

// request is one call. Zero values mean a POST of JSON without a token, within Entra's time-out.
type request struct {
	method        string
	authorization string
	contentType   string
	body          []byte
	chunked       bool
	expect        bool
	within        time.Duration
}

// reply is what came back. Status is 0 where there was no answer; late says that the time was over, else the connection
// broke.
type reply struct {
	status      int
	contentType string
	body        []byte
	took        time.Duration
	late        bool
}

// do makes the call. That nothing came back is a reply too.
func (c *caller) do(ctx context.Context, req request) reply {
	began := time.Now()
	within := or(req.within, devtenant.Timeout)
	if c.late.Load() >= lateMost {
		within = min(within, hurried)
	}
	waiting, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	got, err := c.exchange(waiting, req)
	got.took = time.Since(began)
	if err != nil {
		got = reply{took: got.took, late: waiting.Err() != nil}
	}
	if got.late {
		c.late.Add(1)
	} else {
		c.late.Store(0)
	}
	return got
}

func (c *caller) exchange(ctx context.Context, req request) (reply, error) {
	var body io.Reader = bytes.NewReader(req.body)
	if req.chunked {
		body = io.MultiReader(body) // hides the length
	}
	out, err := http.NewRequestWithContext(ctx, or(req.method, http.MethodPost), c.url, body)
	if err != nil {
		return reply{}, err
	}
	out.Header.Set("Content-Type", or(req.contentType, "application/json"))
	if req.authorization != "" {
		out.Header.Set("Authorization", req.authorization)
	}
	if req.expect {
		out.Header.Set("Expect", "100-continue")
	}
	response, err := c.client.Do(out)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return reply{}, err
	}
	return reply{status: response.StatusCode, contentType: response.Header.Get("Content-Type"), body: content}, nil
}

// String says what came back, for evidence. It quotes nothing of it.
func (r reply) String() string {
	switch {
	case r.status != 0:
		return fmt.Sprintf("answered %d in %s", r.status, words(r.took))
	case r.late:
		return "no answer in " + words(r.took)
	default:
		return "the connection broke without an answer after " + words(r.took)
	}
}

// ok says whether it is a 200.
func (r reply) ok() bool { return r.status == http.StatusOK }

// words writes a time as people would, such as 3 ms or 1.9 s.
func words(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", max(d.Milliseconds(), 1))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
