package otlp_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"

	"byoe/auth"
	"byoe/delivery"
	"byoe/handler"
	"byoe/providers"
	"byoe/redact"
	"byoe/telemetry"
	"byoe/telemetry/otlp"
	"byoe/telemetry/otlp/otlptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings are the defaults, with an endpoint.
func settings(endpoint string) telemetry.Config {
	return telemetry.Config{
		Endpoint: endpoint, Protocol: "http/protobuf", Compression: "gzip", Traces: "otlp", Metrics: "otlp",
		Sampler: telemetry.SamplerParentAlwaysOn, MetricInterval: 60_000, ServiceName: "byoe",
	}
}

// counted are a deliverer and a verifier of which only the numbers matter.
type counted struct{}

func (counted) Counts() delivery.Counts {
	return delivery.Counts{Accepted: 7, Failed: 2, Failovers: 3, Ambiguous: 4, Joined: 5, Repeated: 6, TakenOver: 8, FailedOpen: 9, Shed: 10}
}
func (counted) InFlight() int         { return 11 }
func (counted) KeyAge() time.Duration { return 90 * time.Second }
func (counted) Providers() []delivery.ProviderState {
	return []delivery.ProviderState{{Name: "sendgrid", State: "resting"}, {Name: "smtp", State: "ok"}, {Name: "ses", State: "probing"}}
}

func open(t *testing.T, c telemetry.Config) (*otlp.Exporter, *bytes.Buffer) {
	t.Helper()
	var stderr bytes.Buffer
	x, err := otlp.New(c, otlp.Instance{Version: "v1", Site: "contoso"}, telemetry.NewLogger(telemetry.Config{}, &stderr, &stderr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(t.Context()) })
	if err := x.Watch(counted{}, counted{}); err != nil {
		t.Fatal(err)
	}
	return x, &stderr
}

// call is an arrival with a traceparent and its report; the report is a success unless it is changed.
func call(x *otlp.Exporter, traceparent string) *handler.Report {
	header := http.Header{}
	if traceparent != "" {
		header.Set("Traceparent", traceparent)
		header.Set("Tracestate", "vendor=ann@example.com")
	}
	began := time.Now().Add(-time.Second)
	return &handler.Report{
		Endpoint: "EmailOtpSend", Route: "/api/EmailOtpSend", Arrived: began, Took: 900 * time.Millisecond, Status: http.StatusOK,
		Trace: x.Arrive(header), CorrelationID: "corr-1", InvocationID: "inv-1", Flow: "sign-up", Locale: "en", AppID: "app-1",
		Phases: []handler.Phase{
			{Name: handler.PhaseAuth, Began: began.Add(time.Millisecond), Took: 2 * time.Millisecond},
			{Name: handler.PhaseDeliver, Began: began.Add(5 * time.Millisecond), Took: 890 * time.Millisecond},
		},
	}
}

// delivered is what became of the call's delivery.
func delivered(r *handler.Report, attempts ...delivery.Attempt) delivery.Outcome {
	began := r.Arrived.Add(10 * time.Millisecond)
	for i := range attempts {
		attempts[i].Began, attempts[i].Duration = began.Add(time.Duration(i)*200*time.Millisecond), 150*time.Millisecond
	}
	return delivery.Outcome{Claim: delivery.ClaimNew, ClaimBegan: began, ClaimTook: time.Millisecond, Attempts: attempts, Trace: r.Trace.Self}
}

func failed(provider string, kind providers.Kind) delivery.Attempt {
	return delivery.Attempt{Provider: provider, Err: &providers.Error{Kind: kind, Code: "421", Cause: errors.New("quotes ann@example.com")}}
}

// tell tells a call and its delivery.
func tell(x *otlp.Exporter, r *handler.Report, o delivery.Outcome) {
	r.Outcome = &o
	x.Ended(delivery.End{CorrelationID: r.CorrelationID, Outcome: o})
	x.Observe(context.Background(), r)
}

