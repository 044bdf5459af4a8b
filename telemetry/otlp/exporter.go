// Package otlp sends spans and metrics by OpenTelemetry's protocol, OTLP over HTTP.
//
// Nothing is traced while a call is under way. Spans are made when the call has been answered, out of its report, with the
// times that the report names; so whether they are kept is decided knowing how the call ended, and a call costs the same
// whether it is traced or not until then. A call's spans come out of its report (spans.go), those of a delivery out of its
// end (deliveryspans.go), because a delivery may outlive its callers. An endpoint that is down or slow costs spans and
// metrics, never a mail.
package otlp

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"byoe/telemetry"
)

// scope names the instrumentation in what is sent.
const scope = "byoe"

// Exporter turns reports into spans and metrics and sends them. Its methods are safe for concurrent use.
type Exporter struct {
	logger  *slog.Logger
	client  *exportClient
	spans   *sdktrace.TracerProvider // nil where no spans are sent
	tracer  trace.Tracer
	sampler sdktrace.Sampler
	refused *allowance
	meters  *sdkmetric.MeterProvider // nil where no metrics are sent
	metrics *instruments
	active  atomic.Int64
	flusher flusher
}

// Instance says which process is telling.
type Instance struct {
	Version string
	// Site is the Function App's name; "" where there is none.
	Site string
}

// New makes an exporter out of valid settings that send something. It reaches out to nobody yet.
func New(c telemetry.Config, i Instance, logger *slog.Logger) (*Exporter, error) {
	silenceSDK()
	client, err := newExportClient(c, logger)
	if err != nil {
		return nil, err
	}
	x := &Exporter{logger: logger, client: client, refused: newAllowance(), flusher: newFlusher()}
	about, err := i.resource(c)
	if err != nil {
		return nil, err
	}
	if c.SendsTraces() {
		if err := x.openSpans(c, about); err != nil {
			return nil, err
		}
	}
	if c.SendsMetrics() {
		if err := x.openMetrics(c, about); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// silenceSDK keeps the SDK from telling anything by itself: it writes to the process's stderr, URLs and the values of variables
// that it cannot read, header fields with keys among them. What matters, an export that fails, is told by exportClient.
func silenceSDK() {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	otel.SetLogger(logr.Discard())
}

// resource describes the service. What the owner says goes before what we know.
func (i Instance) resource(c telemetry.Config) (*resource.Resource, error) {
	known := resource.NewWithAttributes(semconv.SchemaURL, semconv.ServiceInstanceID(rand.Text()), semconv.ServiceVersion(i.Version))
	if i.Site != "" {
		site := resource.NewSchemaless(semconv.CloudProviderAzure, semconv.CloudPlatformAzureFunctions, semconv.FaaSName(i.Site))
		var err error
		if known, err = resource.Merge(known, site); err != nil {
			return nil, err
		}
	}
	for name, value := range c.ResourceAttributes() {
		own := resource.NewSchemaless(attribute.String(name, value))
		var err error
		if known, err = resource.Merge(known, own); err != nil {
			return nil, err
		}
	}
	return resource.Merge(known, resource.NewSchemaless(semconv.ServiceName(c.ServiceName)))
}

// closeMost bounds the last export.
const closeMost = 2 * time.Second

// Run sends after each call, for platforms that freeze the process between calls, until ctx is done. Without it spans and
// metrics go at their usual times.
func (x *Exporter) Run(ctx context.Context) {
	x.flusher.run(ctx, func(ctx context.Context) {
		x.both(ctx, (*sdktrace.TracerProvider).ForceFlush, (*sdkmetric.MeterProvider).ForceFlush)
	})
}

// Close sends what is left, within closeMost and whatever has become of ctx, and ends.
func (x *Exporter) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeMost)
	defer cancel()
	x.both(ctx, (*sdktrace.TracerProvider).Shutdown, (*sdkmetric.MeterProvider).Shutdown)
	x.client.close()
}

// both does one thing with spans and metrics at once: neither waits for the other.
func (x *Exporter) both(ctx context.Context, spans func(*sdktrace.TracerProvider, context.Context) error, metrics func(*sdkmetric.MeterProvider, context.Context) error) {
	var group sync.WaitGroup
	if x.spans != nil {
		group.Go(func() { _ = spans(x.spans, ctx) }) // told by the client
	}
	if x.meters != nil {
		group.Go(func() { _ = metrics(x.meters, ctx) }) // told by the client
	}
	group.Wait()
}

// guard keeps a mistake in here from costing a mail: an end is told on the delivery's own goroutine.
func (x *Exporter) guard(ctx context.Context) {
	if recover() != nil {
		x.client.failures.tell(ctx, "spans and metrics", "panic")
	}
}
