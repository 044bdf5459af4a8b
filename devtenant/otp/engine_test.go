package otp_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"byoe/devtenant/otp"
)

func TestCodeIsVerifiedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	code := d.generate("s", alice, otp.Generated)
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		t.Error("the code is not of six digits")
	}
	d.right("s", alice, otp.Verified)
	d.right("s", alice, otp.SessionDoesNotExist)
	if held := d.engine.Held(); held != 0 {
		t.Errorf("%d identifiers are held after the code was used", held)
	}
}

func TestNeverGenerated(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	d.enter("s", alice, "123456", otp.SessionDoesNotExist)
	d.generate("s", alice, otp.Generated)
	d.enter("s", bob, "123456", otp.SessionDoesNotExist)
	d.enter("s", "", "123456", otp.SessionDoesNotExist)
	d.right("s", alice, otp.Verified)
}

// A caller that forgets the session must not make everybody share one.
func TestNoSessionNoIdentifier(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	d.generate("", alice, otp.SessionDoesNotExist)
	d.generate("s", "", otp.SessionDoesNotExist)
	d.enter("", alice, "123456", otp.SessionDoesNotExist)
	if held := d.engine.Held(); held != 0 {
		t.Errorf("%d identifiers are held", held)
	}
}

func TestTriesAreSpent(t *testing.T) {
	t.Parallel()
	for _, tries := range []int{1, 2, 5, 7} {
		p := otp.B2C()
		p.RetryAttempts = tries
		d := newDesk(t, p)
		d.generate("s", alice, otp.Generated)
		for range tries - 1 {
			d.wrong("s", alice, otp.VerificationFailedRetryAllowed)
		}
		d.wrong("s", alice, otp.InvalidCode)
		d.right("s", alice, otp.MaxRetryAttempted)
		d.wrong("s", alice, otp.MaxRetryAttempted)
		d.generate("s", alice, otp.MaxRetryAttempted)
		d.generate("s", bob, otp.Generated) // another identifier is not locked out

		d = newDesk(t, p)
		d.generate("s", alice, otp.Generated)
		for range tries - 1 {
			d.wrong("s", alice, otp.VerificationFailedRetryAllowed)
		}
		d.right("s", alice, otp.Verified) // with the last try
	}
}

// Whatever is entered costs a try: an entry that is refused for its form and costs nothing is a second way to guess.
func TestEveryEntryIsATry(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	code := d.generate("s", alice, otp.Generated)
	compared := d.engine.CountComparisons()
	entries := []string{"", code[:5], code + "0", strings.Repeat("9", 1<<20), "\x00\xff"}
	for _, entry := range entries[:4] {
		d.enter("s", alice, entry, otp.VerificationFailedRetryAllowed)
	}
	d.enter("s", alice, entries[4], otp.InvalidCode)
	if compared.Load() != 5 {
		t.Errorf("%d comparisons of 5 entries", compared.Load())
	}
}

func TestNewCodeReplacesTheEarlierOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.ExternalID())
	earlier := d.generate("s", alice, otp.Generated)
	for range 3 {
		d.wrong("s", alice, otp.VerificationFailedRetryAllowed)
	}
	if d.generate("s", alice, otp.Generated) == earlier {
		t.Error("the code that was sent again is the same")
	}
	for range 3 { // a new code has all its tries
		d.enter("s", alice, earlier, otp.VerificationFailedRetryAllowed)
	}
	d.right("s", alice, otp.Verified)
}

func TestSameCodeIsReused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := otp.B2C()
		p.ReuseSameCode = true
		d := newDesk(t, p)
		code := d.generate("s", alice, otp.Generated)
		for range 3 {
			d.wrong("s", alice, otp.VerificationFailedRetryAllowed)
		}
		time.Sleep(9 * time.Minute)
		if d.generate("s", alice, otp.Generated) != code {
			t.Error("another code was given")
		}
		time.Sleep(9 * time.Minute) // longer than a code lives since it was made, not since it was given
		d.wrong("s", alice, otp.VerificationFailedRetryAllowed)
		d.wrong("s", alice, otp.InvalidCode) // it kept the tries that were spent
		time.Sleep(10 * time.Minute)
		if d.generate("s", alice, otp.Generated) == code {
			t.Error("a code that was invalid is given again")
		}
		used := d.generate("s", bob, otp.Generated)
		d.right("s", bob, otp.Verified)
		if d.generate("s", bob, otp.Generated) == used {
			t.Error("a code that was used is given again")
		}
	})
}

func TestReusedCodesCount(t *testing.T) {
	t.Parallel()
	p := otp.B2C()
	p.ReuseSameCode, p.CodeGenerationAttempts = true, 3
	d := newDesk(t, p)
	for range 3 {
		d.generate("s", alice, otp.Generated)
	}
	d.generate("s", alice, otp.MaxNumberOfCodeGenerated)
	d.right("s", alice, otp.Verified)
}