func names(spans []*tracepb.Span) string {
	var names []string
	for _, s := range spans {
		names = append(names, s.GetName())
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func byName(t *testing.T, spans []*tracepb.Span, name string) *tracepb.Span {
	t.Helper()
	for _, s := range spans {
		if s.GetName() == name {
			return s
		}
	}
	t.Fatalf("no span %q among %s", name, names(spans))
	return nil
}

const caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestAFailedOverSendIsOneTrace(t *testing.T) {
	receiver := otlptest.Start(t)
	x, _ := open(t, settings(receiver.URL))
	r := call(x, caller)
	tell(x, r, delivered(r, failed("sendgrid", providers.KindThrottled), delivery.Attempt{Provider: "smtp", MessageID: "queue-1"}))
	x.Close(t.Context())
	spans := receiver.Spans(t, 6)
	if got := names(spans); got != "POST /api/EmailOtpSend, auth, claim, deliver, send sendgrid, send smtp" {
		t.Fatalf("the spans are %s", got)
	}
	root := byName(t, spans, "POST /api/EmailOtpSend")
	if hex.EncodeToString(root.GetParentSpanId()) != "b7ad6b7169203331" || root.GetKind() != tracepb.Span_SPAN_KIND_SERVER {
		t.Errorf("the parent of the call's span is %x, its kind %s", root.GetParentSpanId(), root.GetKind())
	}
	for _, s := range spans {
		if hex.EncodeToString(s.GetTraceId()) != "0af7651916cd43dd8448eb211c80319c" || s.GetTraceState() != "" {
			t.Errorf("%s is in the trace %x with the state %q", s.GetName(), s.GetTraceId(), s.GetTraceState())
		}
		if s != root && !bytes.Equal(s.GetParentSpanId(), root.GetSpanId()) {
			t.Errorf("%s is not inside of the call", s.GetName())
		}
		if took := time.Duration(s.GetEndTimeUnixNano() - s.GetStartTimeUnixNano()); took <= 0 || took > 900*time.Millisecond || s.GetStartTimeUnixNano() < root.GetStartTimeUnixNano() {
			t.Errorf("%s took %v", s.GetName(), took)
		}
	}
	attempt := byName(t, spans, "send sendgrid")
	if attempt.GetKind() != tracepb.Span_SPAN_KIND_CLIENT || attempt.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR {
		t.Errorf("the failed attempt is %s, %s", attempt.GetKind(), attempt.GetStatus())
	}
	want(t, otlptest.Attributes(attempt), map[string]string{"byoe.provider": "sendgrid", "byoe.attempt": "1", "error.type": "throttled", "byoe.provider.code": "421", "byoe.outcome": "throttled"})
	want(t, otlptest.Attributes(byName(t, spans, "send smtp")), map[string]string{"byoe.provider": "smtp", "byoe.attempt": "2", "byoe.outcome": "accepted", "byoe.message_id": "queue-1"})
	want(t, otlptest.Attributes(byName(t, spans, "claim")), map[string]string{"byoe.claim": "new"})
	want(t, otlptest.Attributes(root), map[string]string{
		"http.request.method": "POST", "http.route": "/api/EmailOtpSend", "url.path": "/api/EmailOtpSend", "url.scheme": "http", "http.response.status_code": "200",
		"byoe.outcome": "accepted", "byoe.blame": "none", "byoe.correlation_id": "corr-1", "faas.invocation_id": "inv-1", "byoe.flow": "sign-up", "byoe.locale": "en",
		"byoe.app_id": "app-1", "byoe.claim": "new",
	})
	about := receiver.Resource()
	if about["service.name"] != "byoe" || about["service.version"] != "v1" || about["faas.name"] != "contoso" || about["service.instance.id"] == "" {
		t.Errorf("the service is %v", about)
	}
	if strings.Contains(receiver.Text(), "ann@") {
		t.Error("what a vendor quoted, or a caller wrote, is sent")
	}
}

func want(t *testing.T, got, want map[string]string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the attributes are\n%v, want\n%v", got, want)
	}
}

func TestMetrics(t *testing.T) {
	receiver := otlptest.Start(t)
	x, _ := open(t, settings(receiver.URL))
	r := call(x, "")
	tell(x, r, delivered(r, failed("sendgrid", providers.KindAmbiguous), delivery.Attempt{Provider: "smtp"}))
	refused := call(x, "")
	refused.Status, refused.Code, refused.Refusal = 401, "token_refused", &auth.Refusal{Check: auth.CheckAudience}
	x.Observe(context.Background(), refused)
	call(x, "") // under way
	x.Close(t.Context())
	for name, points := range map[string]map[string]float64{
		"byoe.requests": {
			"byoe.blame=none,byoe.outcome=accepted,http.route=/api/EmailOtpSend": 1, "byoe.blame=caller,byoe.outcome=token_refused,http.route=/api/EmailOtpSend": 1,
		},
		"http.server.request.duration": {
			"http.request.method=POST,http.response.status_code=200,http.route=/api/EmailOtpSend,url.scheme=http":                          1,
			"error.type=token_refused,http.request.method=POST,http.response.status_code=401,http.route=/api/EmailOtpSend,url.scheme=http": 1,
		},
		"http.server.active_requests": {"http.request.method=POST,url.scheme=http": 1},
		"byoe.phase.duration":         {"byoe.phase=auth": 2, "byoe.phase=deliver": 2, "byoe.phase=claim": 1},
		"byoe.provider.duration":      {"byoe.outcome=ambiguous,byoe.provider=sendgrid": 1, "byoe.outcome=accepted,byoe.provider=smtp": 1},
		"byoe.auth.refusals":          {"byoe.check=aud": 1},
		"byoe.deliveries":             {"byoe.outcome=accepted": 7, "byoe.outcome=failed": 2},
		"byoe.deliveries.in_flight":   {"": 11},
		"byoe.failovers":              {"": 3},
		"byoe.ambiguous":              {"": 4},
		"byoe.claims":                 {"byoe.claim=joined": 5, "byoe.claim=repeated": 6, "byoe.claim=taken-over": 8, "byoe.claim=failed-open": 9},
		"byoe.shed":                   {"": 10},
		"byoe.provider.state":         {"byoe.provider=sendgrid": 2, "byoe.provider=smtp": 0, "byoe.provider=ses": 1},
		"byoe.keys.age":               {"": 90},
	} {
		if got := receiver.Points(name); fmt.Sprint(got) != fmt.Sprint(points) {
			t.Errorf("%s is\n%v, want\n%v", name, got, points)
		}
		if m := receiver.Metric(name); m.GetUnit() == "" || m.GetDescription() == "" {
			t.Errorf("%s has the unit %q and the description %q", name, m.GetUnit(), m.GetDescription())
		}
	}
	if bounds := receiver.Metric("http.server.request.duration").GetHistogram().GetDataPoints()[0].GetExplicitBounds(); len(bounds) != 14 || bounds[11] != 2 {
		t.Errorf("the bounds are %v", bounds)
	}
}

// What went wrong is kept whatever the sampler says, because an owner looks for nothing else.
func TestSamplingNeverDropsWhatWentWrong(t *testing.T) {
	plain := func(r *handler.Report) delivery.Outcome { return delivered(r, delivery.Attempt{Provider: "smtp"}) }
	unsampled := strings.TrimSuffix(caller, "1") + "0"
	for name, c := range map[string]struct {
		sampler, arg, caller string
		outcome              func(r *handler.Report) delivery.Outcome
		change               func(r *handler.Report)
		spans                int
	}{
		"a success":                                   {telemetry.SamplerAlwaysOff, "", "", plain, nil, 0},
		"a success of an unsampled caller":            {telemetry.SamplerParentAlwaysOn, "", unsampled, plain, nil, 0},
		"a success of a sampled caller":               {telemetry.SamplerParentAlwaysOff, "", caller, plain, nil, 5},
		"a success of nobody's, parent-based off":     {telemetry.SamplerParentAlwaysOff, "", "", plain, nil, 0},
		"a success, always on":                        {telemetry.SamplerAlwaysOn, "", unsampled, plain, nil, 5},
		"a success, ratio 0":                          {telemetry.SamplerRatio, "0", caller, plain, nil, 0},
		"a success, ratio 1":                          {telemetry.SamplerRatio, "1", "", plain, nil, 5},
		"a success, parent-based ratio 0":             {telemetry.SamplerParentRatio, "0", "", plain, nil, 0},
		"a success, parent-based ratio 0 and sampled": {telemetry.SamplerParentRatio, "0", caller, plain, nil, 5},
		"a failover": {telemetry.SamplerAlwaysOff, "", "", func(r *handler.Report) delivery.Outcome {
			return delivered(r, failed("ses", providers.KindTemporary), delivery.Attempt{Provider: "smtp"})
		}, nil, 6},
		"an ambiguous send": {telemetry.SamplerAlwaysOff, "", unsampled, func(r *handler.Report) delivery.Outcome {
			return delivered(r, failed("ses", providers.KindAmbiguous))
		}, func(r *handler.Report) { r.Status, r.Code = 502, "providers_failed" }, 5},
		"a take-over": {telemetry.SamplerAlwaysOff, "", "", func(r *handler.Report) delivery.Outcome {
			o := plain(r)
			o.Claim = delivery.ClaimTakenOver
			return o
		}, nil, 5},
		"a store that is down": {telemetry.SamplerAlwaysOff, "", "", func(r *handler.Report) delivery.Outcome {
			o := plain(r)
			o.Claim, o.StoreErr = delivery.ClaimFailedOpen, errors.New("x")
			return o
		}, nil, 5},
		"a caller who hung up": {telemetry.SamplerAlwaysOff, "", "", plain, func(r *handler.Report) { r.HungUpAfter = time.Second }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := otlptest.Start(t)
			s := settings(receiver.URL)
			s.Sampler, s.SamplerArg, s.Metrics = c.sampler, c.arg, "none"
			x, _ := open(t, s)
			r := call(x, c.caller)
			if c.change != nil {
				c.change(r)
			}
			tell(x, r, c.outcome(r))
			x.Close(t.Context())
			if spans := receiver.Spans(t, c.spans); len(spans) != c.spans {
				t.Errorf("%d spans, want %d: %s", len(spans), c.spans, names(spans))
			}
		})
	}
}

