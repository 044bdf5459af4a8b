package otp_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"byoe/devtenant/otp"
)

func TestAnotherSessionReplacesTheCode(t *testing.T) {
	t.Parallel()
	for _, reuse := range []bool{false, true} {
		p := otp.B2C()
		p.ReuseSameCode = reuse
		d := newDesk(t, p)
		first := d.generate("first", alice, otp.Generated)
		second := d.generate("second", alice, otp.Generated)
		if first == second {
			t.Error("two sessions have the same code")
		}
		d.right("first", alice, otp.SessionConflict)
		d.enter("first", alice, second, otp.SessionConflict) // a code counts in the session that asked for it
		d.enter("second", alice, first, otp.VerificationFailedRetryAllowed)
		d.right("second", alice, otp.Verified)
		d.right("first", alice, otp.SessionDoesNotExist)
	}
}

func TestSessionTakesItsPlaceBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	for range 4 {
		d.generate("first", alice, otp.Generated)
		d.generate("second", alice, otp.Generated)
		d.right("first", alice, otp.SessionConflict)
	}
	d.generate("first", alice, otp.Generated)
	d.right("second", alice, otp.SessionConflict)
	d.right("first", alice, otp.Verified)
}

// Whoever knows an address must be able neither to spend the tries of the code that its owner waits for nor to learn that
// there is one.
func TestStrangersSpendNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	d.generate("replaced", alice, otp.Generated)
	code := d.generate("owner", alice, otp.Generated)
	compared := d.engine.CountComparisons()
	for i := range 100 {
		d.enter("replaced", alice, code, otp.SessionConflict)
		d.enter(fmt.Sprintf("stranger %d", i), alice, code, otp.SessionDoesNotExist)
	}
	if compared.Load() != 0 {
		t.Errorf("%d entries of strangers were compared", compared.Load())
	}
	for range 4 {
		d.wrong("owner", alice, otp.VerificationFailedRetryAllowed)
	}
	d.right("owner", alice, otp.Verified)
}

func TestLockOutHoldsForEverySession(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	d.generate("replaced", alice, otp.Generated)
	code := d.generate("owner", alice, otp.Generated)
	for range 4 {
		d.wrong("owner", alice, otp.VerificationFailedRetryAllowed)
	}
	d.wrong("owner", alice, otp.InvalidCode)
	d.enter("owner", alice, code, otp.MaxRetryAttempted)
	d.enter("replaced", alice, code, otp.SessionConflict)
	d.enter("stranger", alice, code, otp.SessionDoesNotExist)
	for _, session := range []string{"owner", "replaced", "stranger"} {
		d.generate(session, alice, otp.MaxRetryAttempted)
	}
}

// A guesser who takes a new session for each code gets no more tries than the profile says: those of ten codes, less the
// last of each, which would have locked the identifier.
func TestSessionsGiveNoMoreTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, otp.B2C())
		compared := d.engine.CountComparisons()
		for i := range 1000 {
			session := fmt.Sprintf("session %d", i)
			_, outcome := d.engine.Generate(session, alice)
			for range 4 { // the fifth would lock the identifier
				d.engine.Verify(session, alice, "no code")
			}
			if (outcome == otp.Generated) != (i < 10) {
				t.Fatalf("code %d: %v", i+1, outcome)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if compared.Load() != 40 {
			t.Errorf("%d guesses were compared", compared.Load())
		}
	})
}
