package hosttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

func (s *session) refusals(t *testing.T) {
	tests := []struct {
		name   string
		change func(*call)
		want   int
	}{
		{"no token", func(c *call) { delete(c.header, "Authorization") }, http.StatusUnauthorized},
		{"a broken token", func(c *call) { c.header["Authorization"] += "x" }, http.StatusUnauthorized},
		{"another media type", func(c *call) { c.header["Content-Type"] = "text/plain" }, http.StatusUnsupportedMediaType},
		{"no JSON", func(c *call) { c.body = c.body[:100] }, http.StatusBadRequest},
		{"no body", func(c *call) { c.body = "" }, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newEvent(t)
			got := s.send(t, e, test.change)
			refused := got.status >= 400 && got.status < 500
			if !refused || test.want != 0 && got.status != test.want {
				t.Errorf("status %d, want %d", got.status, test.want)
			}
			assertProblem(t, got)
			s.notMailed(t, e)
		})
	}
}

// assertProblem: the host must not have put anything in the place of the handler's own answer.
func assertProblem(t *testing.T, got answer) {
	t.Helper()
	var problem struct {
		Status int
		Code   string
	}
	if err := json.Unmarshal([]byte(got.body), &problem); err != nil || problem.Status != got.status || problem.Code == "" {
		t.Errorf("status %d with %q: no problem document of the same status", got.status, got.body)
	}
	if media := got.header.Get("Content-Type"); media != "application/problem+json" {
		t.Errorf("media type %q", media)
	}
	if unauthorised := got.status == http.StatusUnauthorized; unauthorised != (got.header.Get("WWW-Authenticate") != "") {
		t.Errorf("WWW-Authenticate %q", got.header.Get("WWW-Authenticate"))
	}
}

func (s *session) notFound(t *testing.T) {
	for _, request := range []call{
		{method: http.MethodGet, path: "/api/EmailOtpSend"},
		{method: http.MethodPut, path: "/api/EmailOtpSend"},
		{method: http.MethodPost, path: "/api/Health"},
		{method: http.MethodPost, path: "/api/Nobody"},
		{method: http.MethodPost, path: "/EmailOtpSend"},
	} {
		got := s.do(t, request)
		if got.status != http.StatusNotFound || got.body != "" {
			t.Errorf("%s %s: status %d with %q, want the host's empty 404", request.method, request.path, got.status, got.body)
		}
	}
}

// chunked: forwarding cannot carry a body whose length is not known; proxying is what makes such a caller work.
func (s *session) chunked(t *testing.T, mode Mode) {
	e := newEvent(t)
	chunked := func(request *call) { request.chunked = true }
	if mode == Proxy {
		s.delivered(t, e, chunked)
		return
	}
	if got := s.send(t, e, chunked); got.status != http.StatusInternalServerError || got.body != "" {
		t.Errorf("status %d with %q, want the host's empty 500", got.status, got.body)
	}
	s.notMailed(t, e)
}

// encoded: forwarding drops Content-Encoding and leaves the body as it is, so byoe cannot tell why it is no JSON.
func (s *session) encoded(t *testing.T) {
	e := newEvent(t)
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write([]byte(e.body)) // to memory
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	got := s.send(t, e, func(request *call) {
		request.body = packed.String()
		request.header["Content-Encoding"] = "gzip"
	})
	if got.status != http.StatusUnsupportedMediaType && got.status != http.StatusBadRequest {
		t.Errorf("status %d, want 415 or 400", got.status)
	}
	assertProblem(t, got)
	s.notMailed(t, e)
}

// givesUp: Entra calls once more after its own time-out. The first attempt may be at any point then, and the second joins
// it.
func (s *session) givesUp(t *testing.T) {
	for _, patience := range []time.Duration{0, 500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond} {
		e := newEvent(t)
		request := s.request(t, e, nil)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, _ = s.try(ctx, request) // its answer is what this test does without
		cancel()
		assertGood(t, s.do(t, request))
		s.mailed(t, e)
	}
}

// runJSON: with neither raw mode byoe sees a protocol that it does not speak. It must not look like success.
func runJSON(t *testing.T, s *session) {
	t.Run("an event fails and no mail goes out", func(t *testing.T) {
		e := newEvent(t)
		if got := s.send(t, e, nil); got.status != http.StatusInternalServerError {
			t.Errorf("status %d, want 500", got.status)
		}
		s.notMailed(t, e)
	})
	t.Run("health fails", func(t *testing.T) {
		if got := s.do(t, call{method: http.MethodGet, path: "/api/Health"}); got.status != http.StatusInternalServerError {
			t.Errorf("status %d, want 500", got.status)
		}
	})
	s.host.Close()
	t.Run("nothing private is said", s.nothingPrivate)
}

// runLocked: an owner who wants the host's key in front of the token gets it checked first.
func runLocked(t *testing.T, s *session) {
	for name, path := range map[string]string{"no key": "/api/EmailOtpSend", "a wrong key": "/api/EmailOtpSend?code=wrong"} {
		t.Run(name, func(t *testing.T) {
			e := newEvent(t)
			got := s.send(t, e, func(request *call) { request.path = path })
			if got.status != http.StatusUnauthorized || got.body != "" {
				t.Errorf("status %d with %q, want the host's empty 401", got.status, got.body)
			}
			s.notMailed(t, e)
		})
	}
	t.Run("health stays open", s.health)
	s.host.Close()
	t.Run("nothing private is said", s.nothingPrivate)
}