func TestARetryThatJoinedIsLinkedToWhoBegan(t *testing.T) {
	receiver := otlptest.Start(t)
	x, _ := open(t, settings(receiver.URL))
	first, retry := call(x, ""), call(x, "")
	o := delivered(first, delivery.Attempt{Provider: "smtp"})
	x.Ended(delivery.End{Outcome: o, Late: true})
	joined := o
	joined.Claim = delivery.ClaimJoined
	retry.Outcome = &joined
	x.Observe(context.Background(), retry)
	first.Status, first.Code = 504, "time_spent"
	x.Observe(context.Background(), first)
	x.Close(t.Context())
	spans := receiver.Spans(t, 8)
	var began, joins *tracepb.Span
	for _, s := range spans {
		if s.GetName() != "POST /api/EmailOtpSend" {
			continue
		}
		if otlptest.Attributes(s)["byoe.claim"] == "joined" {
			joins = s
		} else {
			began = s
		}
	}
	if len(spans) != 8 || joins == nil || began == nil || len(joins.GetLinks()) != 1 || !bytes.Equal(joins.GetLinks()[0].GetSpanId(), began.GetSpanId()) {
		t.Fatalf("%s; the retry's links: %v", names(spans), joins.GetLinks())
	}
	attempt := byName(t, spans, "send smtp")
	if !bytes.Equal(attempt.GetParentSpanId(), began.GetSpanId()) || otlptest.Attributes(attempt)["byoe.late"] != "true" || len(began.GetLinks()) != 0 {
		t.Errorf("the attempt is not late, or not in the trace of who began it")
	}
	if began.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR || joins.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_UNSET {
		t.Errorf("status %s and %s", began.GetStatus(), joins.GetStatus())
	}
}

