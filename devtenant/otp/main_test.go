package otp_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"byoe/devtenant/otp"
	"byoe/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	alice = "alice@example.com"
	bob   = "bob@example.com"
)

// desk is an engine and what its sessions hold.
type desk struct {
	*testing.T
	engine *otp.Engine
	codes  map[string]redact.Secret // the last one of a session for an identifier
}

func newDesk(t *testing.T, p otp.Profile) *desk {
	t.Helper()
	engine, err := otp.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t, engine, map[string]redact.Secret{}}
}

// generate wants an outcome, and a code with success only.
func (d *desk) generate(session, identifier string, want otp.Outcome) string {
	d.Helper()
	code, got := d.engine.Generate(session, identifier)
	if got != want {
		d.Fatalf("Generate for session %s and %s gives %v, want %v", session, identifier, got, want)
	}
	if code.IsZero() == (got == otp.Generated) {
		d.Fatalf("Generate gives %v, and code is empty: %v", got, code.IsZero())
	}
	if got == otp.Generated {
		d.codes[session+" "+identifier] = code
	}
	return code.Reveal()
}

// enter wants an outcome of a code.
func (d *desk) enter(session, identifier, code string, want otp.Outcome) {
	d.Helper()
	got := d.engine.Verify(session, identifier, code)
	if got != want {
		d.Fatalf("Verify for session %s and %s gives %v, want %v", session, identifier, got, want)
	}
}

// right enters the last code that the session got.
func (d *desk) right(session, identifier string, want otp.Outcome) {
	d.Helper()
	d.enter(session, identifier, d.codes[session+" "+identifier].Reveal(), want)
}

// wrong enters another one.
func (d *desk) wrong(session, identifier string, want otp.Outcome) {
	d.Helper()
	d.enter(session, identifier, otherThan(d.codes[session+" "+identifier].Reveal()), want)
}

// otherThan returns a code of digits that is not this one.
func otherThan(code string) string {
	return strings.Map(func(r rune) rune { return '0' + (r-'0'+1)%10 }, code)
}
