package handler

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
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

// log writes the line: a success as information, the caller's fault as a warning, ours as an error.
func (rec *record) log(ctx context.Context, logger *slog.Logger, f failure) {
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
	if rec.invocationID != "" {
		attrs = append(attrs, slog.String("invocationId", rec.invocationID))
	}
	if rec.refusal != nil {
		attrs = append(attrs, slog.Any("refusal", rec.refusal))
	}
	attrs = append(attrs, rec.eventAttrs()...)
	attrs = append(attrs, rec.outcomeAttrs()...)
	logger.LogAttrs(ctx, levelOf(f.status), "EmailOtpSend", attrs...)
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
	attempts := make([]any, len(rec.outcome.Attempts))
	for i, a := range rec.outcome.Attempts {
		attempts[i] = slog.Any(a.Provider, a)
	}
	return []slog.Attr{slog.String("outcome", rec.outcome.Result().String()), slog.Group("attempts", attempts...)}
}

func levelOf(status int) slog.Level {
	switch {
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
	writeProblem(w, failure{status: http.StatusInternalServerError, code: "internal"}, rec.correlationID)
}
