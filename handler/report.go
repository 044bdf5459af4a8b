package handler

import (
	"context"
	"net/http"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/event"
)

// Report is what one call came to, for the log, the spans and the metrics. It takes nothing that is private: the URL (its
// query may hold a function key), the headers, the address and the code never come near it.
type Report struct {
	// Endpoint is the endpoint's name and Route its path, both as we spell them: a caller's spelling is the caller's text.
	Endpoint, Route string
	Arrived         time.Time
	Took            time.Duration
	// Phases are the parts of the call in their order, as far as it came.
	Phases []Phase
	Trace  Trace
	// TraceID is the id of the trace that the call is part of; "" where the caller named none and nothing is traced.
	TraceID string
	// InvocationID is the Functions host's own id of the call, CorrelationID that of the sign-in at Entra; "" where unknown.
	InvocationID, CorrelationID string
	// Flow and what follows it are the event's; Flow is "" where there was none.
	Flow, RequestType, Locale, AppID string

	// Status, Code and Detail are the answer's; Code is "" for a success.
	Status       int
	Code, Detail string
	// Meant is the status that the failure has by itself where another one was answered, else 0: Azure AD B2C is told of it by
	// a 409, which it can show to a person.
	Meant int
	// Refusal is why the token was refused, nil where it was not, or where it was another credential.
	Refusal *auth.Refusal
	// Outcome is nil where nothing was to be delivered. One that is open tells of attempts that may go on.
	Outcome *delivery.Outcome
	// Cause is of a failure that is ours; its text comes from our own packages and is fit for a log.
	Cause error
	// HungUpAfter is when the caller hung up, from the arrival; 0: it did not.
	HungUpAfter time.Duration
	// Stack is where the call panicked, "" where it did not.
	Stack string
}

// Phase is one part of a call.
type Phase struct {
	Name  string
	Began time.Time
	Took  time.Duration
}

// The names of the phases.
const (
	PhaseAuth    = "auth"
	PhaseDecode  = "decode" // the body is read and understood
	PhaseCompose = "compose"
	PhaseDeliver = "deliver" // the outcome of the delivery is waited for
	// phaseMost is how many there are.
	phaseMost = 4
)

// Trace is where a call stands in a trace, each place written as W3C Trace Context's traceparent; all empty where nothing is
// traced.
type Trace struct {
	// Self is the call's own place: the parent of whatever happens for it. It is known before the call ends, and so is
	// whether the call would be sampled if nothing went wrong.
	Self string
	// Parent is the caller's place; "" where it named none.
	Parent string
}

// Observer is told of each call to an endpoint, once, when it has been answered. It keeps nothing of the report. It must be
// quick: on a connection that is kept, the caller's next request waits behind it.
type Observer interface {
	Observe(ctx context.Context, r *Report)
}

// Tracer gives each call its place in a trace when it arrives. Every call that arrived is observed.
type Tracer interface {
	Arrive(header http.Header) Trace
}

// Witness looks at calls whose token was accepted as they came. The event is nil where the body is none.
type Witness interface {
	Witness(r *http.Request, body []byte, e *event.Event)
}
