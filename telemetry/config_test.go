package telemetry_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoe/config"
	"byoe/telemetry"
)

func load(t *testing.T, environ map[string]string) (telemetry.Config, config.Problems) {
	t.Helper()
	var c telemetry.Config
	_, problems := config.Load(environ, nil, &c)
	return c, problems.And(c.Validate())
}

func TestNothingIsSentUnlessConfigured(t *testing.T) {
	t.Parallel()
	const endpoint, traces, metrics = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
	for name, tt := range map[string]struct {
		environ         map[string]string
		traces, metrics string // the URLs; "" where nothing is sent
	}{
		"nothing set":  {nil, "", ""},
		"one endpoint": {map[string]string{endpoint: "https://c.example:4318/"}, "https://c.example:4318/v1/traces", "https://c.example:4318/v1/metrics"},
		"a base path":  {map[string]string{endpoint: "https://c.example/otlp"}, "https://c.example/otlp/v1/traces", "https://c.example/otlp/v1/metrics"},
		"spans alone":  {map[string]string{traces: "https://c.example/t"}, "https://c.example/t", ""},
		"metrics elsewhere": {
			map[string]string{endpoint: "http://localhost:4318", metrics: "https://m.example/m"}, "http://localhost:4318/v1/traces", "https://m.example/m",
		},
		"disabled":   {map[string]string{endpoint: "https://c.example", "OTEL_SDK_DISABLED": "true"}, "", ""},
		"no spans":   {map[string]string{endpoint: "https://c.example", "OTEL_TRACES_EXPORTER": "none"}, "", "https://c.example/v1/metrics"},
		"no metrics": {map[string]string{endpoint: "https://c.example", "OTEL_METRICS_EXPORTER": "none"}, "https://c.example/v1/traces", ""},
	} {
		c, problems := load(t, tt.environ)
		if c.SendsTraces() != (tt.traces != "") || c.SendsMetrics() != (tt.metrics != "") || len(problems) != 0 {
			t.Errorf("%s: spans %t, metrics %t, %v", name, c.SendsTraces(), c.SendsMetrics(), problems)
		}
		if c.SendsTraces() && c.TracesURL() != tt.traces || c.SendsMetrics() && c.MetricsURL() != tt.metrics {
			t.Errorf("%s: %s and %s", name, c.TracesURL(), c.MetricsURL())
		}
	}
}

func TestMistakesAreToldAndNoValues(t *testing.T) {
	t.Parallel()
	noPEM := filepath.Join(t.TempDir(), "hunter2")
	if err := os.WriteFile(noPEM, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, values := range map[string][]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":         {"hunter2", "http://hunter2.example", "https://u:hunter2@c.example", "https://c.example?key=hunter2", "ftp://hunter2", "https://c.example#hunter2"},
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT":  {"http://hunter2.example/v1/traces"},
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": {"http://hunter2.example/v1/metrics"},
		"OTEL_EXPORTER_OTLP_HEADERS":          {"hunter2", "=hunter2", "a=hunter2%", "a b=hunter2", "a=hunter2%0d%0ax: y"},
		"OTEL_EXPORTER_OTLP_PROTOCOL":         {"grpc", "http/json"},
		"OTEL_EXPORTER_OTLP_COMPRESSION":      {"hunter2"},
		"OTEL_EXPORTER_OTLP_CERTIFICATE":      {noPEM, filepath.Join(t.TempDir(), "hunter2")},
		"OTEL_EXPORTER_OTLP_INSECURE":         {"hunter2"},
		"OTEL_TRACES_EXPORTER":                {"hunter2", "console"},
		"OTEL_METRICS_EXPORTER":               {"prometheus"},
		"OTEL_TRACES_SAMPLER":                 {"hunter2", "jaeger_remote"},
		"OTEL_TRACES_SAMPLER_ARG":             {"hunter2", "1.1", "-0.1", "NaN"},
		"OTEL_METRIC_EXPORT_INTERVAL":         {"hunter2", "999"},
		"OTEL_RESOURCE_ATTRIBUTES":            {"hunter2", "a=hunter2%zz"},
		"LOG_SHAPE":                           {"hunter2"},
	} {
		for _, value := range values {
			environ := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example", setting: value}
			_, problems := load(t, environ)
			if len(problems) != 1 || problems[0].Setting != setting || problems[0].Remedy == "" || strings.Contains(problems.Error(), "hunter2") {
				t.Errorf("%s=%s: %v", setting, value, problems)
			}
			if setting == "OTEL_EXPORTER_OTLP_INSECURE" || setting == "OTEL_METRIC_EXPORT_INTERVAL" || setting == "LOG_SHAPE" {
				continue // of a form that is checked whether it is used or not
			}
			environ["OTEL_SDK_DISABLED"] = "true"
			if _, problems := load(t, environ); len(problems) != 0 {
				t.Errorf("%s=%s is not used, and keeps the webhook from starting: %v", setting, value, problems)
			}
		}
	}
	if _, problems := load(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.internal:4318", "OTEL_EXPORTER_OTLP_INSECURE": "true"}); len(problems) != 0 {
		t.Errorf("plain http where the owner says so: %v", problems)
	}
}
