package otlp

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"byoe/delivery"
	"byoe/handler"
)

// Observe makes a call's metrics and, where it is sampled or did not go as it should, its spans.
func (x *Exporter) Observe(ctx context.Context, r *handler.Report) {
	defer x.guard(ctx)
	x.active.Add(-1)
	x.measure(ctx, r)
	if x.keepsCall(r) {
		x.traceCall(ctx, r)
	}
	x.flusher.ask()
}

// keepsCall says whether a call has spans. What failed, or went another way than it should, always has; of refused credentials,
// which strangers can send as many of as they like, only so many a minute.
func (x *Exporter) keepsCall(r *handler.Report) bool {
	if x.spans == nil {
		return false
	}
	if r.Status == http.StatusUnauthorized {
		return x.refused.take()
	}
	return place(r.Trace.Self).IsSampled() || r.Code != "" || r.Outcome != nil && unusual(*r.Outcome) || r.HungUpAfter > 0
}

// unusual says that a delivery did not go the plain way: claimed, and accepted at the first attempt.
func unusual(o delivery.Outcome) bool {
	return o.Result() != delivery.Accepted || len(o.Attempts) > 1 || o.Ambiguous() > 0 ||
		o.Claim == delivery.ClaimTakenOver || o.Claim == delivery.ClaimFailedOpen
}

func (x *Exporter) traceCall(ctx context.Context, r *handler.Report) {
	own := place(r.Trace.Self)
	inside := trace.ContextWithSpanContext(ctx, own)
	outside := trace.ContextWithRemoteSpanContext(context.WithValue(ctx, planned{}, own), place(r.Trace.Parent))
	options := []trace.SpanStartOption{
		trace.WithTimestamp(r.Arrived), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(callAttributes(r)...),
	}
	if began := beganBy(r); began.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: began}))
	}
	_, span := x.tracer.Start(outside, http.MethodPost+" "+r.Route, options...)
	if r.Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, r.Code)
	}
	for _, p := range r.Phases {
		_, phase := x.tracer.Start(inside, p.Name, trace.WithTimestamp(p.Began))
		phase.End(trace.WithTimestamp(p.Began.Add(p.Took)))
	}
	span.End(trace.WithTimestamp(r.Arrived.Add(r.Took)))
}

// beganBy is the place of the call whose delivery this one joined; not valid where it did not join one.
func beganBy(r *handler.Report) trace.SpanContext {
	if r.Outcome == nil || r.Outcome.Trace == r.Trace.Self {
		return trace.SpanContext{}
	}
	return place(r.Outcome.Trace)
}

func callAttributes(r *handler.Report) []attribute.KeyValue {
	attributes := make([]attribute.KeyValue, 0, 16)
	attributes = append(attributes,
		semconv.HTTPRequestMethodPost, semconv.HTTPRoute(r.Route), semconv.URLPath(r.Route), semconv.URLScheme("http"),
		semconv.HTTPResponseStatusCode(r.Status), outcomeKey.String(outcomeOf(r)), blameKey.String(string(r.Blame())))
	attributes = appendText(attributes, semconv.ErrorTypeKey, r.Code)
	attributes = appendText(attributes, semconv.FaaSInvocationIDKey, r.InvocationID)
	attributes = appendText(attributes, "byoe.correlation_id", r.CorrelationID)
	attributes = appendText(attributes, "byoe.flow", r.Flow)
	attributes = appendText(attributes, "byoe.locale", r.Locale)
	attributes = appendText(attributes, "byoe.app_id", r.AppID)
	if r.Refusal != nil {
		attributes = append(attributes, checkKey.String(string(r.Refusal.Check)))
	}
	if r.Outcome != nil {
		attributes = appendText(attributes, claimKey, string(r.Outcome.Claim))
	}
	if r.HungUpAfter > 0 {
		attributes = append(attributes, attribute.Float64("byoe.hung_up_after", r.HungUpAfter.Seconds()))
	}
	return attributes
}

// appendText leaves out what is empty.
func appendText(attributes []attribute.KeyValue, key attribute.Key, value string) []attribute.KeyValue {
	if value == "" {
		return attributes
	}
	return append(attributes, key.String(value))
}

// outcomeOf is a call's outcome in a word: the answer's code, or what stands behind a success.
func outcomeOf(r *handler.Report) string {
	switch {
	case r.Code != "":
		return r.Code
	case r.Outcome != nil:
		return r.Outcome.Result().String()
	default:
		return "ok"
	}
}

// The keys of our own attributes that spans and metrics share.
const (
	outcomeKey  = attribute.Key("byoe.outcome")
	blameKey    = attribute.Key("byoe.blame")
	checkKey    = attribute.Key("byoe.check")
	claimKey    = attribute.Key("byoe.claim")
	phaseKey    = attribute.Key("byoe.phase")
	providerKey = attribute.Key("byoe.provider")
)
