// Package handler is HTTP in and out. It joins the four who know something: auth (who is calling?), event (what
// happened?), message (what will the person read?) and delivery (get it out). It is the only place where an error becomes
// a status (status.go), and it reports what each call came to (report.go) to whoever observes it: the log, the spans, the
// metrics.
package handler

import (
	"context"
	"net/http"
	"strings"

	"byoe/auth"
	"byoe/delivery"
	"byoe/event"
	"byoe/message"
)

// Authenticator answers who is calling: auth.Verifier. Both methods are safe for concurrent use.
type Authenticator interface {
	// Verify returns an *auth.Refusal or an error that wraps auth.ErrKeysUnavailable, by ctx's end at the latest.
	Verify(ctx context.Context, authorization []string) (auth.Caller, error)
	// Ready says whether calls can be verified without waiting.
	Ready() bool
}

// Composer answers what the person will read: message.Composer. It is safe for concurrent use.
type Composer interface {
	// Compose wraps message.ErrInvalidAddress where the identifier is no mail address.
	Compose(e *event.Event) (*message.Message, error)
}

// Deliverer gets a message out: delivery.Deliverer. Its methods are safe for concurrent use.
type Deliverer interface {
	// Deliver returns by its own clock, counted from the order's arrival, whatever becomes of ctx.
	Deliver(ctx context.Context, o delivery.Order) delivery.Outcome
	// Providers tells how each provider fares.
	Providers() []delivery.ProviderState
	// Counts tells what became of the deliveries of this process.
	Counts() delivery.Counts
}

// The endpoints, in lower case and without a trailing slash: the Functions host routes without regard to case and passes
// the path on as the caller wrote it.
const (
	pathReadiness = ""
	pathEvent     = "/api/emailotpsend"
	pathB2C       = "/api/b2cotpsend"
	pathHealth    = "/api/health"
)

// Handler serves the webhook's endpoints.
type Handler struct {
	config    Config
	auth      Authenticator
	composer  Composer
	deliverer Deliverer
	observers []Observer
	tracer    Tracer
	witness   Witness
	b2c       *B2C
}

// Parts are what a handler joins, and who is told.
type Parts struct {
	// Auth is nil where there is no endpoint for Entra's event: the owner has B2C policies only.
	Auth      Authenticator
	Composer  Composer
	Deliverer Deliverer
	// B2C is nil where there is no endpoint for B2C's policies.
	B2C *B2C
	// Observers are told in their order.
	Observers []Observer
	// Tracer and Witness may be nil.
	Tracer  Tracer
	Witness Witness
}

// New joins the parts.
func New(c Config, p Parts) *Handler {
	return &Handler{
		config: c, auth: p.Auth, composer: p.Composer, deliverer: p.Deliverer,
		observers: p.Observers, tracer: p.Tracer, witness: p.Witness, b2c: p.B2C,
	}
}

// ServeHTTP routes. No ServeMux: it is particular about case, and redirects what is not spelled its way, while a redirect
// is a failure to Entra.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	record := newRecord()
	defer h.recoverPanic(w, r, record)
	switch path := strings.ToLower(strings.TrimSuffix(r.URL.Path, "/")); {
	case path == pathReadiness:
		h.serveReadiness(w, r)
	case path == pathHealth:
		h.serveHealth(w, r)
	case path == pathEvent && h.auth != nil:
		h.serveEvent(w, r, record)
	case path == pathB2C && h.b2c != nil:
		h.serveB2C(w, r, record)
	default:
		writeProblem(w, reply{status: http.StatusNotFound, code: "not_found"}, "")
	}
}

// serveReadiness answers the host's probe. Any answer means ready; one that waits for keys or a provider would keep the
// host from ever starting.
func (h *Handler) serveReadiness(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	w.WriteHeader(http.StatusOK)
}

// allow answers 405 to every other method.
func allow(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, method := range methods {
		if r.Method == method {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	writeProblem(w, reply{status: http.StatusMethodNotAllowed, code: "method_not_allowed"}, "")
	return false
}
