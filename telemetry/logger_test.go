package telemetry_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"byoe/telemetry"
)

func TestLevelsGoWhereTheFunctionsHostReadsThem(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	logger := telemetry.NewLogger(telemetry.Config{Level: "debug"}, &stdout, &stderr).With("a", 1).WithGroup("g")
	logger.Debug("d")
	logger.Info("i")
	logger.Warn("w")
	logger.Error("e", "k", "v")
	for name, c := range map[string]struct {
		out   *bytes.Buffer
		lines int
	}{"stdout": {&stdout, 2}, "stderr": {&stderr, 2}} {
		lines := strings.Split(strings.TrimSpace(c.out.String()), "\n")
		if len(lines) != c.lines {
			t.Errorf("%s has %d lines: %s", name, len(lines), c.out)
		}
		for _, line := range lines {
			if !json.Valid([]byte(line)) || !strings.Contains(line, `"a":1`) {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	errorLine := stderr.String()[strings.Index(stderr.String(), "\n"):]
	if strings.Contains(strings.ToLower(errorLine), "warn") || !strings.Contains(errorLine, `"g":{"k":"v"}`) {
		t.Errorf("an error's line: %s", errorLine)
	}
}

func TestLeastLevel(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	telemetry.NewLogger(telemetry.Config{Level: "warn"}, &out, &out).Info("i")
	if out.Len() != 0 {
		t.Errorf("info is written at LOG_LEVEL=warn: %s", &out)
	}
	if problems := (telemetry.Config{Level: "loud"}).Validate(); len(problems) != 1 {
		t.Errorf("LOG_LEVEL=loud: %v", problems)
	}
	if problems := (telemetry.Config{Level: "warn"}).Validate(); len(problems) != 0 {
		t.Errorf("LOG_LEVEL=warn: %v", problems)
	}
}
