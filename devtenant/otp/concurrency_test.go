package otp_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"byoe/devtenant/otp"
)

const guesses = 10_000

// tally counts outcomes.
type tally [16]atomic.Int64

func (c *tally) of(o otp.Outcome) int64 { return c[o].Load() }

// atOnce runs guesses in as many goroutines, which start together, and counts their outcomes.
func atOnce(guess func(i int) otp.Outcome) *tally {
	var (
		counts tally
		start  = make(chan struct{})
		group  sync.WaitGroup
	)
	for i := range guesses {
		group.Go(func() {
			<-start
			counts[guess(i)].Add(1)
		})
	}
	close(start)
	group.Wait()
	return &counts
}

func TestParallelGuessesGetNoMoreTries(t *testing.T) {
	t.Parallel()
	p := otp.B2C()
	d := newDesk(t, p)
	code := d.generate("s", alice, otp.Generated)
	compared := d.engine.CountComparisons()
	counts := atOnce(func(int) otp.Outcome { return d.engine.Verify("s", alice, otherThan(code)) })
	if compared.Load() != 5 {
		t.Errorf("%d guesses were compared, and 5 are allowed", compared.Load())
	}
	if counts.of(otp.VerificationFailedRetryAllowed) != 4 || counts.of(otp.InvalidCode) != 1 ||
		counts.of(otp.MaxRetryAttempted) != guesses-5 {
		t.Errorf("wrong: %d, last: %d, too many: %d", counts.of(otp.VerificationFailedRetryAllowed),
			counts.of(otp.InvalidCode), counts.of(otp.MaxRetryAttempted))
	}
	d.right("s", alice, otp.MaxRetryAttempted)
}

func TestParallelGuessesWithTheRightOneSucceedOnce(t *testing.T) {
	t.Parallel()
	for _, every := range []int{1, 2, 5, 1000} {
		d := newDesk(t, otp.B2C())
		code := d.generate("s", alice, otp.Generated)
		compared := d.engine.CountComparisons()
		counts := atOnce(func(i int) otp.Outcome {
			if i%every == 0 {
				return d.engine.Verify("s", alice, code)
			}
			return d.engine.Verify("s", alice, otherThan(code))
		})
		if compared.Load() > 5 {
			t.Errorf("every %dth right: %d guesses were compared, and 5 are allowed", every, compared.Load())
		}
		verified := counts.of(otp.Verified)
		if verified > 1 || every == 1 && verified != 1 {
			t.Errorf("every %dth right: verified %d times", every, verified)
		}
		if verified == 1 && counts.of(otp.InvalidCode) != 0 || verified == 0 && counts.of(otp.InvalidCode) != 1 {
			t.Errorf("every %dth right: verified %d times and locked out %d times", every, verified, counts.of(otp.InvalidCode))
		}
	}
}

// Sessions that ask and guess in parallel for one identifier share its codes and tries.
func TestParallelSessionsGetNoMoreTries(t *testing.T) {
	t.Parallel()
	d := newDesk(t, otp.B2C())
	compared := d.engine.CountComparisons()
	counts := atOnce(func(i int) otp.Outcome {
		session := fmt.Sprint(i % 50)
		if i%3 == 0 {
			_, outcome := d.engine.Generate(session, alice)
			return outcome
		}
		return d.engine.Verify(session, alice, "no code")
	})
	given := counts.of(otp.Generated)
	if given < 1 || given > 10 {
		t.Errorf("%d codes were given, and 10 are allowed", given)
	}
	if compared.Load() > 5*given {
		t.Errorf("%d guesses of %d codes were compared", compared.Load(), given)
	}
	if counts.of(otp.InvalidCode) > 1 {
		t.Errorf("locked out %d times", counts.of(otp.InvalidCode))
	}
	if counts.of(0) != 0 || counts.of(otp.Verified) != 0 {
		t.Errorf("%d times no outcome, %d times verified", counts.of(0), counts.of(otp.Verified))
	}
}
