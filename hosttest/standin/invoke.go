package standin

import (
	"context"
	"errors"
	"net/http"
	"time"
)

var errFunctionTimeout = errors.New("function timeout")

// timeoutGrace is how long the host waits after the function's time is up before it kills the handler and answers.
const timeoutGrace = 2 * time.Second

// invocation is one request on its way to the handler.
type invocation struct {
	id       string
	function function
	handler  *process
	// ctx ends when the function has run out of time. It does not end with the request: whether a client that goes
	// away is felt by the handler is the mode's business.
	ctx context.Context
}

// ServeHTTP is the host's front: its own page, routing, keys, and the way to the handler.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Your Functions app is up and running</title>"))
		return
	}
	target, found := match(h.functions, h.settings.routePrefix, r)
	if !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if h.checkKeys && !target.authorised(r, h.key) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	handler, err := h.supervisor.await(r.Context())
	if err != nil {
		h.console.add(Line{Level: Error, Text: "no handler for " + target.name + ": " + err.Error()})
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h.invoke(w, r, target, handler)
}

// invoke hands the request on in the app's mode, under the function's time limit.
func (h *Host) invoke(w http.ResponseWriter, r *http.Request, target function, handler *process) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer cancel(nil)
	if h.settings.functionTimeout > 0 {
		overdue := time.AfterFunc(h.settings.functionTimeout+timeoutGrace, func() {
			h.console.add(Line{Level: Error, Text: "A function timeout has occurred. Restarting the handler"})
			h.supervisor.restart(handler)
			cancel(errFunctionTimeout)
		})
		defer overdue.Stop()
	}
	call := invocation{id: newID(), function: target, handler: handler, ctx: ctx}
	switch {
	case !target.raw || h.settings.mode == modeJSON:
		h.callJSON(w, r, call)
	case h.settings.mode == modeProxy:
		h.proxy(w, r, call)
	default:
		h.forward(w, r, call)
	}
}

// fail answers 500 with no body, which is all that a caller learns of a handler's failure.
func (h *Host) fail(w http.ResponseWriter, call invocation, err error) {
	h.console.add(Line{Level: Error, Text: "Exception while executing function: " + call.function.name + ": " + err.Error()})
	w.WriteHeader(http.StatusInternalServerError)
}

// stamp gives the handler the two names of the invocation that both raw modes add.
func stamp(header http.Header, id string, put func(header http.Header, name, value string)) {
	put(header, "X-Azure-Functions-InvocationId", id)
	put(header, "X-Azure-Functions-HostVersion", hostVersion)
	if header.Get("Traceparent") == "" {
		header.Set("Traceparent", newTraceParent())
	}
}
