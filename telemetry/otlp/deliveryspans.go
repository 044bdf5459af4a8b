package otlp

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"byoe/delivery"
	"byoe/providers"
)

// Ended makes a delivery's metrics and, where its call is sampled or it did not go as it should, its spans, in the trace of
// the call that began it.
func (x *Exporter) Ended(e delivery.End) {
	ctx := context.Background() // the call's may have ended long ago
	defer x.guard(ctx)
	x.measureDelivery(ctx, e.Outcome)
	if x.spans != nil && (place(e.Outcome.Trace).IsSampled() || e.Late || unusual(e.Outcome)) {
		x.traceDelivery(ctx, e)
	}
	x.flusher.ask()
}

func (x *Exporter) traceDelivery(ctx context.Context, e delivery.End) {
	inside := trace.ContextWithSpanContext(ctx, place(e.Outcome.Trace))
	if o := e.Outcome; !o.ClaimBegan.IsZero() {
		_, claim := x.tracer.Start(inside, "claim", trace.WithTimestamp(o.ClaimBegan), trace.WithAttributes(claimKey.String(string(o.Claim))))
		if o.StoreErr != nil {
			claim.SetAttributes(semconv.ErrorTypeKey.String("store"))
			claim.SetStatus(codes.Error, "the store could not be asked")
		}
		claim.End(trace.WithTimestamp(o.ClaimBegan.Add(o.ClaimTook)))
	}
	for i, a := range e.Outcome.Attempts {
		if !a.Began.IsZero() {
			x.traceAttempt(inside, i+1, a, e.Late)
		}
	}
}

// traceAttempt makes the span of one provider's turn. It is a client's, though the vendor is told of no trace: whose
// traces these are is none of its business.
func (x *Exporter) traceAttempt(inside context.Context, number int, a delivery.Attempt, late bool) {
	attributes := []attribute.KeyValue{providerKey.String(a.Provider), attribute.Int("byoe.attempt", number), outcomeKey.String(outcomeOfAttempt(a))}
	attributes = appendText(attributes, "byoe.message_id", a.MessageID)
	if late {
		attributes = append(attributes, attribute.Bool("byoe.late", true))
	}
	if a.Err != nil {
		attributes = append(attributes, semconv.ErrorTypeKey.String(outcomeOfAttempt(a)))
		if failure, ok := errors.AsType[*providers.Error](a.Err); ok {
			attributes = appendText(attributes, "byoe.provider.code", failure.Code)
		}
	}
	_, span := x.tracer.Start(inside, fmt.Sprintf("send %s", a.Provider), trace.WithTimestamp(a.Began), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	if a.Err != nil {
		span.SetStatus(codes.Error, outcomeOfAttempt(a))
	}
	span.End(trace.WithTimestamp(a.Began.Add(a.Duration)))
}

// outcomeOfAttempt is "accepted", "resting" where nobody was asked, or the kind of failure.
func outcomeOfAttempt(a delivery.Attempt) string {
	switch {
	case a.Err == nil:
		return delivery.Accepted.String()
	case a.Rested():
		return "resting"
	default:
		return providers.KindOf(a.Err).String()
	}
}
