package hosttest

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/hosttest/standin"
)

// goodAnswer is the only answer that Entra takes for success, to the byte.
const goodAnswer = `{"data":{"@odata.type":"microsoft.graph.OnOtpSendResponseData",` +
	`"actions":[{"@odata.type":"microsoft.graph.OtpSend.continueWithDefaultBehavior"}]}}`

func (s *session) sample(t *testing.T) { s.delivered(t, sampleEvent(t), nil) }

// delivered sends the event and expects the good answer and one mail with the code.
func (s *session) delivered(t *testing.T, e otpEvent, change func(*call)) {
	t.Helper()
	assertGood(t, s.send(t, e, change))
	s.mailed(t, e)
}

func assertGood(t *testing.T, got answer) {
	t.Helper()
	if got.status != http.StatusOK || got.body != goodAnswer {
		t.Errorf("status %d with %s, want 200 with %s", got.status, got.body, goodAnswer)
	}
	if media := got.header.Get("Content-Type"); media != "application/json" {
		t.Errorf("media type %q", media)
	}
}

func (s *session) mailed(t *testing.T, e otpEvent) {
	t.Helper()
	subjects := s.tenant.mailsTo(t, e.address)
	if len(subjects) != 1 {
		t.Fatalf("%d mails, want 1", len(subjects))
	}
	if !strings.Contains(subjects[0], e.code) {
		t.Error("the mail's subject has not the code")
	}
}

func (s *session) notMailed(t *testing.T, e otpEvent) {
	t.Helper()
	if subjects := s.tenant.mailsTo(t, e.address); len(subjects) != 0 {
		t.Errorf("%d mails, want none", len(subjects))
	}
}

func (s *session) spellings(t *testing.T) {
	for _, path := range []string{
		"/api/emailotpsend", "/API/EMAILOTPSEND", "/api/EmailOtpSend/", "/api/%45mailOtpSend", "/Api/EmailOtpSend/?code=x&code=y",
	} {
		t.Run(path, func(t *testing.T) {
			s.delivered(t, newEvent(t), func(request *call) { request.path = path })
		})
	}
}

// sixty: the host hands on sixty requests at once without a queue of its own.
func (s *session) sixty(t *testing.T) {
	before, err := s.host.HandlerPID()
	if err != nil {
		t.Fatal(err)
	}
	const many = 60
	events := make([]otpEvent, many)
	requests := make([]call, many)
	for i := range many {
		events[i] = newEvent(t)
		requests[i] = s.request(t, events[i], nil)
	}
	answers := make([]answer, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() { answers[i], _ = s.try(t.Context(), requests[i]) })
	}
	all.Wait()
	for i := range many {
		assertGood(t, answers[i])
		s.mailed(t, events[i])
	}
	if after, err := s.host.HandlerPID(); err != nil || after != before {
		t.Errorf("the handler did not survive: %v", err)
	}
}

func (s *session) health(t *testing.T) {
	for _, path := range []string{"/api/Health", "/api/health/"} {
		if got := s.do(t, call{method: http.MethodGet, path: path}); got.status != http.StatusOK {
			t.Errorf("%s: status %d, want 200", path, got.status)
		}
	}
}

// readinessProbe: the host asks GET / at the start and again for pings. The fastest of many is judged, because a busy
// machine makes any of them slow.
func (s *session) readinessProbe(t *testing.T) {
	address, err := s.host.HandlerURL()
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.host.Lines())
	fastest := time.Minute
	for range 50 {
		got := s.do(t, call{method: http.MethodGet, path: address + "/"})
		if got.status != http.StatusOK {
			t.Fatalf("status %d, want 200", got.status)
		}
		fastest = min(fastest, got.took)
	}
	if fastest > 10*time.Millisecond {
		t.Errorf("the fastest took %v", fastest)
	}
	for _, line := range s.host.Lines()[before:] {
		if strings.Contains(line.Text, `"level"`) {
			t.Errorf("the handler logs the probe: %s", line.Text)
		}
	}
}

// quiet: what the handler writes on stderr reaches the owner as a warning or an error, and alarms hang on those.
func (s *session) quiet(t *testing.T) {
	for _, line := range s.host.Lines() {
		if line.Level != standin.Information {
			t.Errorf("%v: %s", line.Level, line.Text)
		}
	}
}
