package telemetry_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"byoe/auth"
	"byoe/delivery"
	"byoe/handler"
	"byoe/telemetry"
)

// stream is written by the log, and by its timer, and read by a test.
type stream struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.Write(p)
}

func (s *stream) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

// newLog makes a log at a level and returns what it writes.
func newLog(level string) (log *telemetry.RequestLog, stdout, stderr *stream) {
	stdout, stderr = &stream{}, &stream{}
	return telemetry.NewRequestLog(telemetry.NewLogger(telemetry.Config{Level: level}, stdout, stderr)), stdout, stderr
}

func TestLateOutcomeHasItsLine(t *testing.T) {
	t.Parallel()
	log, stdout, stderr := newLog("")
	log.Ended(delivery.End{Endpoint: "EmailOtpSend", CorrelationID: "corr-1", Outcome: delivery.Outcome{Attempts: []delivery.Attempt{{Provider: "vendor", MessageID: "id"}}}, Late: true, Unheard: true})
	log.Ended(delivery.End{CorrelationID: "corr-2", Outcome: delivery.Outcome{Attempts: []delivery.Attempt{{Provider: "vendor", Err: errors.New("x")}}}, Late: true, Unheard: true})
	log.Ended(delivery.End{CorrelationID: "corr-3", Late: true})
	for _, want := range []string{`"msg":"EmailOtpSend ended late","correlationId":"corr-1","outcome":"accepted"`, `"messageId":"id"`} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%s is not in %s", want, stdout)
		}
	}
	if !strings.Contains(stderr.String(), `"correlationId":"corr-2","outcome":"providers-failed","ambiguous":1`) {
		t.Errorf("a late failure: %s", stderr)
	}
	if strings.Contains(stdout.String()+stderr.String(), "corr-3") {
		t.Errorf("an end that a caller heard is told twice: %s%s", stdout, stderr)
	}
}

// Azure AD B2C gets a 409 in place of what went wrong, and the level goes by what went wrong.
func TestLevelGoesByWhatIsMeant(t *testing.T) {
	t.Parallel()
	log, stdout, stderr := newLog("")
	log.Observe(t.Context(), &handler.Report{Endpoint: "B2COtpSend", Status: 409, Meant: 502, Code: "providers_failed"})
	if !strings.Contains(stderr.String(), `"level":"ERROR","msg":"B2COtpSend","status":409`) || stdout.String() != "" {
		t.Errorf("%s%s", stdout, stderr)
	}
}

// Entra's patience is the owner's setting, B2C's is not.
func TestOnlyEntraCanBeToldToWaitLonger(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]bool{"EmailOtpSend": true, "B2COtpSend": false} {
		log, stdout, _ := newLog("")
		log.Observe(t.Context(), &handler.Report{Endpoint: endpoint, Status: 200, HungUpAfter: time.Second})
		if got := strings.Contains(stdout.String(), "timeoutInMilliseconds"); got != want || !strings.Contains(stdout.String(), "hungUpAfterMs") {
			t.Errorf("%s: %s", endpoint, stdout)
		}
	}
}

func TestPhasesAreToldAtDebugOnly(t *testing.T) {
	t.Parallel()
	report := &handler.Report{Endpoint: "EmailOtpSend", Status: 200, Phases: []handler.Phase{{Name: handler.PhaseAuth, Took: 1500 * time.Microsecond}}}
	for level, want := range map[string]bool{"debug": true, "info": false} {
		log, stdout, _ := newLog(level)
		log.Observe(t.Context(), report)
		if got := strings.Contains(stdout.String(), `"phasesMs":{"auth":1.5}`); got != want || strings.Count(stdout.String(), "\n") != 1 {
			t.Errorf("at %s: %s", level, stdout)
		}
	}
	log, stdout, stderr := newLog("warn")
	log.Observe(t.Context(), report)
	if stdout.String()+stderr.String() != "" {
		t.Errorf("a success at LOG_LEVEL=warn: %s%s", stdout, stderr)
	}
}

// A stranger can cause as many refusals as they like; each line costs the owner money.
func TestLinesThatStrangersCauseAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, _, stderr := newLog("")
		refuse := func(n int, check auth.Check) {
			for range n {
				log.Observe(t.Context(), &handler.Report{Endpoint: "EmailOtpSend", Status: 401, Code: "token_refused", Refusal: &auth.Refusal{Check: check}})
			}
		}
		lines := func() int { return strings.Count(stderr.String(), "\n") }
		refuse(15, auth.CheckScheme)
		refuse(1000, auth.CheckKey)
		refuse(2, auth.CheckAudience)
		log.Observe(t.Context(), &handler.Report{Endpoint: "B2COtpSend", Status: 401, Code: "credential_refused"})
		log.Observe(t.Context(), &handler.Report{Endpoint: "EmailOtpSend", Status: 502, Code: "providers_failed"})
		if lines() != 21 {
			t.Errorf("%d lines in the first minute, want 20 refusals and the failure", lines())
		}
		time.Sleep(61 * time.Second)
		synctest.Wait() // the minute's end writes on a goroutine of its own
		if want := `"msg":"more tokens refused","count":998,"checks":{`; lines() != 22 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%d lines, want a last one with %s: %s", lines(), want, stderr)
		}
		if !strings.Contains(stderr.String(), `"key":995`) || !strings.Contains(stderr.String(), `"aud":2,"credential":1`) {
			t.Errorf("the reasons are not told: %s", stderr)
		}
		refuse(1, auth.CheckScheme)
		if lines() != 23 {
			t.Error("the next minute's first refusal has no line of its own")
		}
		refuse(20, auth.CheckScheme)
		log.Close()
		if lines() != 43 || !strings.Contains(stderr.String(), `"count":1,"checks":{"scheme":1}`) {
			t.Errorf("%d lines after the end: what was held back is lost", lines())
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if lines() != 43 {
			t.Error("a quiet minute has a line")
		}
	})
}
