package otlp

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"byoe/handler"
	"byoe/telemetry"
)

// openSpans makes what spans are made and sent with. The provider keeps all that it is given: what is not to be kept is
// not made.
func (x *Exporter) openSpans(c telemetry.Config, about *resource.Resource) error {
	compression := otlptracehttp.GzipCompression
	if c.Compression != "gzip" {
		compression = otlptracehttp.NoCompression
	}
	exporter, err := otlptracehttp.New(context.Background(),
		otlptracehttp.WithEndpointURL(c.TracesURL()), otlptracehttp.WithHTTPClient(x.client.http), otlptracehttp.WithHeaders(x.client.headers),
		otlptracehttp.WithCompression(compression),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: retryMost / 8, MaxInterval: retryMost / 2, MaxElapsedTime: retryMost}))
	if err != nil {
		return err
	}
	x.sampler = samplerOf(c)
	x.spans = sdktrace.NewTracerProvider(
		sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.AlwaysSample()), sdktrace.WithIDGenerator(plannedIDs{}),
		sdktrace.WithBatcher(spanExporter{exporter, x.client.failures}, sdktrace.WithExportTimeout(exportMost)))
	x.tracer = x.spans.Tracer(scope)
	return nil
}

// spanExporter tells failures in our words, and nothing to the SDK's handler.
type spanExporter struct {
	sdktrace.SpanExporter
	failures *failures
}

// ExportSpans implements [sdktrace.SpanExporter].
func (e spanExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if e.SpanExporter.ExportSpans(ctx, spans) != nil {
		e.failures.tell(ctx, "spans", e.failures.lastWord())
	}
	return nil
}

// samplerOf is the sampler that the owner chose.
func samplerOf(c telemetry.Config) sdktrace.Sampler {
	ratio := sdktrace.TraceIDRatioBased(c.Ratio())
	switch c.Sampler {
	case telemetry.SamplerAlwaysOn:
		return sdktrace.AlwaysSample()
	case telemetry.SamplerAlwaysOff:
		return sdktrace.NeverSample()
	case telemetry.SamplerRatio:
		return ratio
	case telemetry.SamplerParentAlwaysOff:
		return sdktrace.ParentBased(sdktrace.NeverSample())
	case telemetry.SamplerParentRatio:
		return sdktrace.ParentBased(ratio)
	default:
		return sdktrace.ParentBased(sdktrace.AlwaysSample())
	}
}

// Arrive gives a call its place in a trace: in the caller's where it sent one (W3C Trace Context), else in one of its own.
// Whether it would be sampled is asked here, because a delivery may end, and need to know, before its call does.
func (x *Exporter) Arrive(header http.Header) handler.Trace {
	x.active.Add(1)
	if x.spans == nil {
		return handler.Trace{}
	}
	caller := extract(header)
	own := trace.SpanContextConfig{TraceID: caller.TraceID(), SpanID: newSpanID()}
	if !caller.IsValid() {
		own.TraceID = newTraceID()
	}
	asked := sdktrace.SamplingParameters{ParentContext: trace.ContextWithRemoteSpanContext(context.Background(), caller), TraceID: own.TraceID, Kind: trace.SpanKindServer}
	if x.sampler.ShouldSample(asked).Decision == sdktrace.RecordAndSample {
		own.TraceFlags = trace.FlagsSampled
	}
	place := handler.Trace{Self: traceparent(trace.NewSpanContext(own))}
	if caller.IsValid() {
		place.Parent = traceparent(caller)
	}
	return place
}

// extract reads the caller's place. Its tracestate is left out: it is free text, and nothing is handed on that would need it.
func extract(header http.Header) trace.SpanContext {
	carrier := propagation.MapCarrier{"traceparent": header.Get("Traceparent")}
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
}

// place reads back what traceparent wrote; of anything else it makes a place that is not valid.
func place(traceparent string) trace.SpanContext {
	parts := strings.Split(traceparent, "-")
	if len(parts) != 4 {
		return trace.SpanContext{}
	}
	traceID, _ := trace.TraceIDFromHex(parts[1])
	spanID, _ := trace.SpanIDFromHex(parts[2])
	c := trace.SpanContextConfig{TraceID: traceID, SpanID: spanID}
	if parts[3] == trace.FlagsSampled.String() {
		c.TraceFlags = trace.FlagsSampled
	}
	return trace.NewSpanContext(c)
}

func traceparent(c trace.SpanContext) string {
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" + c.TraceFlags().String()
}

// planned is the key of the ids that a span is to have.
type planned struct{}

// plannedIDs gives a span the ids that were planned for it when its call arrived, and new ones to every other.
type plannedIDs struct{}

// NewIDs implements [sdktrace.IDGenerator] for a span without a parent.
func (g plannedIDs) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if own, ok := ctx.Value(planned{}).(trace.SpanContext); ok {
		return own.TraceID(), own.SpanID()
	}
	return newTraceID(), newSpanID()
}

// NewSpanID implements [sdktrace.IDGenerator] for a span with a parent.
func (g plannedIDs) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	if own, ok := ctx.Value(planned{}).(trace.SpanContext); ok {
		return own.SpanID()
	}
	return newSpanID()
}

func newTraceID() (id trace.TraceID) {
	_, _ = rand.Read(id[:]) // crypto/rand never fails: it ends the program first
	return id
}

func newSpanID() (id trace.SpanID) {
	_, _ = rand.Read(id[:]) // as above
	return id
}
