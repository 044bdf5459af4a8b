package smtp_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
)

func TestReplyKinds(t *testing.T) {
	t.Parallel()
	const (
		temporary = providers.KindTemporary
		throttled = providers.KindThrottled
		config    = providers.KindConfig
		auth      = providers.KindAuth
		refused   = providers.KindRefused
		invalid   = providers.KindInvalidAddress
	)
	tests := []struct {
		at, reply string
		kind      providers.Kind
		code      string
	}{
		{"greeting", "421 4.3.2 shutting down", temporary, "421 4.3.2"},
		{"greeting", "421 too many connections", temporary, "421"},
		{"greeting", "554 no service for your address", config, "554"},
		{"greeting", "521 does not accept mail", config, "521"},

		{"AUTH", "535 5.7.8 bad credentials", auth, "535 5.7.8"},
		{"AUTH", "534 5.7.9 mechanism too weak", auth, "534 5.7.9"},
		{"AUTH", "538 5.7.11 encryption required", auth, "538 5.7.11"},
		{"AUTH", "454 4.7.0 temporary failure", temporary, "454 4.7.0"},
		{"AUTH", "421 4.3.0 not now", temporary, "421 4.3.0"},
		{"AUTH", "504 5.5.4 unknown mechanism", config, "504 5.5.4"},
		{"AUTH", "550 no", auth, "550"},

		{"MAIL", "530 5.7.0 authentication required", auth, "530 5.7.0"},
		{"MAIL", "550 5.1.8 bad sender domain", config, "550 5.1.8"},
		{"MAIL", "553 5.1.7 bad sender", config, "553 5.1.7"},
		{"MAIL", "553 5.1.1 sender unknown", config, "553 5.1.1"},
		{"MAIL", "550 not your domain", config, "550"},
		{"MAIL", "552 5.3.4 too big", config, "552 5.3.4"},
		{"MAIL", "452 4.3.1 no space", temporary, "452 4.3.1"},
		{"MAIL", "454 Throttling failure: Maximum sending rate exceeded.", throttled, "454"},

		{"RCPT", "421 closing", temporary, "421"},
		{"RCPT", "450 busy", temporary, "450"},
		{"RCPT", "451 local error", temporary, "451"},
		{"RCPT", "452 no space", temporary, "452"},
		{"RCPT", "455 parameters", temporary, "455"},
		{"RCPT", "450 4.1.1 unverified for now", temporary, "450 4.1.1"},
		{"RCPT", "451 4.7.1 greylisted", throttled, "451 4.7.1"},
		{"RCPT", "421 4.7.0 unusual rate", throttled, "421 4.7.0"},
		{"RCPT", "451 4.4.1 no route", temporary, "451 4.4.1"},
		{"RCPT", "500 syntax", config, "500"},
		{"RCPT", "501 5.5.4 syntax", config, "501 5.5.4"},
		{"RCPT", "503 sequence", config, "503"},
		{"RCPT", "504 parameter", config, "504"},
		{"RCPT", "555 parameters", config, "555"},
		{"RCPT", "550 5.1.1 no such user", invalid, "550 5.1.1"},
		{"RCPT", "550 5.1.2 no such system", invalid, "550 5.1.2"},
		{"RCPT", "553 5.1.3 syntax", invalid, "553 5.1.3"},
		{"RCPT", "551 5.1.6 moved", invalid, "551 5.1.6"},
		{"RCPT", "556 5.1.10 null MX", invalid, "556 5.1.10"},
		{"RCPT", "556 takes no mail", invalid, "556"},
		{"RCPT", "550 5.1.0 rejected", invalid, "550 5.1.0"},
		{"RCPT", "550 5.1.8 sender domain", config, "550 5.1.8"},
		{"RCPT", "550 something", refused, "550"},
		{"RCPT", "551 not local", refused, "551"},
		{"RCPT", "553 something", refused, "553"},
		{"RCPT", "550 5.2.1 disabled", refused, "550 5.2.1"},
		{"RCPT", "552 5.2.2 full", refused, "552 5.2.2"},
		{"RCPT", "452 4.2.2 full", refused, "452 4.2.2"},
		{"RCPT", "552 full", refused, "552"},
		{"RCPT", "550 5.3.0 system", temporary, "550 5.3.0"},
		{"RCPT", "550 5.4.4 no route", temporary, "550 5.4.4"},
		{"RCPT", "550 5.6.7 non-ASCII address", refused, "550 5.6.7"},
		{"RCPT", "550 5.7.1 relaying denied", config, "550 5.7.1"},
		{"RCPT", "550 5.7.26 unauthenticated", config, "550 5.7.26"},
		{"RCPT", "550 5.7.27 sender is null", config, "550 5.7.27"},
		{"RCPT", "554 5.7.0 policy", refused, "554 5.7.0"},
		{"RCPT", "554 refused", refused, "554"},
		{"RCPT", "550 4.1.1 class of another code", refused, "550"},
		{"RCPT", "550 5.1.1234 no status", refused, "550"},
		{"RCPT", "550-5.1.1 in\r\n550 5.1.1 two lines", invalid, "550 5.1.1"},
		{"RCPT", "550 5.7.8 credentials", auth, "550 5.7.8"},
		{"RCPT", "354 out of order", temporary, "354"},
		{"RCPT", "650 no reply code", temporary, "650"},

		{"DATA", "554 5.5.1 no valid recipients", config, "554 5.5.1"},
		{"DATA", "451 4.3.0 not now", temporary, "451 4.3.0"},
		{".", "554 5.7.1 spam", config, "554 5.7.1"},
		{".", "550 5.1.1 no such user", invalid, "550 5.1.1"},
		{".", "552 5.3.4 too big", config, "552 5.3.4"},
		{".", "552 too much", config, "552"},
		{".", "550 5.6.0 content", config, "550 5.6.0"},
		{".", "451 4.3.0 queue", temporary, "451 4.3.0"},
		{".", "421 4.7.28 rate", throttled, "421 4.7.28"},
		{".", "454 Throttling failure: Daily message quota exceeded.", throttled, "454"},
	}
	for _, tt := range tests {
		t.Run(tt.at+" "+tt.reply, func(t *testing.T) {
			t.Parallel()
			failure := refusal(t, t.Context(), startScript(t, script{tt.at: tt.reply}))
			if failure.Kind != tt.kind || failure.Code != tt.code {
				t.Errorf("%v, want %v (%s)", failure, tt.kind, tt.code)
			}
		})
	}
}

