package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// NewLogger writes JSON lines: debug and info to stdout, warnings and errors to stderr. The Functions host makes
// Information of the one, and Warning (where the line holds the word, in any case) or Error of the other; a level of its
// own it does not read. So what is normal must not go to stderr, and no error may be called a warning in its text.
func NewLogger(c Config, stdout, stderr io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // validated; an empty level is info
	options := &slog.HandlerOptions{Level: level}
	return slog.New(splitHandler{
		calm:   slog.NewJSONHandler(stdout, options),
		urgent: slog.NewJSONHandler(stderr, options),
	})
}

// splitHandler sends a record to one of two handlers by its level.
type splitHandler struct {
	calm, urgent slog.Handler
}

func (h splitHandler) to(level slog.Level) slog.Handler {
	if level >= slog.LevelWarn {
		return h.urgent
	}
	return h.calm
}

// Enabled asks the handler that would write the record.
func (h splitHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.to(level).Enabled(ctx, level)
}

// Handle writes the record to the one handler that its level belongs to.
func (h splitHandler) Handle(ctx context.Context, record slog.Record) error {
	return h.to(record.Level).Handle(ctx, record)
}

// WithAttrs adds the attributes on both ways.
func (h splitHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return splitHandler{calm: h.calm.WithAttrs(attrs), urgent: h.urgent.WithAttrs(attrs)}
}

// WithGroup opens the group on both ways.
func (h splitHandler) WithGroup(name string) slog.Handler {
	return splitHandler{calm: h.calm.WithGroup(name), urgent: h.urgent.WithGroup(name)}
}
