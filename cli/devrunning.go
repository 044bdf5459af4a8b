package cli

import (
	"context"
	"errors"

	"byoe/app"
	"byoe/config"
	"byoe/devtenant"
	"byoe/telemetry"
)

// devRunning is a local tenant with a webhook: one in this process, or somebody else's.
type devRunning struct {
	tenant  *devtenant.Tenant
	webhook string
	// log holds the webhook's lines back until there is room for them.
	log *heldWriter
	// stop ends the webhook, wait returns when it has ended: at once after stop, else with a signal.
	stop func()
	wait func() error
}

// startDev starts the tenant and, where elsewhere is empty, the webhook.
func startDev(p *program, elsewhere string) (*devRunning, error) {
	if _, set := p.environ["PORT"]; !set {
		p.environ["PORT"] = devPort
	}
	tenant, given, err := app.StartDevTenant(p.ctx, p.environ)
	if err != nil {
		return nil, err
	}
	d := &devRunning{tenant: tenant, webhook: elsewhere, log: &heldWriter{out: p.stdout}}
	var settings *app.Settings
	if elsewhere == "" {
		settings, err = loadValid(p.environ, given, (*app.Settings).Validate)
	} else {
		settings, err = loadValid(p.environ, given, func(*app.Settings) config.Problems { return nil })
	}
	if err == nil {
		warnIfExposed(p, settings)
		err = d.serve(p, settings)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// serve starts the webhook, or attaches the one that is elsewhere.
func (d *devRunning) serve(p *program, settings *app.Settings) error {
	ctx, stop := context.WithCancel(p.ctx)
	d.stop = stop
	if d.webhook != "" {
		d.wait = func() error {
			<-ctx.Done()
			return nil
		}
		return d.tenant.Attach(devtenant.Webhook{URL: d.webhook, B2C: devtenant.B2CURL(d.webhook)})
	}
	listener, err := listen(p.ctx, settings.Server)
	if err != nil {
		return err
	}
	d.webhook = "http://" + listener.Addr().String() + "/api/EmailOtpSend"
	webhook, err := build(settings, d.tenant, d.webhook, telemetry.NewLogger(settings.Telemetry, d.log, d.log))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	served := make(chan error, 1)
	go func() { served <- webhook.Run(ctx, listener) }()
	d.wait = func() error { return <-served }
	return nil
}

// close ends what runs.
func (d *devRunning) close() {
	if d.stop != nil {
		d.stop()
	}
	_ = d.tenant.Close() // the process ends with it
}