// stages are the points of the dialogue at which a server can fall silent.
func stages() []string { return []string{"greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."} }

func TestServerHangs(t *testing.T) {
	t.Parallel()
	for _, at := range stages() {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			failure := refusal(t, ctx, startScript(t, script{at: hang}))
			if failure.Kind != kindAt(at) || failure.Code != "timeout" {
				t.Errorf("%v, want %v (timeout)", failure, kindAt(at))
			}
		})
	}
}

func TestServerHangsUp(t *testing.T) {
	t.Parallel()
	for _, at := range stages() {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			failure := refusal(t, t.Context(), startScript(t, script{at: hangUp}))
			if failure.Kind != kindAt(at) || failure.Code != "eof" && failure.Code != "reset" {
				t.Errorf("%v, want %v (eof) or (reset)", failure, kindAt(at))
			}
		})
	}
}

func TestServerBabbles(t *testing.T) {
	t.Parallel()
	for _, at := range stages() {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			failure := refusal(t, t.Context(), startScript(t, script{at: "hello\r\nwhat\r\nis this"}))
			code := "protocol"
			if at == "." {
				code = "unreadable reply"
			}
			if failure.Kind != kindAt(at) || failure.Code != code {
				t.Errorf("%v, want %v (%s)", failure, kindAt(at), code)
			}
		})
	}
}

// kindAt: only from the final dot to the reply is the outcome unknown.
func kindAt(stage string) providers.Kind {
	if stage == "." {
		return providers.KindAmbiguous
	}
	return providers.KindTemporary
}

