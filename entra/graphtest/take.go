package graphtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Request is one request that arrived, with what it was answered.
type Request struct {
	Method string
	// Path has its version, and no query.
	Path, Query string
	// Body is the JSON as it came, "" for none.
	Body string
	// Status is the answer's, 0 where it was lost.
	Status int
	// ClientRequestID is the caller's name of the request.
	ClientRequestID string
}

// Requests returns what arrived since the beginning, or since [Graph.Forget].
func (g *Graph) Requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.log)
}

// Writes returns those that may have changed something.
func (g *Graph) Writes() []Request {
	return slices.DeleteFunc(g.Requests(), func(r Request) bool {
		return r.Method == http.MethodGet || strings.HasSuffix(r.Path, "/validateAuthenticationConfiguration")
	})
}

// Forget empties the log.
func (g *Graph) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.log = nil
}

// take answers a request. nil is no answer: the connection breaks.
func (g *Graph) take(r *http.Request) *answer {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	given := g.answer(r, raw)
	seen := Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(raw), ClientRequestID: r.Header.Get("Client-Request-Id"),
	}
	if given != nil {
		seen.Status = given.status
		given.name(seen.ClientRequestID)
	}
	g.log = append(g.log, seen)
	return given
}

func (g *Graph) answer(r *http.Request, raw []byte) *answer {
	mode := g.failure()
	if mode == 0 || mode.hasEffect() {
		given := g.process(r, raw)
		if mode == 0 {
			return given
		}
	}
	switch mode {
	case Broken, BrokenAfter:
		return refuse(http.StatusInternalServerError, "InternalServerError", "An internal server error occurred.")
	case Unavailable:
		return refuse(http.StatusServiceUnavailable, "ServiceUnavailable", "The service is unavailable.")
	case LostBefore, LostAfter:
	}
	return nil
}

// process does what Graph does with a request.
func (g *Graph) process(r *http.Request, raw []byte) *answer {
	version, path, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !ok || version != "v1.0" && version != "beta" {
		return refuse(http.StatusBadRequest, "BadRequest", "Invalid version: "+version)
	}
	if denied := g.denied(r, "/"+path); denied != nil {
		return denied
	}
	q := &query{graph: g, request: r, version: version, values: r.URL.Query()}
	if len(bytes.TrimSpace(raw)) > 0 {
		if r.Header.Get("Content-Type") != "application/json" {
			return refuse(http.StatusUnsupportedMediaType, "RequestBodyRead", "The content type is not supported.")
		}
		if json.Unmarshal(raw, &q.body) != nil {
			return refuse(http.StatusBadRequest, "BadRequest", "Unable to read JSON request payload.")
		}
	}
	given := g.route(q, path)
	if given.status < http.StatusMultipleChoices {
		g.contract.check(g.t, r.Method, r.URL.Path, raw)
	}
	return given
}
