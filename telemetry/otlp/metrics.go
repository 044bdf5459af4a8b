package otlp

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"byoe/delivery"
	"byoe/handler"
	"byoe/telemetry"
)

// instruments are those that are told of each call and each delivery. What the deliverer and the verifier count by
// themselves is asked for when it is sent; see gauges.go.
type instruments struct {
	requests metric.Int64Counter
	request  metric.Float64Histogram
	phase    metric.Float64Histogram
	provider metric.Float64Histogram
	refusals metric.Int64Counter
}

// openMetrics makes what metrics are kept and sent with.
func (x *Exporter) openMetrics(c telemetry.Config, about *resource.Resource) error {
	compression := otlpmetrichttp.GzipCompression
	if c.Compression != "gzip" {
		compression = otlpmetrichttp.NoCompression
	}
	exporter, err := otlpmetrichttp.New(context.Background(),
		otlpmetrichttp.WithEndpointURL(c.MetricsURL()), otlpmetrichttp.WithHTTPClient(x.client.http), otlpmetrichttp.WithHeaders(x.client.headers),
		otlpmetrichttp.WithCompression(compression),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{Enabled: true, InitialInterval: retryMost / 8, MaxInterval: retryMost / 2, MaxElapsedTime: retryMost}))
	if err != nil {
		return err
	}
	reader := sdkmetric.NewPeriodicReader(metricExporter{exporter, x.client.failures},
		sdkmetric.WithInterval(time.Duration(c.MetricInterval)*time.Millisecond), sdkmetric.WithTimeout(exportMost))
	x.meters = sdkmetric.NewMeterProvider(sdkmetric.WithResource(about), sdkmetric.WithReader(reader))
	x.metrics, err = newInstruments(x.meters.Meter(scope))
	return err
}

// metricExporter tells failures in our words, and nothing to the SDK's handler.
type metricExporter struct {
	sdkmetric.Exporter
	failures *failures
}

// Export implements [sdkmetric.Exporter].
func (e metricExporter) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	if e.Exporter.Export(ctx, metrics) != nil {
		e.failures.tell(ctx, "metrics", e.failures.lastWord())
	}
	return nil
}

// The bounds of the histograms, in seconds. Entra waits for two; a phase of our own takes a fraction of a millisecond.
func requestBounds() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 5}
}

func phaseBounds() []float64 {
	return []float64{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5}
}

func newInstruments(m metric.Meter) (*instruments, error) {
	var made instruments
	var errs [5]error
	made.requests, errs[0] = m.Int64Counter("byoe.requests", metric.WithUnit("{request}"), metric.WithDescription("Calls by outcome, and by whose side its cause lies on"))
	made.request, errs[1] = m.Float64Histogram("http.server.request.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(requestBounds()...), metric.WithDescription("Time from a call's arrival to its answer"))
	made.phase, errs[2] = m.Float64Histogram("byoe.phase.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(phaseBounds()...), metric.WithDescription("Time of the parts of a call and of a delivery"))
	made.provider, errs[3] = m.Float64Histogram("byoe.provider.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(requestBounds()...), metric.WithDescription("Time of the attempts, by provider and outcome"))
	made.refusals, errs[4] = m.Int64Counter("byoe.auth.refusals", metric.WithUnit("{token}"), metric.WithDescription("Refused tokens by the check that failed"))
	return &made, errors.Join(errs[:]...)
}

// measure counts a call. Labels are words of our own; no caller, no tenant and no vendor can add one.
func (x *Exporter) measure(ctx context.Context, r *handler.Report) {
	if x.metrics == nil {
		return
	}
	x.metrics.requests.Add(ctx, 1, metric.WithAttributes(semconv.HTTPRoute(r.Route), outcomeKey.String(outcomeOf(r)), blameKey.String(string(r.Blame()))))
	labels := []attribute.KeyValue{semconv.HTTPRequestMethodPost, semconv.HTTPRoute(r.Route), semconv.URLScheme("http"), semconv.HTTPResponseStatusCode(r.Status)}
	labels = appendText(labels, semconv.ErrorTypeKey, r.Code)
	x.metrics.request.Record(ctx, r.Took.Seconds(), metric.WithAttributes(labels...))
	for _, p := range r.Phases {
		x.metrics.phase.Record(ctx, p.Took.Seconds(), metric.WithAttributes(phaseKey.String(p.Name)))
	}
	if r.Refusal != nil {
		x.metrics.refusals.Add(ctx, 1, metric.WithAttributes(checkKey.String(string(r.Refusal.Check))))
	}
}

// measureDelivery measures a delivery's claim and its attempts.
func (x *Exporter) measureDelivery(ctx context.Context, o delivery.Outcome) {
	if x.metrics == nil {
		return
	}
	if !o.ClaimBegan.IsZero() {
		x.metrics.phase.Record(ctx, o.ClaimTook.Seconds(), metric.WithAttributes(phaseKey.String("claim")))
	}
	for _, a := range o.Attempts {
		if !a.Began.IsZero() {
			x.metrics.provider.Record(ctx, a.Duration.Seconds(), metric.WithAttributes(providerKey.String(a.Provider), outcomeKey.String(outcomeOfAttempt(a))))
		}
	}
}
