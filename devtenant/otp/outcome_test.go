package otp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"byoe/devtenant/otp"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		outcome  otp.Outcome
		word, id string
	}{
		{otp.Generated, "generated", "sent"},
		{otp.Verified, "verified", "verified"},
		{otp.SessionDoesNotExist, "session-does-not-exist", "UserMessageIfSessionDoesNotExist"},
		{otp.MaxRetryAttempted, "max-retry-attempted", "UserMessageIfMaxRetryAttempted"},
		{otp.MaxNumberOfCodeGenerated, "max-number-of-code-generated", "UserMessageIfMaxNumberOfCodeGenerated"},
		{otp.InvalidCode, "invalid-code", "UserMessageIfInvalidCode"},
		{otp.VerificationFailedRetryAllowed, "verification-failed-retry-allowed", "UserMessageIfVerificationFailedRetryAllowed"},
		{otp.SessionConflict, "session-conflict", "UserMessageIfSessionConflict"},
	}
	if len(cases) != len(otp.Outcomes()) {
		t.Errorf("%d outcomes, want %d", len(otp.Outcomes()), len(cases))
	}
	for i, c := range cases {
		if otp.Outcomes()[i] != c.outcome || c.outcome.String() != c.word || c.outcome.MessageID() != c.id {
			t.Errorf("outcome %d is %v with %s, want %s with %s", i, c.outcome, c.outcome.MessageID(), c.word, c.id)
		}
	}
	for _, none := range []otp.Outcome{0, -1, 9} {
		if none.String() != "unknown" || none.MessageID() != "" {
			t.Errorf("%d is %v with %s", int(none), none, none.MessageID())
		}
	}
}

func TestNothingPrintsACode(t *testing.T) {
	t.Parallel()
	p := otp.B2C()
	p.CodeLength, p.CharacterSet = 20, "a-z" // so long that it does not stand in a pointer by chance
	d := newDesk(t, p)
	code := d.generate("s", alice, otp.Generated)
	secret := d.codes["s "+alice]
	copied := reflect.ValueOf(d.engine).Elem().Interface()
	values := append(d.engine.Records(), d.engine, copied)
	for _, value := range values { // in a field that fmt must not ask, too
		values = append(values, struct{ value any }{value}, &struct{ value any }{value}, []any{value})
	}
	values = append(values, secret, d.codes, p, otp.Generated)
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	for i, value := range values {
		shown := ""
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			shown += fmt.Sprintf(verb, value)
		}
		encoded, _ := json.Marshal(value)
		log.Reset()
		logger.Info("m", "value", value)
		shown += string(encoded) + log.String()
		for _, told := range []string{code, fmt.Sprintf("%x", code), fmt.Sprintf("%X", code), strings.Trim(fmt.Sprintf("%d", []byte(code)), "[]")} {
			if strings.Contains(shown, told) {
				t.Errorf("value %d, a %T, shows the code", i, value)
			}
		}
	}
}
