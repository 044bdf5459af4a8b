package otp_test

import (
	"testing"

	"byoe/devtenant/otp"
)

// After Expire an identifier is where it would be when the time had passed: without a code, and free to get another.
func TestExpire(t *testing.T) {
	t.Parallel()
	engine, err := otp.New(otp.B2C())
	if err != nil {
		t.Fatal(err)
	}
	code, _ := engine.Generate("session", "Someone@example.com")
	other, _ := engine.Generate("session", "other@example.com")
	engine.Expire("someone@example.com")
	engine.Expire("nobody@example.com")
	if got := engine.Verify("session", "someone@example.com", code.Reveal()); got != otp.SessionDoesNotExist {
		t.Errorf("an expired code: %v", got)
	}
	if got := engine.Verify("session", "other@example.com", other.Reveal()); got != otp.Verified {
		t.Errorf("somebody else's code: %v", got)
	}
	for range otp.B2C().RetryAttempts {
		engine.Generate("session", "someone@example.com")
	}
	for range otp.B2C().RetryAttempts {
		engine.Verify("session", "someone@example.com", "wrong")
	}
	if _, got := engine.Generate("session", "someone@example.com"); got != otp.MaxRetryAttempted {
		t.Fatalf("no lock-out: %v", got)
	}
	engine.Expire("someone@example.com")
	if _, got := engine.Generate("session", "someone@example.com"); got != otp.Generated {
		t.Errorf("the lock-out has not ended: %v", got)
	}
}