func TestWhatWasRememberedIsNoAttempt(t *testing.T) {
	receiver := otlptest.Start(t)
	x, _ := open(t, settings(receiver.URL))
	r := call(x, "")
	o := delivered(r)
	o.Claim, o.Attempts = delivery.ClaimRepeated, []delivery.Attempt{{Provider: "smtp"}}
	tell(x, r, o)
	x.Close(t.Context())
	if got := names(receiver.Spans(t, 4)); strings.Contains(got, "send") || receiver.Metric("byoe.provider.duration") != nil {
		t.Errorf("the spans are %s", got)
	}
}

// A stranger can have as many tokens refused as they like; the owner pays by the span.
func TestSpansThatStrangersCauseAreBounded(t *testing.T) {
	receiver := otlptest.Start(t)
	x, _ := open(t, settings(receiver.URL))
	for n := range 200 {
		r := call(x, caller)
		r.Status, r.Code, r.Refusal, r.Phases = 401, "token_refused", &auth.Refusal{Check: auth.CheckKey}, nil
		if n%2 == 1 { // a B2C policy's call with another credential than a token
			r.Code, r.Refusal = "credential_refused", nil
		}
		x.Observe(context.Background(), r)
	}
	x.Close(t.Context())
	if spans := receiver.Spans(t, 20); len(spans) > 22 || receiver.Points("byoe.auth.refusals")["byoe.check=key"] != 100 {
		t.Errorf("%d spans, counted %v", len(spans), receiver.Points("byoe.auth.refusals"))
	}
}

func TestHeadersAndOwnAttributes(t *testing.T) {
	receiver := otlptest.Start(t)
	s := settings("")
	s.TracesEndpoint, s.Compression = receiver.URL+"/base/v1/traces", "none"
	s.Headers = redact.NewSecret("api-key=s3cret%20key, x-scope=a")
	s.Resource = "deployment.environment.name=production, service.instance.id=mine"
	s.ServiceName = "codes"
	x, _ := open(t, s)
	r := call(x, "")
	tell(x, r, delivered(r, delivery.Attempt{Provider: "smtp"}))
	x.Close(t.Context())
	receiver.Spans(t, 5)
	if receiver.Header().Get("Api-Key") != "s3cret key" || receiver.Header().Get("X-Scope") != "a" || receiver.Header().Get("Content-Encoding") != "" {
		t.Errorf("the export's header is %v", receiver.Header())
	}
	about := receiver.Resource()
	if about["deployment.environment.name"] != "production" || about["service.instance.id"] != "mine" || about["service.name"] != "codes" {
		t.Errorf("the service is %v", about)
	}
	if receiver.Exports("/base/v1/traces") == 0 || receiver.Exports("/v1/metrics") != 0 {
		t.Error("spans do not go to their own endpoint, or metrics go anywhere")
	}
}
