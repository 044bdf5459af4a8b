package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"byoe/app"
	"byoe/bench/entra"
	"byoe/bench/load"
	"byoe/bench/standin"
	"byoe/telemetry"
)

// BenchmarkEmailOtpSend is the whole webhook in one process with the tenant that calls it and the provider: from the bytes
// of the call to those of the answer. What stands around the webhook is in the numbers; [byoe/bench] measures it alone.
func BenchmarkEmailOtpSend(b *testing.B) {
	tenant, err := entra.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tenant.Close() }()
	vendor, err := standin.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = vendor.Close() }()
	url, _ := vendor.Addresses()
	address, stop := serveWebhook(b, append(tenant.Settings(), "MAIL_FROM=no-reply@contoso.example", "MAIL_PROVIDERS=sendgrid",
		"SENDGRID_API_KEY=SG.bench", "SENDGRID_BASE_URL="+url, "DEDUPE_STORE=memory"))
	defer stop()
	target := &load.Target{Address: address, Requests: tenant.Call}
	defer target.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := target.AsFastAsAnswered(b.Context(), 1, 1).Good(http.StatusOK); err != nil {
			b.Fatal(err)
		}
	}
}

// serveWebhook builds the webhook from settings and serves it until stop.
func serveWebhook(b *testing.B, lines []string) (address string, stop func()) {
	b.Helper()
	environ := map[string]string{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		environ[name] = value
	}
	settings, _, problems := app.Load(environ)
	if problems = problems.And(settings.Validate()); len(problems) > 0 {
		b.Fatal(problems)
	}
	webhook, err := app.Build(settings, telemetry.NewLogger(settings.Telemetry, io.Discard, io.Discard))
	if err != nil {
		b.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	ended := make(chan error, 1)
	go func() { ended <- webhook.Run(ctx, listener) }()
	return listener.Addr().String(), func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}
