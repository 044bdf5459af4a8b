package otlp

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// tellEvery is the least time between two lines about exports that fail: an endpoint that is down fails each of them.
const tellEvery = time.Minute

// failures tells of exports that failed.
type failures struct {
	logger *slog.Logger

	mu     sync.Mutex
	word   string // how the last exchange failed
	toldAt time.Time
	held   int
}

func (f *failures) note(word string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.word = word
}

// lastWord is how the last exchange failed.
func (f *failures) lastWord() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.word == "" {
		return "not sent in time"
	}
	return f.word
}

// tell writes a line that an export of these signals failed, unless one was written just before.
func (f *failures) tell(ctx context.Context, signals, word string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); f.toldAt.IsZero() || now.Sub(f.toldAt) >= tellEvery {
		f.logger.LogAttrs(ctx, slog.LevelWarn, "telemetry is lost", slog.String("signal", signals),
			slog.String("error", word), slog.Int("since", f.held), slog.String("remedy", "see to the collector at OTEL_EXPORTER_OTLP_ENDPOINT; mails are not affected"))
		f.toldAt, f.held = now, 0
		return
	}
	f.held++
}