func TestCodeExpires(t *testing.T) {
	t.Parallel()
	for _, p := range []otp.Profile{otp.B2C(), otp.ExternalID()} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, p)
			d.generate("s", alice, otp.Generated)
			d.generate("s", bob, otp.Generated)
			time.Sleep(p.Expiration - time.Nanosecond)
			d.right("s", alice, otp.Verified)
			time.Sleep(time.Nanosecond)
			d.right("s", bob, otp.SessionDoesNotExist)
			if held := d.engine.Held(); held != 0 {
				t.Errorf("%d identifiers are held", held)
			}
		})
	}
}

// The lock-out is as long as a code lives, from the last try on and for every session; nothing makes it longer.
func TestLockOutEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, otp.B2C())
		d.generate("s", alice, otp.Generated)
		time.Sleep(10*time.Minute - time.Second)
		for range 4 {
			d.wrong("s", alice, otp.VerificationFailedRetryAllowed)
		}
		d.wrong("s", alice, otp.InvalidCode)
		time.Sleep(5 * time.Minute)
		d.generate("s", alice, otp.MaxRetryAttempted)
		d.generate("other", alice, otp.MaxRetryAttempted)
		time.Sleep(5*time.Minute - time.Nanosecond)
		d.right("s", alice, otp.MaxRetryAttempted)
		d.generate("s", alice, otp.MaxRetryAttempted)
		time.Sleep(time.Nanosecond)
		d.right("s", alice, otp.SessionDoesNotExist)
		d.generate("s", alice, otp.Generated)
		d.wrong("s", alice, otp.VerificationFailedRetryAllowed)
		d.right("s", alice, otp.Verified)
	})
}

func TestCodesPerIdentifier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, otp.B2C())
		for i := range 10 {
			session := "s"
			if i%2 == 1 {
				session = "other" // another session has no count of its own
			}
			d.generate(session, alice, otp.Generated)
			time.Sleep(time.Minute)
		}
		d.generate("s", alice, otp.MaxNumberOfCodeGenerated)
		d.generate("third", alice, otp.MaxNumberOfCodeGenerated)
		d.generate("s", bob, otp.Generated) // another identifier has one
		time.Sleep(9*time.Minute - time.Nanosecond)
		d.generate("s", alice, otp.MaxNumberOfCodeGenerated)
		d.right("other", alice, otp.Verified) // the tenth code is as good as any
		d.generate("s", alice, otp.Generated) // and its owner begins anew
	})
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, otp.B2C())
		for range 10 {
			d.generate("s", alice, otp.Generated)
		}
		time.Sleep(10*time.Minute - time.Nanosecond)
		d.generate("s", alice, otp.MaxNumberOfCodeGenerated)
		time.Sleep(time.Nanosecond)
		d.generate("s", alice, otp.Generated) // being refused did not make it longer
	})
}

func TestIdentifiersAreTheSameInAnyCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	code := d.generate("s", "Alice@Example.COM", otp.Generated)
	d.enter("s", "aLICE@eXAMPLE.com", code, otp.Verified)

	// The Kelvin sign is a k to Unicode, and the dotless i an i to others. They make addresses of other people.
	for _, alike := range []string{"mi\u212ae@example.com", "m\u0131ke@example.com", "mike@example.com\x00", " mike@example.com"} {
		code := d.generate("s", alike, otp.Generated)
		d.enter("s", "mike@example.com", code, otp.SessionDoesNotExist)
	}
}

func TestWhatIsHeldIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, otp.B2C())
		d.engine.SetLimit(3)
		d.generate("s", "a", otp.Generated)
		time.Sleep(time.Minute)
		d.generate("s", "b", otp.Generated)
		d.generate("s", "c", otp.Generated)
		d.generate("s", "d", otp.MaxNumberOfCodeGenerated)
		d.generate("s", "b", otp.Generated) // those that are in go on
		d.wrong("s", "a", otp.VerificationFailedRetryAllowed)
		d.right("s", "c", otp.Verified)
		d.generate("s", "d", otp.Generated)
		d.generate("s", "e", otp.MaxNumberOfCodeGenerated)
		time.Sleep(9 * time.Minute)
		d.generate("s", "e", otp.Generated) // a has expired
		time.Sleep(9*time.Minute - time.Nanosecond)
		d.generate("s", "f", otp.Generated) // b and d have expired too, e has not
		if held := d.engine.Held(); held != 2 {
			t.Errorf("%d identifiers are held", held)
		}
	})
}

// An attacker who fills the engine must not have a lock-out forgotten.
func TestFullEngineForgetsNoLockOut(t *testing.T) {
	t.Parallel()
	p := otp.B2C()
	p.RetryAttempts = 1
	d := newDesk(t, p)
	d.engine.SetLimit(10)
	d.generate("s", alice, otp.Generated)
	d.wrong("s", alice, otp.InvalidCode)
	for i := range 100 {
		d.engine.Generate("s", strings.Repeat("x", i+1))
	}
	d.generate("s", alice, otp.MaxRetryAttempted)
	if held := d.engine.Held(); held != 10 {
		t.Errorf("%d identifiers are held", held)
	}
}
