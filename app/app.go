package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/handler"
	"byoe/message"
	"byoe/providers"
	"byoe/telemetry"
	"byoe/telemetry/otlp"
	"byoe/telemetry/shape"
)

// App is the webhook, ready to serve.
type App struct {
	callers  []caller
	mail     *Mail
	runStore func(ctx context.Context)
	handler  http.Handler
	requests *telemetry.RequestLog
	exporter *otlp.Exporter // nil where nothing is sent
	flushes  bool           // the exporter sends after each call
	logger   *slog.Logger
}

// Build composes the webhook from valid settings (see [Settings.Validate]). Nothing is reached out to yet: a provider or
// a key endpoint that is down is no reason not to start.
func Build(s *Settings, logger *slog.Logger) (*App, error) { return build(s, nil, prepared, logger) }

// build composes the webhook with a composer of its own, or with the settings' where that is nil. compose makes further ones.
func build(s *Settings, composer handler.Composer, compose composes, logger *slog.Logger) (*App, error) {
	verifier, err := auth.New(s.Auth, nil)
	if err != nil {
		return nil, err
	}
	store, runStore, err := s.openStore()
	if err != nil {
		return nil, err
	}
	a := &App{callers: []caller{verifier}, runStore: runStore, requests: telemetry.NewRequestLog(logger), flushes: s.Server.UnderFunctionsHost(), logger: logger}
	if a.exporter, err = s.openExporter(logger); err != nil {
		return nil, err
	}
	if a.mail, err = BuildMail(s, store, a.ended); err != nil {
		return nil, err
	}
	if composer == nil {
		composer = a.mail.Composer
	}
	policies, checker, err := s.openB2C(compose)
	if err != nil {
		return nil, err
	}
	if checker != nil {
		a.callers = append(a.callers, checker)
	}
	parts := handler.Parts{B2C: policies, Composer: composer, Deliverer: a.mail.Deliverer}
	if s.TakesEvents() {
		parts.Auth = verifier
	}
	if err := a.observe(&parts, verifier); err != nil {
		return nil, err
	}
	if s.Telemetry.LogShape {
		parts.Witness = shape.New(logger)
	}
	a.handler = handler.New(s.Handler, parts)
	return a, nil
}

// observe names those who are told of each call.
func (a *App) observe(parts *handler.Parts, verifier *auth.Verifier) error {
	parts.Observers = []handler.Observer{a.requests}
	if a.exporter == nil {
		return nil
	}
	parts.Observers, parts.Tracer = append(parts.Observers, a.exporter), a.exporter
	return a.exporter.Watch(a.mail.Deliverer, verifier)
}

// ended tells whoever observes of a delivery's end.
func (a *App) ended(e delivery.End) {
	a.requests.Ended(e)
	if a.exporter != nil {
		a.exporter.Ended(e)
	}
}

// tellKeyFailure writes the line that comes before the day on which nobody can be let in.
func (a *App) tellKeyFailure(f auth.KeyFailure) {
	a.logger.Warn("signing keys not fetched", slog.String("tenantId", f.TenantID), slog.Int64("ageSeconds", int64(f.Age/time.Second)),
		slog.String("cause", f.Err.Error()), slog.String("remedy", "let the app reach the tenant's key endpoint; the last good keys serve for a day"))
}

// caller knows who may call, and keeps what it needs for that at hand until ctx is done.
type caller interface {
	Run(ctx context.Context, failed func(auth.KeyFailure))
}

// Mail is the part that makes and sends mails.
type Mail struct {
	Composer  *message.Composer
	Deliverer *delivery.Deliverer
	// Providers are those that the deliverer asks, in its order.
	Providers []providers.Provider
}

// BuildMail composes the part that makes and sends mails. ended is told what became of each delivery; it may be nil.
func BuildMail(s *Settings, claims delivery.Store, ended func(delivery.End)) (*Mail, error) {
	composer, problems := s.Composer()
	if len(problems) > 0 {
		return nil, problems
	}
	ordered, err := s.openProviders()
	if err != nil {
		return nil, err
	}
	parts := delivery.Parts{Providers: ordered, Claims: claims, Ended: ended}
	return &Mail{Composer: composer, Deliverer: delivery.New(s.Delivery, s.Recipients, parts), Providers: ordered}, nil
}

// connectMost bounds the first way to a provider. Nobody waits for it.
const connectMost = 5 * time.Second

// Run makes the way to each provider ready and keeps it so until ctx is done. A provider that cannot be reached is told to
// failed and is no reason to stop: the next mail goes the same way once more.
func (m *Mail) Run(ctx context.Context, failed func(provider string, err error)) {
	var running sync.WaitGroup
	defer running.Wait()
	for _, p := range m.Providers {
		running.Go(func() {
			if connector, ok := p.(providers.Connector); ok {
				bounded, cancel := context.WithTimeout(ctx, connectMost)
				if err := connector.Connect(bounded); err != nil && ctx.Err() == nil {
					failed(p.Name(), err)
				}
				cancel()
			}
			if runner, ok := p.(providers.Runner); ok {
				runner.Run(ctx)
			}
		})
	}
}

// Run fetches keys, keeps the store and the ways to the providers and serves on l until ctx is done; then requests in flight
// end, and Run returns nil. Any other return is an error.
func (a *App) Run(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	for _, c := range a.callers {
		beside.Go(func() { c.Run(ctx, a.tellKeyFailure) })
	}
	beside.Go(func() { a.runStore(ctx) })
	beside.Go(func() {
		a.mail.Run(ctx, func(provider string, err error) {
			a.logger.Warn("provider not reached at the start", slog.String("provider", provider), slog.String("error", err.Error()))
		})
	})
	if a.flushes && a.exporter != nil {
		beside.Go(func() { a.exporter.Run(ctx) })
	}
	err := serve(ctx, l, a.handler, a.logger)
	drain, stop := context.WithTimeout(context.WithoutCancel(ctx), drainMost)
	a.mail.Deliverer.Drain(drain)
	stop()
	cancel()
	beside.Wait()
	a.requests.Close()
	if a.exporter != nil {
		a.exporter.Close(ctx)
	}
	return err
}
