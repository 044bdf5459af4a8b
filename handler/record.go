package handler

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/event"
)

// record gathers what one request's log line will say. It takes nothing that is private: the URL (its query may hold a
// function key), the headers, the address and the code never come near it.
type record struct {
	arrived       time.Time
	invocationID  string
	correlationID string
	event         *event.Event
	refusal       *auth.Refusal
	outcome       *delivery.Outcome
	cause         error        // of a failure that is ours; its text comes from our own packages and is fit for a log
	hungUp        atomic.Int64 // nanoseconds after the arrival at which the caller hung up; 0: it did not
}

func newRecord(r *http.Request) *record {
	return &record{arrived: time.Now(), invocationID: invocationID(r)}
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

func (rec *record) setEvent(e *event.Event) {
	rec.event = e
	rec.correlationID = e.CorrelationID
}

func (rec *record) setOutcome(o delivery.Outcome) { rec.outcome = &o }

// patience is what Entra can be told to wait at most. Who hangs up well before it was told less.
const patience = 2 * time.Second

// watchCaller notes when the caller hangs up, which is seen where the Functions host proxies.
func (rec *record) watchCaller(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { rec.hungUp.Store(int64(time.Since(rec.arrived))) })
}

// hungUpAttrs tells the owner what a caller's hanging up says of the extension.
func (rec *record) hungUpAttrs() []slog.Attr {
	after := time.Duration(rec.hungUp.Load())
	if after == 0 {
		return nil
	}
	attrs := []slog.Attr{slog.Float64("hungUpAfterMs", delivery.Milliseconds(after))}
	if after < patience-100*time.Millisecond {
		attrs = append(attrs, slog.String("remedy", "the extension's timeoutInMilliseconds is shorter than 2000: set it to 2000, or a retry comes early"))
	}
	return attrs
}

// log writes the line: a success as information, the caller's fault as a warning, ours as an error.
func (rec *record) log(ctx context.Context, logger *slog.Logger, f reply) {
	attrs := []slog.Attr{
		slog.Int("status", f.status),
		slog.Float64("ms", delivery.Milliseconds(time.Since(rec.arrived))),
	}
	if f.code != "" {
		attrs = append(attrs, slog.String("code", f.code))
	}
	if f.detail != "" {
		attrs = append(attrs, slog.String("detail", f.detail))
	}
	if rec.cause != nil {
		attrs = append(attrs, slog.String("cause", rec.cause.Error()))
	}
	if rec.invocationID != "" {
		attrs = append(attrs, slog.String("invocationId", rec.invocationID))
	}
	if rec.refusal != nil {
		attrs = append(attrs, slog.Any("refusal", rec.refusal))
	}
	attrs = append(attrs, rec.eventAttrs()...)
	attrs = append(attrs, rec.outcomeAttrs()...)
	attrs = append(attrs, rec.hungUpAttrs()...)
	logger.LogAttrs(ctx, rec.level(f.status), "EmailOtpSend", attrs...)
}

func (rec *record) eventAttrs() []slog.Attr {
	if rec.event == nil {
		return nil
	}
	return []slog.Attr{
		slog.String("correlationId", rec.correlationID),
		slog.String("flow", rec.event.Flow.String()),
		slog.String("requestType", rec.event.RequestType),
		slog.String("locale", rec.event.Locale),
		slog.String("appId", rec.event.Client.AppID),
	}
}

func (rec *record) outcomeAttrs() []slog.Attr {
	if rec.outcome == nil {
		return nil
	}
	return outcomeAttrs(*rec.outcome)
}

func outcomeAttrs(o delivery.Outcome) []slog.Attr {
	attempts := make([]any, len(o.Attempts))
	for i, a := range o.Attempts {
		attempts[i] = slog.Any(a.Provider, a)
	}
	attrs := []slog.Attr{slog.String("outcome", o.Result().String())}
	if o.Claim != "" {
		attrs = append(attrs, slog.String("claim", string(o.Claim)))
	}
	if o.StoreErr != nil {
		attrs = append(attrs, slog.String("store", o.StoreErr.Error()))
	}
	if o.Open() {
		attrs = append(attrs, slog.Bool("open", true))
	}
	if n := o.Ambiguous(); n > 0 {
		attrs = append(attrs, slog.Int("ambiguous", n))
	}
	return append(attrs, slog.Group("attempts", attempts...))
}

// LogLate writes the line of a delivery that ended after its callers had been answered.
func LogLate(logger *slog.Logger) func(correlationID string, o delivery.Outcome) {
	return func(correlationID string, o delivery.Outcome) {
		level := slog.LevelInfo
		if o.Result() != delivery.Accepted {
			level = slog.LevelError
		}
		attrs := append([]slog.Attr{slog.String("correlationId", correlationID)}, outcomeAttrs(o)...)
		logger.LogAttrs(context.Background(), level, "EmailOtpSend ended late", attrs...)
	}
}

// level is an error where it was our fault, a warning where it was the caller's, or where nobody but the log tells that a
// mail was dropped.
func (rec *record) level(status int) slog.Level {
	switch {
	case rec.outcome != nil && rec.outcome.Result() == delivery.Dropped:
		return slog.LevelWarn
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case status >= http.StatusBadRequest:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// recoverPanic answers 500 and logs where it happened. What was panicked with is not logged: it may hold anything.
func (h *Handler) recoverPanic(w http.ResponseWriter, rec *record) {
	if recover() == nil {
		return
	}
	h.logger.Error("panic", slog.String("correlationId", rec.correlationID), slog.String("stack", string(debug.Stack())))
	writeProblem(w, reply{status: http.StatusInternalServerError, code: "internal"}, rec.correlationID)
}
