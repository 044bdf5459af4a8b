package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"byoe/internal/require"
)

// collector is a running OpenTelemetry Collector, which writes what it takes into a file.
type collector struct {
	url, file string
	stop      func()
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	program := os.Getenv("BYOE_OTELCOL")
	require.Component(t, "otelcol", func() error {
		if _, err := os.Stat(program); err != nil {
			return errors.New("BYOE_OTELCOL does not name the OpenTelemetry Collector; go build -C .ci/collector -o FILE makes one")
		}
		return nil
	})
	port, dir := closedPort(t), t.TempDir()
	c := &collector{url: "http://127.0.0.1:" + port, file: filepath.Join(dir, "taken.json")}
	config := "receivers: {otlp: {protocols: {http: {endpoint: '127.0.0.1:" + port + "'}}}}\n" +
		"exporters: {file: {path: '" + c.file + "', flush_interval: 50ms}}\n" +
		"service:\n  telemetry: {metrics: {level: none}}\n" +
		"  pipelines: {traces: {receivers: [otlp], exporters: [file]}, metrics: {receivers: [otlp], exporters: [file]}}\n"
	settings := filepath.Join(dir, "collector.yaml")
	if err := os.WriteFile(settings, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var told output
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--config", "file:"+settings)
	command.Stdout, command.Stderr = &told, &told
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	c.stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait() // what it says of its end is of no interest
	}
	t.Cleanup(func() {
		c.stop()
		if t.Failed() {
			t.Log(told.String())
		}
	})
	awaitPort(t, port)
	return c
}

// The parts of OTLP's JSON that the test reads, written down from its specification.
type (
	takenSpan struct {
		TraceID, SpanID, ParentSpanID, Name string
		Kind                                int
		Status                              struct{ Code int }
		Attributes                          []takenAttribute
	}
	takenAttribute struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
	takenMetric struct {
		Name, Unit            string
		Sum, Gauge, Histogram *struct{ DataPoints []json.RawMessage }
	}
	takenLine struct {
		ResourceSpans   []struct{ ScopeSpans []struct{ Spans []takenSpan } }
		ResourceMetrics []struct {
			ScopeMetrics []struct{ Metrics []takenMetric }
		}
	}
)

func (s takenSpan) attribute(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.StringValue + a.Value.IntValue
		}
	}
	return ""
}

// taken reads what the collector took: spans and metrics by name.
func (c *collector) taken(t *testing.T) (map[string]takenSpan, map[string]takenMetric) {
	t.Helper()
	raw, err := os.ReadFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	spans, metrics := map[string]takenSpan{}, map[string]takenMetric{}
	for line := range bytes.Lines(raw) {
		var taken takenLine
		if err := json.Unmarshal(line, &taken); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, rs := range taken.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					if s.TraceID == hostsTrace {
						spans[s.Name] = s
					}
				}
			}
		}
		for _, rm := range taken.ResourceMetrics {
			for _, sm := range rm.ScopeMetrics {
				for _, m := range sm.Metrics {
					metrics[m.Name] = m
				}
			}
		}
	}
	return spans, metrics
}

const hostsTrace, hostsSpan = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

// TestTheCollectorSeesAFailedOverSend shows what an owner sees: the OpenTelemetry Collector, which is not ours, takes one trace
// of a send that failed over, in the caller's trace, and every metric.
func TestTheCollectorSeesAFailedOverSend(t *testing.T) {
	c := startCollector(t)
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "MAIL_PROVIDERS=sendgrid,smtp", "SENDGRID_API_KEY=SG.x", "SENDGRID_BASE_URL=http://127.0.0.1:"+closedPort(t),
		"OTEL_EXPORTER_OTLP_ENDPOINT="+c.url, "OTEL_TRACES_SAMPLER=always_off"))
	body := string(sample(t, "sign-up"))
	if status, got := send(t, p.url, "", body); status != http.StatusUnauthorized {
		t.Fatalf("%d %s", status, got)
	}
	inTrace := func(r *http.Request) { r.Header.Set("Traceparent", "00-"+hostsTrace+"-"+hostsSpan+"-00") }
	if status, got := send(t, p.url, token(t, tenant), body, inTrace); status != http.StatusOK {
		t.Fatalf("%d %s", status, got)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	c.stop()
	spans, metrics := c.taken(t)
	root := spans["POST /api/EmailOtpSend"]
	if root.ParentSpanID != hostsSpan || root.Kind != 2 || root.attribute("http.response.status_code") != "200" || root.attribute("byoe.outcome") != "accepted" {
		t.Errorf("the call's span is %+v", root)
	}
	for _, name := range []string{"auth", "decode", "compose", "deliver", "claim", "send sendgrid", "send smtp"} {
		if s, found := spans[name]; !found || s.ParentSpanID != root.SpanID {
			t.Errorf("the span %q is %+v, want one inside of the call's", name, s)
		}
	}
	if len(spans) != 8 {
		t.Errorf("%d spans", len(spans))
	}
	failed, took := spans["send sendgrid"], spans["send smtp"]
	if failed.Kind != 3 || failed.Status.Code != 2 || failed.attribute("error.type") != "temporary" || failed.attribute("byoe.provider.code") != "connection refused" {
		t.Errorf("the failed attempt is %+v", failed)
	}
	if took.Status.Code != 0 || took.attribute("byoe.outcome") != "accepted" || took.attribute("byoe.attempt") != "2" {
		t.Errorf("the second attempt is %+v", took)
	}
	for name, unit := range map[string]string{
		"http.server.request.duration": "s", "http.server.active_requests": "{request}", "byoe.requests": "{request}", "byoe.phase.duration": "s",
		"byoe.provider.duration": "s", "byoe.deliveries": "{delivery}", "byoe.deliveries.in_flight": "{delivery}", "byoe.failovers": "{mail}",
		"byoe.ambiguous": "{attempt}", "byoe.claims": "{call}", "byoe.shed": "{call}", "byoe.provider.state": "1", "byoe.auth.refusals": "{token}", "byoe.keys.age": "s",
	} {
		if m := metrics[name]; m.Unit != unit || m.points() == 0 {
			t.Errorf("the metric %s is %+v, want points in %s", name, m, unit)
		}
	}
}

func (m takenMetric) points() int {
	n := 0
	for _, kind := range []*struct{ DataPoints []json.RawMessage }{m.Sum, m.Gauge, m.Histogram} {
		if kind != nil {
			n += len(kind.DataPoints)
		}
	}
	return n
}
