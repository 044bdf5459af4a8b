package handler

import (
	"context"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/event"
)

// record gathers one call's report.
type record struct {
	report Report
	phases [phaseMost]Phase
	hungUp atomic.Int64 // nanoseconds after the arrival at which the caller hung up; 0: it did not
}

func newRecord() *record {
	rec := &record{}
	rec.report.Arrived = time.Now()
	rec.report.Phases = rec.phases[:0]
	return rec
}

// The endpoints' names, which the log lines have.
const (
	endpointEvent = "EmailOtpSend"
	endpointB2C   = "B2COtpSend"
)

// open begins the report of a call to an endpoint.
func (h *Handler) open(rec *record, r *http.Request, endpoint string) {
	rec.report.Endpoint, rec.report.Route = endpoint, "/api/"+endpoint
	rec.report.InvocationID = invocationID(r)
	if h.tracer != nil {
		rec.report.Trace = h.tracer.Arrive(r.Header)
	}
	if rec.report.TraceID = traceID(rec.report.Trace.Self); rec.report.TraceID == "" {
		rec.report.TraceID = traceID(r.Header.Get("Traceparent"))
	}
}

// close completes the report with the answer and hands it over.
func (h *Handler) close(ctx context.Context, rec *record, f reply) {
	rec.report.Took = time.Since(rec.report.Arrived)
	rec.report.Code, rec.report.Detail = f.code, f.detail
	if rec.report.Status == 0 {
		rec.report.Status = f.status
	} else {
		rec.report.Meant = f.status
	}
	rec.report.HungUpAfter = time.Duration(rec.hungUp.Load())
	for _, o := range h.observers {
		o.Observe(ctx, &rec.report)
	}
}

// invocationID is the Functions host's own id of the call, for finding the host's lines beside ours. A caller may have
// sent one too; the host then appends its own.
func invocationID(r *http.Request) string {
	ids := strings.Split(r.Header.Get("X-Azure-Functions-InvocationId"), ",")
	id := strings.TrimSpace(ids[len(ids)-1])
	for _, c := range id {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return ""
		}
	}
	return id[:min(len(id), 36)]
}

// passed notes a phase that has just ended.
func (rec *record) passed(name string, began time.Time) {
	rec.report.Phases = append(rec.report.Phases, Phase{Name: name, Began: began, Took: time.Since(began)})
}

func (rec *record) setEvent(e *event.Event) {
	rec.report.CorrelationID = e.CorrelationID
	rec.report.Flow, rec.report.RequestType = e.Flow.String(), e.RequestType
	rec.report.Locale, rec.report.AppID = e.Locale, e.Client.AppID
}

func (rec *record) setRefusal(refusal *auth.Refusal) { rec.report.Refusal = refusal }

func (rec *record) setOutcome(o delivery.Outcome) { rec.report.Outcome = &o }

// watchCaller notes when the caller hangs up, which is seen where the Functions host proxies.
func (rec *record) watchCaller(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { rec.hungUp.Store(int64(time.Since(rec.report.Arrived))) })
}

// recoverPanic answers 500 and reports where it happened. What was panicked with is not told: it may hold anything.
func (h *Handler) recoverPanic(w http.ResponseWriter, r *http.Request, rec *record) {
	if recover() == nil {
		return
	}
	rec.report.Stack = string(debug.Stack())
	f := reply{status: http.StatusInternalServerError, code: "internal"}
	writeProblem(w, f, rec.report.CorrelationID)
	h.close(r.Context(), rec, f)
}