// A server that answers before it was asked would have its answer to something else taken for the mail's acceptance.
func TestReplyAheadOfTheMail(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"DATA": "354 go\r\n250 2.0.0 already taken"})
	failure := refusal(t, t.Context(), server)
	if failure.Kind != providers.KindTemporary || failure.Code != "protocol" {
		t.Errorf("%v, want temporary (protocol)", failure)
	}
	<-server.gone
	if server.told(".") || server.told("QUIT") {
		t.Errorf("the mail that was given up was ended: %q", server.log())
	}
}

// A mail that does not get through to its end must not be ended: the server would take the half for the whole.
func TestServerStopsReading(t *testing.T) {
	t.Parallel()
	s := providertest.Submission(1)
	s.Message.Text = strings.Repeat("A line of text that fills the buffers between us.\n", 400_000)
	server := startScript(t, script{"DATA": "354 go" + thenDeaf})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := connect(t, testConfig(t, server.address)).Send(ctx, s)
	failure, _ := errors.AsType[*providers.Error](err)
	if failure == nil || failure.Kind != providers.KindTemporary || failure.Code != "timeout" {
		t.Errorf("Send returned %v, want temporary (timeout)", err)
	}
	if server.told(".") {
		t.Error("the final dot was sent")
	}
}

// frozen is the context of a process that was frozen while it waited for the server's go-ahead: its time is over, and no timer
// has said so yet.
type frozen struct {
	context.Context

	server *scripted
}

func (f frozen) Deadline() (time.Time, bool) {
	if f.server.told("DATA") {
		return time.Now().Add(-time.Second), true
	}
	return time.Now().Add(time.Hour), true
}

func TestProcessThatWakesUpTooLateSendsNothing(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{})
	_, err := connect(t, testConfig(t, server.address)).Send(frozen{t.Context(), server}, providertest.Submission(1))
	failure, _ := errors.AsType[*providers.Error](err)
	if failure == nil || failure.Kind != providers.KindTemporary || failure.Code != "timeout" {
		t.Fatalf("Send returned %v, want temporary (timeout)", err)
	}
	<-server.gone
	if server.told(".") || server.told("QUIT") {
		t.Errorf("the mail that was given up was ended: %q", server.log())
	}
}

// What happens after the mail was accepted cannot change that it was.
func TestGoodbyeDoesNotMatter(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{"refused": "421 4.3.2 no", "hangs": hang, "hangs up": hangUp} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{"QUIT": reply, "RSET": reply})
			start := time.Now()
			provider := connect(t, testConfig(t, server.address))
			if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
				t.Errorf("Send returned %v for an accepted mail", err)
			}
			provider.Drain()
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %v to say goodbye", took)
			}
		})
	}
}

// A connection that is not given up stays open until the server loses patience, and so does ours.
func TestConnectionIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]script{
		"accepted":        nil,
		"refused":         {"RCPT": "550 5.1.1 no such user"},
		"login refused":   {"AUTH": "535 5.7.8 no"},
		"no login at all": {"EHLO": "250 script.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, s)
			provider := connect(t, testConfig(t, server.address))
			_, _ = provider.Send(t.Context(), providertest.Submission(1))
			provider.Drain()
			select {
			case <-server.gone:
			case <-time.After(5 * time.Second):
				t.Fatal("the connection is still open")
			}
			if !server.told("QUIT") {
				t.Errorf("no goodbye, only %q", server.log())
			}
		})
	}
}

func TestOtherSuccessCodes(t *testing.T) {
	t.Parallel()
	server := startScript(t, script{"RCPT": "251 2.1.5 will forward", ".": "251 2.0.0 taken"})
	if _, err := connect(t, testConfig(t, server.address)).Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Errorf("Send returned %v for an accepted mail", err)
	}
}

func refusal(t *testing.T, ctx context.Context, server *scripted) *providers.Error {
	t.Helper()
	_, err := connect(t, testConfig(t, server.address)).Send(ctx, providertest.Submission(1))
	failure, ok := err.(*providers.Error) //nolint:errorlint // the error itself must be the *Error
	if !ok {
		t.Fatalf("Send returned a %T, want *providers.Error", err)
	}
	return failure
}
