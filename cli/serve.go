package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os/signal"
	"syscall"
	"time"

	"byoe/app"
	"byoe/config"
	"byoe/devtenant"
	"byoe/telemetry"
)

// serveCommand is byoe serve.
type serveCommand struct{}

// hostKills is how long the webhook serves on after a signal under the Functions host. On Ctrl-C the host kills it some
// 40 ms later; whoever is alive after a second was signalled alone and is to be replaced. Leaving at once would make the
// host start a new process while it is itself about to go.
const hostKills = time.Second

// Run serves until a signal comes. That nobody reads its log any more is none: Go's default is to end the process with the
// first line then, between a mail and the answer to it.
func (serveCommand) Run(p *program) error {
	defer keepHeadroom(p.environ)()
	signal.Ignore(syscall.SIGPIPE)
	tenant, given, err := devTenantIfWanted(p)
	if err != nil {
		return err
	}
	if tenant != nil {
		defer func() { _ = tenant.Close() }() // the process ends with it
	}
	settings, err := loadValid(p.environ, given, (*app.Settings).Validate)
	if err != nil {
		return err
	}
	logger := telemetry.NewLogger(settings.Telemetry, p.stdout, p.stderr)
	webhook, err := build(settings, tenant, devtenant.DefaultWebhook, logger)
	if err != nil {
		return err
	}
	listener, err := listen(p.ctx, settings.Server)
	if err != nil {
		return err
	}
	logger.Info("listening", slog.String("address", listener.Addr().String()), slog.Any("providers", settings.Providers.Names))
	if settings.OwnMemoryInAzure() {
		logger.Warn("each instance remembers only its own mails: where Entra's retry reaches another one, the code is sent twice",
			slog.String("remedy", "set BYOE_HASH_KEY to a random text of 32 characters or more, and give the app a storage account"))
	}
	if tenant != nil {
		logger.Info("local tenant", slog.String("pages", tenant.URL()), slog.String("mailbox", tenant.URL()+"/mailbox"))
		warnIfExposed(p, settings)
	}
	return serveUntilStopped(p.ctx, settings.Server, func(ctx context.Context) error { return webhook.Run(ctx, listener) })
}

// build composes the webhook; with a local tenant beside it, its mails follow their files, and the tenant's pages show and
// drive it at url.
func build(settings *app.Settings, tenant *devtenant.Tenant, url string, logger *slog.Logger) (*app.App, error) {
	if tenant == nil {
		return app.Build(settings, logger)
	}
	webhook, templates, err := app.BuildDev(settings, logger)
	if err != nil {
		return nil, err
	}
	return webhook, tenant.Attach(devtenant.Webhook{URL: url, B2C: devtenant.B2CURL(url), Templates: templates})
}

// warnIfExposed says it on a stream that nobody filters, and in words that nobody takes for a line of the log.
func warnIfExposed(p *program, settings *app.Settings) {
	if !settings.Dev.Exposed {
		return
	}
	_, _ = fmt.Fprintf(p.stderr, "\n*** DEV_TENANT_EXPOSED is on: everybody who reaches %s can read its mail and get its tokens. ***\n"+
		"*** Never do this in a network that you do not trust, and never with real addresses. ***\n\n", settings.Dev.Addr)
}

// serveUntilStopped ends with nil when a person stopped the process, and with errStoppedUnderHost where the Functions host
// is its keeper: an exit code of 0 would be its last.
func serveUntilStopped(signalled context.Context, c app.ServerConfig, run func(ctx context.Context) error) error {
	if !c.UnderFunctionsHost() {
		return run(signalled)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(signalled))
	defer cancel()
	stop := context.AfterFunc(signalled, func() { time.AfterFunc(hostKills, cancel) })
	defer stop()
	if err := run(ctx); err != nil {
		return err
	}
	return errStoppedUnderHost
}

// devTenantIfWanted starts the local tenant where DEV_TENANT asks for it and it is allowed.
func devTenantIfWanted(p *program) (*devtenant.Tenant, []config.Given, error) {
	wanted, err := app.DevTenantWanted(p.environ)
	if err != nil || !wanted {
		return nil, nil, err
	}
	return app.StartDevTenant(p.ctx, p.environ)
}

// loadValid reads the settings and returns every problem at once.
func loadValid(environ map[string]string, given []config.Given, validate func(*app.Settings) config.Problems) (*app.Settings, error) {
	settings, _, problems := app.Load(environ, given...)
	problems = problems.And(validate(settings))
	if len(problems) > 0 {
		return nil, problems
	}
	return settings, nil
}

func listen(ctx context.Context, c app.ServerConfig) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Address())
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: another program has the port, or the address is not this machine's. Set PORT or HOST: %w", c.Address(), err)
	}
	return listener, nil
}
