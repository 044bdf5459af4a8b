package standin

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// retrying is the transport of the proxying mode. Where the handler cannot be reached, or breaks the connection, the
// host tries ten times with growing pauses, 1.85 s in all, and then gives up. A body that the handler has begun to read
// cannot be sent again: such a request reaches it once, and the pauses are spent all the same.
type retrying struct {
	next http.RoundTripper
}

// retryPauses are the pauses between the ten attempts.
func retryPauses() []time.Duration {
	pauses := []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}
	for len(pauses) < 9 {
		pauses = append(pauses, 250*time.Millisecond)
	}
	return pauses
}

// RoundTrip implements [http.RoundTripper].
func (t retrying) RoundTrip(r *http.Request) (*http.Response, error) {
	body := &watchedBody{ReadCloser: r.Body}
	response, err := t.attempt(r, body)
	for _, pause := range retryPauses() {
		if err == nil {
			return response, nil
		}
		select {
		case <-time.After(pause):
		case <-r.Context().Done():
			return nil, err
		}
		if !body.begun.Load() {
			response, err = t.attempt(r, body)
		}
	}
	return response, err
}

func (t retrying) attempt(r *http.Request, body *watchedBody) (*http.Response, error) {
	again := r.Clone(r.Context())
	if r.Body != nil {
		again.Body = body
	}
	return t.next.RoundTrip(again)
}

// watchedBody remembers whether reading has begun. The transport closes the body when an attempt fails, so Close must
// not reach the original before the next one: the server closes it in the end.
type watchedBody struct {
	io.ReadCloser
	begun atomic.Bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.begun.Store(true)
	return b.ReadCloser.Read(p)
}

func (b *watchedBody) Close() error { return nil }
