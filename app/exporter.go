package app

import (
	"log/slog"
	"runtime/debug"

	"byoe/telemetry/otlp"
)

// openExporter makes what sends spans and metrics; nil where nothing is to be sent.
func (s *Settings) openExporter(logger *slog.Logger) (*otlp.Exporter, error) {
	if !s.Telemetry.SendsTraces() && !s.Telemetry.SendsMetrics() {
		return nil, nil //nolint:nilnil // off is no error
	}
	version := "unknown"
	if build, ok := debug.ReadBuildInfo(); ok {
		version = build.Main.Version
	}
	return otlp.New(s.Telemetry, otlp.Instance{Version: version, Site: s.Server.SiteName}, logger)
}
