// Package telemetry is what byoe tells of itself: the log. One line a request, as JSON.
package telemetry

import (
	"log/slog"

	"byoe/config"
)

// Config is what the owner says about the log.
type Config struct {
	Level string `env:"LOG_LEVEL" envDefault:"info" desc:"Least severity that is logged: debug, info, warn or error"`
}

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	var level slog.Level
	if level.UnmarshalText([]byte(c.Level)) == nil {
		return nil
	}
	return config.Problems{{Setting: "LOG_LEVEL", What: "not a level", Remedy: "Give debug, info, warn or error"}}
}
