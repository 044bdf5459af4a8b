package otlp

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"byoe/delivery"
)

// Deliveries tells what the deliverer counts: delivery.Deliverer.
type Deliveries interface {
	Counts() delivery.Counts
	Providers() []delivery.ProviderState
	InFlight() int
}

// Keys tells how old the signing keys are: auth.Verifier.
type Keys interface {
	KeyAge() time.Duration
}

// gauges are the instruments that are asked when metrics are sent.
type gauges struct {
	claims    metric.Int64ObservableCounter
	failovers metric.Int64ObservableCounter
	ambiguous metric.Int64ObservableCounter
	shed      metric.Int64ObservableCounter
	delivered metric.Int64ObservableCounter
	inFlight  metric.Int64ObservableUpDownCounter
	active    metric.Int64ObservableUpDownCounter
	state     metric.Int64ObservableGauge
	keyAge    metric.Float64ObservableGauge
}

// Watch makes the metrics of what is counted elsewhere. Call it once.
func (x *Exporter) Watch(d Deliveries, k Keys) error {
	if x.meters == nil {
		return nil
	}
	m := x.meters.Meter(scope)
	g, err := newGauges(m)
	if err != nil {
		return err
	}
	_, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		g.observeDeliveries(o, d)
		o.ObserveInt64(g.active, x.active.Load(), metric.WithAttributes(semconv.HTTPRequestMethodPost, semconv.URLScheme("http")))
		o.ObserveFloat64(g.keyAge, k.KeyAge().Seconds())
		return nil
	}, g.claims, g.failovers, g.ambiguous, g.shed, g.delivered, g.inFlight, g.active, g.state, g.keyAge)
	return err
}

func newGauges(m metric.Meter) (*gauges, error) {
	var g gauges
	var errs [9]error
	g.claims, errs[0] = m.Int64ObservableCounter("byoe.claims", metric.WithUnit("{call}"), metric.WithDescription("Calls that joined a delivery, found it done, took it over, or could not ask the store"))
	g.failovers, errs[1] = m.Int64ObservableCounter("byoe.failovers", metric.WithUnit("{mail}"), metric.WithDescription("Mails that another provider took than the one that was asked first"))
	g.ambiguous, errs[2] = m.Int64ObservableCounter("byoe.ambiguous", metric.WithUnit("{attempt}"), metric.WithDescription("Attempts of which nobody knows whether the mail went out"))
	g.shed, errs[3] = m.Int64ObservableCounter("byoe.shed", metric.WithUnit("{call}"), metric.WithDescription("Calls refused because too much was in flight"))
	g.delivered, errs[4] = m.Int64ObservableCounter("byoe.deliveries", metric.WithUnit("{delivery}"), metric.WithDescription("Deliveries by their end"))
	g.inFlight, errs[5] = m.Int64ObservableUpDownCounter("byoe.deliveries.in_flight", metric.WithUnit("{delivery}"), metric.WithDescription("Deliveries that are under way"))
	g.active, errs[6] = m.Int64ObservableUpDownCounter("http.server.active_requests", metric.WithUnit("{request}"), metric.WithDescription("Calls that are under way"))
	g.state, errs[7] = m.Int64ObservableGauge("byoe.provider.state", metric.WithUnit("1"), metric.WithDescription("The provider's breaker: 0 closed, 1 probing, 2 open"))
	g.keyAge, errs[8] = m.Float64ObservableGauge("byoe.keys.age", metric.WithUnit("s"), metric.WithDescription("Time since the tenant's signing keys were fetched; the oldest of several tenants'"))
	return &g, errors.Join(errs[:]...)
}

func (g *gauges) observeDeliveries(o metric.Observer, d Deliveries) {
	counts := d.Counts()
	for how, n := range map[delivery.How]uint64{
		delivery.ClaimJoined: counts.Joined, delivery.ClaimRepeated: counts.Repeated,
		delivery.ClaimTakenOver: counts.TakenOver, delivery.ClaimFailedOpen: counts.FailedOpen,
	} {
		o.ObserveInt64(g.claims, count(n), metric.WithAttributes(claimKey.String(string(how))))
	}
	o.ObserveInt64(g.failovers, count(counts.Failovers))
	o.ObserveInt64(g.ambiguous, count(counts.Ambiguous))
	o.ObserveInt64(g.shed, count(counts.Shed))
	o.ObserveInt64(g.delivered, count(counts.Accepted), metric.WithAttributes(outcomeKey.String("accepted")))
	o.ObserveInt64(g.delivered, count(counts.Failed), metric.WithAttributes(outcomeKey.String("failed")))
	o.ObserveInt64(g.inFlight, int64(d.InFlight()))
	for _, p := range d.Providers() {
		o.ObserveInt64(g.state, breakerState(p.State), metric.WithAttributes(providerKey.String(p.Name)))
	}
}

func count(n uint64) int64 { return int64(n) } //nolint:gosec // of deliveries since the start

// breakerState makes a number of the deliverer's word, so that an alert can be set on "above one".
func breakerState(word string) int64 {
	switch word {
	case "resting":
		return 2
	case "probing":
		return 1
	default:
		return 0
	}
}
