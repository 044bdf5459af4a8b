// Package otlptest receives what an exporter sends, for tests. It decodes with the protocol's own published messages.
package otlptest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Receiver is an OTLP/HTTP endpoint on the loopback.
type Receiver struct {
	URL string

	mu       sync.Mutex
	spans    []*tracepb.Span
	metrics  map[string]*metricspb.Metric // the last of each name
	resource map[string]string
	headers  http.Header // of the last export
	text     strings.Builder
	exports  map[string]int // by path
}

// Start starts a receiver that ends with the test.
func Start(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{metrics: map[string]*metricspb.Metric{}, resource: map[string]string{}, exports: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := r.take(req); err != nil {
			t.Errorf("an export to %s: %v", req.URL.Path, err)
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

func (r *Receiver) take(req *http.Request) error {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = unzipped
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.headers = req.Header.Clone()
	r.exports[req.URL.Path]++
	switch {
	case strings.HasSuffix(req.URL.Path, "/v1/traces"):
		return r.takeSpans(raw)
	case strings.HasSuffix(req.URL.Path, "/v1/metrics"):
		return r.takeMetrics(raw)
	default:
		return fmt.Errorf("no such path")
	}
}

func (r *Receiver) takeSpans(raw []byte) error {
	var export collectortrace.ExportTraceServiceRequest
	if err := proto.Unmarshal(raw, &export); err != nil {
		return err
	}
	r.text.WriteString(export.String() + "\n")
	for _, rs := range export.GetResourceSpans() {
		r.about(rs.GetResource().GetAttributes())
		for _, ss := range rs.GetScopeSpans() {
			r.spans = append(r.spans, ss.GetSpans()...)
		}
	}
	return nil
}

func (r *Receiver) takeMetrics(raw []byte) error {
	var export collectormetrics.ExportMetricsServiceRequest
	if err := proto.Unmarshal(raw, &export); err != nil {
		return err
	}
	r.text.WriteString(export.String() + "\n")
	for _, rm := range export.GetResourceMetrics() {
		r.about(rm.GetResource().GetAttributes())
		for _, sm := range rm.GetScopeMetrics() {
			for _, m := range sm.GetMetrics() {
				r.metrics[m.GetName()] = m
			}
		}
	}
	return nil
}

func (r *Receiver) about(attributes []*commonpb.KeyValue) {
	for _, a := range attributes {
		r.resource[a.GetKey()] = Value(a.GetValue())
	}
}

// Spans are those that came so far, waiting until there are as many as wanted.
func (r *Receiver) Spans(t testing.TB, wanted int) []*tracepb.Span {
	t.Helper()
	var spans []*tracepb.Span
	for range 3000 {
		r.mu.Lock()
		spans = append([]*tracepb.Span(nil), r.spans...)
		r.mu.Unlock()
		if len(spans) >= wanted {
			return spans
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d spans came, want %d", len(spans), wanted)
	return nil
}

// Metric is the last state of a metric; nil where none came.
func (r *Receiver) Metric(name string) *metricspb.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.metrics[name]
}

// Points are a metric's last values by their labels, such as "byoe.claim=joined" (several sorted, comma-separated): a sum's or
// a gauge's value, a histogram's count.
func (r *Receiver) Points(name string) map[string]float64 {
	points := map[string]float64{}
	m := r.Metric(name)
	for _, p := range append(m.GetSum().GetDataPoints(), m.GetGauge().GetDataPoints()...) {
		points[Labels(p.GetAttributes())] = float64(p.GetAsInt()) + p.GetAsDouble()
	}
	for _, p := range m.GetHistogram().GetDataPoints() {
		points[Labels(p.GetAttributes())] = float64(p.GetCount())
	}
	return points
}

// Resource is what was said of the service.
func (r *Receiver) Resource() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resource
}

// Header is the last export's.
func (r *Receiver) Header() http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.headers
}

// Exports is how many exports came to a path.
func (r *Receiver) Exports(path string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.exports[path]
}

// Text is everything that came, to be searched for what must not.
func (r *Receiver) Text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}
