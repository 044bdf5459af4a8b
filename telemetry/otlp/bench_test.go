package otlp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/handler"
	"byoe/message"
	"byoe/providers"
	"byoe/telemetry"
	"byoe/telemetry/otlp"
)

// instant is an authenticator that knows everybody and a provider that takes everything.
type instant struct{}

const (
	benchTenant = "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d"
	benchBody   = `{"type":"microsoft.graph.authenticationEvent.emailOtpSend","data":{"@odata.type":"microsoft.graph.onOtpSendCalloutData",` +
		`"otpContext":{"identifier":"ann@example.com","oneTimeCode":"02345678"},"tenantId":"` + benchTenant + `",` +
		`"authenticationContext":{"correlationId":"corr-1","requestType":"signUp","client":{"locale":"en-us"}}}}`
)

func (instant) Verify(context.Context, []string) (auth.Caller, error) {
	return auth.Caller{TenantID: benchTenant}, nil
}
func (instant) Ready() bool           { return true }
func (instant) KeyAge() time.Duration { return 0 }
func (instant) Name() string          { return "instant" }
func (instant) Send(context.Context, providers.Submission) (providers.Receipt, error) {
	return providers.Receipt{}, nil
}

// BenchmarkCall is a whole call without its network, token check and vendor: what remains is composing, delivering and telling.
func BenchmarkCall(b *testing.B) {
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	sampled, rarely := settings(sink.URL), settings(sink.URL)
	rarely.Sampler, rarely.SamplerArg = telemetry.SamplerRatio, "0.01"
	b.Run("telemetry=off", func(b *testing.B) { benchCall(b, nil) })
	b.Run("telemetry=sampled-1-percent", func(b *testing.B) { benchCall(b, openBench(b, rarely)) })
	b.Run("telemetry=on", func(b *testing.B) { benchCall(b, openBench(b, sampled)) })
}

func openBench(b *testing.B, c telemetry.Config) *otlp.Exporter {
	b.Helper()
	x, err := otlp.New(c, otlp.Instance{}, telemetry.NewLogger(telemetry.Config{}, io.Discard, io.Discard))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { x.Close(context.Background()) })
	return x
}

func benchCall(b *testing.B, x *otlp.Exporter) {
	b.Helper()
	composer, problems := message.NewComposer(message.Config{From: "no-reply@contoso.example", DefaultLocale: "en"})
	if len(problems) != 0 {
		b.Fatal(problems)
	}
	log := telemetry.NewRequestLog(telemetry.NewLogger(telemetry.Config{}, io.Discard, io.Discard))
	parts := handler.Parts{Auth: instant{}, Composer: composer, Observers: []handler.Observer{log}}
	mail := delivery.Parts{Providers: []providers.Provider{instant{}}, Claims: memory.New()}
	if x != nil {
		parts.Observers, parts.Tracer, mail.Ended = append(parts.Observers, x), x, x.Ended
	}
	parts.Deliverer = delivery.New(delivery.Config{Budget: time.Second, DedupeTTL: time.Nanosecond}, delivery.RecipientConfig{}, mail)
	h := handler.New(handler.Config{}, parts)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/api/EmailOtpSend", strings.NewReader(benchBody))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
