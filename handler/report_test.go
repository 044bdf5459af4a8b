package handler_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/event"
	"byoe/handler"
	"byoe/providers"
)

// watcher keeps the reports and what a witness sees, and gives each call a place in a trace.
type watcher struct {
	reports []handler.Report
	arrived int
	bodies  []string
	events  []*event.Event
}

func (w *watcher) Observe(_ context.Context, r *handler.Report) {
	w.reports = append(w.reports, *r)
	w.reports[len(w.reports)-1].Phases = slices.Clone(r.Phases)
}

func (w *watcher) Arrive(http.Header) handler.Trace {
	w.arrived++
	return handler.Trace{Self: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
}

func (w *watcher) Witness(_ *http.Request, body []byte, e *event.Event) {
	w.bodies = append(w.bodies, string(body))
	w.events = append(w.events, e)
}

func phases(r handler.Report) string {
	var names []string
	for _, p := range r.Phases {
		if p.Began.Before(r.Arrived) || p.Took <= 0 || p.Took > r.Took {
			names = append(names, "impossible time of")
		}
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func TestEachCallIsReportedOnceAsFarAsItCame(t *testing.T) {
	t.Parallel()
	vendor := func(kind providers.Kind) *parts { return &parts{vendor: &providers.Error{Kind: kind}} }
	for name, c := range map[string]struct {
		parts   *parts
		request *http.Request
		status  int
		code    string
		blame   handler.Blame
		phases  string
	}{
		"accepted":               {&parts{}, post(t, body), 200, "", handler.BlameNone, "auth decode compose deliver"},
		"no token":               {&parts{authErr: &auth.Refusal{Check: auth.CheckScheme}}, post(t, body), 401, "token_refused", handler.BlameCaller, "auth"},
		"no keys":                {&parts{authErr: auth.ErrKeysUnavailable}, post(t, body), 503, "keys_unavailable", handler.BlameEntra, "auth"},
		"no event":               {&parts{}, post(t, "{"), 400, "not_this_event", handler.BlameCaller, "auth decode"},
		"another tenant's event": {&parts{caller: auth.Caller{TenantID: appID}}, post(t, body), 403, "tenant_not_allowed", handler.BlameOwner, "auth decode"},
		"no address":             {&parts{}, post(t, strings.Replace(body, "ann@example.com", "+49", 1)), 422, "invalid_address", handler.BlameRecipient, "auth decode compose"},
		"denied":                 {&parts{policy: delivery.RecipientConfig{Deny: []string{"example.com"}}}, post(t, body), 422, "recipient_denied", handler.BlameOwner, "auth decode compose deliver"},
		"a wrong key":            {vendor(providers.KindAuth), post(t, body), 502, "providers_failed", handler.BlameOwner, "auth decode compose deliver"},
		"a vendor that is down":  {vendor(providers.KindTemporary), post(t, body), 502, "providers_failed", handler.BlameProvider, "auth decode compose deliver"},
		"a panic":                {&parts{authDies: true}, post(t, body), 500, "internal", handler.BlameByoe, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &watcher{}
			c.parts.watcher = w
			c.parts.serve(t, c.request)
			if len(w.reports) != 1 || w.arrived != 1 {
				t.Fatalf("%d reports of %d arrivals", len(w.reports), w.arrived)
			}
			r := w.reports[0]
			if r.Status != c.status || r.Code != c.code || r.Blame() != c.blame || phases(r) != c.phases {
				t.Errorf("%d %s, %s's fault, phases %q; want %d %s, %s's, %q", r.Status, r.Code, r.Blame(), phases(r), c.status, c.code, c.blame, c.phases)
			}
			if r.Endpoint != "EmailOtpSend" || r.Route != "/api/EmailOtpSend" || time.Since(r.Arrived) > time.Minute || r.Took <= 0 {
				t.Errorf("the report is %+v", r)
			}
			if (r.Stack != "") != (name == "a panic") || r.TraceID != "0af7651916cd43dd8448eb211c80319c" {
				t.Errorf("stack %q, trace %q", r.Stack, r.TraceID)
			}
			if r.Outcome != nil && name != "denied" && r.Outcome.Trace != r.Trace.Self {
				t.Errorf("the delivery is in the trace %q", r.Outcome.Trace)
			}
		})
	}
}

// What else is asked for is no call to an endpoint: a probe a second would be most of all that is told.
func TestNothingElseIsReported(t *testing.T) {
	t.Parallel()
	for _, r := range []*http.Request{
		request(t, http.MethodGet, "/", ""), request(t, http.MethodGet, "/api/Health", ""),
		request(t, http.MethodPost, "/nowhere", ""), request(t, http.MethodGet, "/api/EmailOtpSend", ""),
	} {
		w := &watcher{}
		(&parts{watcher: w}).serve(t, r)
		if len(w.reports)+w.arrived != 0 {
			t.Errorf("%s %s is reported", r.Method, r.URL.Path)
		}
	}
}

func TestAWitnessSeesWhatWasGenuineOnly(t *testing.T) {
	t.Parallel()
	w := &watcher{}
	(&parts{watcher: w, authErr: &auth.Refusal{Check: auth.CheckScheme}}).serve(t, post(t, body))
	if len(w.bodies) != 0 {
		t.Error("a stranger's call is looked at")
	}
	(&parts{watcher: w}).serve(t, post(t, body))
	(&parts{watcher: w}).serve(t, post(t, `{"a":1}`))
	if len(w.bodies) != 2 || w.bodies[0] != body || w.events[0] == nil || w.bodies[1] != `{"a":1}` || w.events[1] != nil {
		t.Errorf("it saw %q", w.bodies)
	}
}

// The Functions host's own telemetry is found by the id of the trace that it began.
func TestTraceOfTheHostIsLogged(t *testing.T) {
	t.Parallel()
	for traceparent, want := range map[string]string{
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01":   `"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"`,
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x": `"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"`,
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7":      "",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01":   "",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01":   "",
		"00-ann@example.com4da6a3ce929d0e0e4-00f067aa0ba902b7-01":   "",
		"00x4bf92f3577b34da6a3ce929d0e0e4736x00f067aa0ba902b7x01":   "",
		"": "",
	} {
		r := post(t, body)
		r.Header.Set("Traceparent", traceparent)
		got := (&parts{}).serve(t, r).stdout
		if want == "" && strings.Contains(got, "traceId") || !strings.Contains(got, want) {
			t.Errorf("traceparent %q: %s", traceparent, got)
		}
	}
}
