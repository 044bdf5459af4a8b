package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"byoe/auth"
	"byoe/delivery"
	"byoe/handler"
	"byoe/message"
)

// App is the webhook, ready to serve.
type App struct {
	verifier  *auth.Verifier
	deliverer *delivery.Deliverer
	runStore  func(ctx context.Context)
	handler   http.Handler
	logger    *slog.Logger
}

// Build composes the webhook from valid settings (see [Settings.Validate]). Nothing is reached out to yet: a provider or
// a key endpoint that is down is no reason not to start.
func Build(s *Settings, logger *slog.Logger) (*App, error) {
	verifier, err := auth.New(s.Auth, nil)
	if err != nil {
		return nil, err
	}
	store, runStore, err := s.openStore()
	if err != nil {
		return nil, err
	}
	composer, deliverer, err := BuildMail(s, store, handler.LogLate(logger))
	if err != nil {
		return nil, err
	}
	return &App{
		verifier:  verifier,
		deliverer: deliverer,
		runStore:  runStore,
		handler:   handler.New(s.Handler, verifier, composer, deliverer, logger),
		logger:    logger,
	}, nil
}

// BuildMail composes the part that makes and sends mails. late is told of deliveries that end after their answer; it may
// be nil.
func BuildMail(s *Settings, claims delivery.Store, late func(correlationID string, o delivery.Outcome)) (*message.Composer, *delivery.Deliverer, error) {
	composer, err := message.NewComposer(s.Message)
	if err != nil {
		return nil, nil, err
	}
	ordered, err := s.openProviders()
	if err != nil {
		return nil, nil, err
	}
	return composer, delivery.New(s.Delivery, s.Recipients, delivery.Parts{Providers: ordered, Claims: claims, Late: late}), nil
}

// Run fetches keys, keeps the store and serves on l until ctx is done; then requests in flight end, and Run returns nil. Any other return
// is an error.
func (a *App) Run(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { a.verifier.Run(ctx) })
	beside.Go(func() { a.runStore(ctx) })
	err := serve(ctx, l, a.handler, a.logger)
	drain, stop := context.WithTimeout(context.WithoutCancel(ctx), drainMost)
	a.deliverer.Drain(drain)
	stop()
	cancel()
	beside.Wait()
	return err
}
