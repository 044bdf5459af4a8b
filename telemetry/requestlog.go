package telemetry

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"byoe/delivery"
	"byoe/handler"
)

// RequestLog writes one line for each call, with everything that is known of it. Its keys are stable: owners query them.
type RequestLog struct {
	logger   *slog.Logger
	refusals refusals
}

// NewRequestLog makes a log of calls. Close it, or what it holds back is lost.
func NewRequestLog(logger *slog.Logger) *RequestLog {
	return &RequestLog{logger: logger, refusals: refusals{logger: logger}}
}

// Close tells what was held back.
func (l *RequestLog) Close() { l.refusals.close() }

// Observe writes the line: a success as information, the caller's fault as a warning, ours as an error. Lines that
// strangers cause are bounded; see refusals.
func (l *RequestLog) Observe(ctx context.Context, r *handler.Report) {
	if r.Stack != "" {
		l.logger.LogAttrs(ctx, slog.LevelError, "panic", append(identityAttrs(r), slog.String("stack", r.Stack))...)
		return
	}
	if check := refusedFor(r); check != "" && !l.refusals.tell(check) {
		return
	}
	level := levelOf(r)
	if !l.logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 20)
	attrs = append(attrs, slog.Int("status", r.Status), slog.Float64("ms", delivery.Milliseconds(r.Took)))
	attrs = append(attrs, failureAttrs(r)...)
	attrs = append(attrs, identityAttrs(r)...)
	if r.Outcome != nil {
		attrs = append(attrs, outcomeAttrs(*r.Outcome)...)
	}
	attrs = append(attrs, hungUpAttrs(r)...)
	if l.logger.Enabled(ctx, slog.LevelDebug) {
		attrs = append(attrs, phaseAttrs(r.Phases))
	}
	l.logger.LogAttrs(ctx, level, r.Endpoint, attrs...)
}

// refusedFor is the check that a caller failed, "" where it passed or came to none.
func refusedFor(r *handler.Report) string {
	switch {
	case r.Refusal != nil:
		return string(r.Refusal.Check)
	case r.Status == http.StatusUnauthorized:
		return "credential" // of Azure AD B2C's policies, where it was no token
	default:
		return ""
	}
}

// levelOf is an error where it was our fault, a warning where it was the caller's, or where nobody but the log tells that a
// mail was dropped.
func levelOf(r *handler.Report) slog.Level {
	switch status := cmp.Or(r.Meant, r.Status); {
	case r.Outcome != nil && r.Outcome.Result() == delivery.Dropped:
		return slog.LevelWarn
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case status >= http.StatusBadRequest:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// failureAttrs say why the answer is no success.
func failureAttrs(r *handler.Report) []slog.Attr {
	if r.Code == "" {
		return nil
	}
	attrs := []slog.Attr{slog.String("code", r.Code), slog.String("blame", string(r.Blame()))}
	if r.Detail != "" {
		attrs = append(attrs, slog.String("detail", r.Detail))
	}
	if r.Cause != nil {
		attrs = append(attrs, slog.String("cause", r.Cause.Error()))
	}
	if r.Refusal != nil {
		attrs = append(attrs, slog.Any("refusal", r.Refusal))
	}
	return attrs
}

// identityAttrs say which call it was.
func identityAttrs(r *handler.Report) []slog.Attr {
	attrs := make([]slog.Attr, 0, 7)
	if r.InvocationID != "" {
		attrs = append(attrs, slog.String("invocationId", r.InvocationID))
	}
	if r.TraceID != "" {
		attrs = append(attrs, slog.String("traceId", r.TraceID))
	}
	if r.Flow == "" {
		return attrs
	}
	return append(attrs,
		slog.String("correlationId", r.CorrelationID),
		slog.String("flow", r.Flow),
		slog.String("requestType", r.RequestType),
		slog.String("locale", r.Locale),
		slog.String("appId", r.AppID))
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

const (
	// entra is the endpoint that Entra calls, with a patience that the owner sets; Azure AD B2C's is its own.
	entra = "EmailOtpSend"
	// patience is what Entra can be told to wait at most. Who hangs up well before it was told less.
	patience = 2 * time.Second
)

// hungUpAttrs tells the owner what a caller's hanging up says of the extension.
func hungUpAttrs(r *handler.Report) []slog.Attr {
	after := r.HungUpAfter
	if after == 0 {
		return nil
	}
	attrs := []slog.Attr{slog.Float64("hungUpAfterMs", delivery.Milliseconds(after))}
	if r.Endpoint == entra && after < patience-100*time.Millisecond {
		attrs = append(attrs, slog.String("remedy", "the extension's timeoutInMilliseconds is shorter than 2000: set it to 2000, or a retry comes early"))
	}
	return attrs
}

func phaseAttrs(phases []handler.Phase) slog.Attr {
	attrs := make([]any, len(phases))
	for i, p := range phases {
		attrs[i] = slog.Float64(p.Name, delivery.Milliseconds(p.Took))
	}
	return slog.Group("phasesMs", attrs...)
}

// Ended writes the line of a delivery that ended after its callers had been answered.
func (l *RequestLog) Ended(e delivery.End) {
	if !e.Unheard {
		return // the line of whoever heard it says all
	}
	level := slog.LevelInfo
	if e.Outcome.Result() != delivery.Accepted {
		level = slog.LevelError
	}
	attrs := append([]slog.Attr{slog.String("correlationId", e.CorrelationID)}, outcomeAttrs(e.Outcome)...)
	l.logger.LogAttrs(context.Background(), level, e.Endpoint+" ended late", attrs...)
}
