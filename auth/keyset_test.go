package auth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"byoe/auth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inBubble runs a test with its own clock and a verifier whose background refresh runs until the test ends.
func inBubble(t *testing.T, e *endpoint, test func(t *testing.T, v *auth.Verifier)) {
	t.Helper()
	rsaKey() // made outside, so that the bubble's clock does not wait for it
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(t, e, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); v.Run(ctx) }()
		test(t, v)
		cancel()
		<-done
	})
}

func verify(t *testing.T, v *auth.Verifier, kid string) error {
	t.Helper()
	_, err := v.Verify(t.Context(), bearer(sign(t, map[string]any{"kid": kid}, genuine())))
	return err
}

func TestColdCallsShareOneFetch(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	e.delay = 300 * time.Millisecond
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		token := bearer(sign(t, nil, genuine()))
		var wg sync.WaitGroup
		var refused atomic.Int32
		for range 200 {
			wg.Go(func() {
				if _, err := v.Verify(t.Context(), token); err != nil {
					refused.Add(1)
				}
			})
		}
		wg.Wait()
		if refused.Load() != 0 || e.fetches.Load() != 1 {
			t.Errorf("%d of 200 refused, %d fetches; want 0 and 1", refused.Load(), e.fetches.Load())
		}
	})
}

func TestInventedKeyIDsCauseNoFlood(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		for range 50 {
			wantRefusal(t, verify(t, v, "invented"), auth.CheckKey)
		}
		if got := e.fetches.Load(); got != 1 {
			t.Errorf("%d fetches within ten seconds of the first, want 1", got)
		}
		time.Sleep(11 * time.Second)
		wantRefusal(t, verify(t, v, "invented"), auth.CheckKey)
		if got := e.fetches.Load(); got != 2 {
			t.Errorf("%d fetches after ten seconds, want 2", got)
		}
	})
}

func TestRollOver(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		time.Sleep(11 * time.Second)
		e.set(func(e *endpoint) { e.keys = []map[string]string{publicKey("k2", rsaKey())} })
		if err := verify(t, v, "k2"); err != nil {
			t.Errorf("a token of the new key: %v", err)
		}
		wantRefusal(t, verify(t, v, "k1"), auth.CheckKey)
	})
}

func TestWithdrawnKeyStopsCountingWithinTheHour(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		e.set(func(e *endpoint) { e.keys = []map[string]string{publicKey("k2", rsaKey())} })
		time.Sleep(time.Hour + time.Second)
		wantRefusal(t, verify(t, v, "k1"), auth.CheckKey)
	})
}

func TestAnswerWithoutKeysReplacesNothing(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		e.set(func(e *endpoint) { e.keys = nil })
		time.Sleep(2 * time.Hour)
		if err := verify(t, v, "k1"); err != nil {
			t.Errorf("a good token after an empty answer: %v", err)
		}
		if err := verify(t, v, "k2"); !errors.Is(err, auth.ErrKeysUnavailable) {
			t.Errorf("an unknown key while the endpoint is broken: %v, want ErrKeysUnavailable", err)
		}
	})
}

func TestLastGoodSetServesAnOutageForADay(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		e.set(func(e *endpoint) { e.status = http.StatusInternalServerError })
		time.Sleep(23 * time.Hour)
		if err := verify(t, v, "k1"); err != nil || !v.Ready() {
			t.Errorf("after 23 hours: %v, ready %v", err, v.Ready())
		}
		time.Sleep(2 * time.Hour)
		if err := verify(t, v, "k1"); !errors.Is(err, auth.ErrKeysUnavailable) || v.Ready() {
			t.Errorf("after 25 hours: %v, ready %v; want ErrKeysUnavailable", err, v.Ready())
		}
	})
}

func TestEndpointThatComesBackIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	e.status = http.StatusBadGateway
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		if v.Ready() {
			t.Error("ready without keys")
		}
		if err := verify(t, v, "k1"); !errors.Is(err, auth.ErrKeysUnavailable) {
			t.Errorf("while it is down: %v, want ErrKeysUnavailable", err)
		}
		e.set(func(e *endpoint) { e.status = http.StatusOK })
		if err := verify(t, v, "k1"); err != nil {
			t.Errorf("once it is back: %v", err)
		}
	})
}

func TestVerifyObeysItsContext(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	e.delay = time.Second
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := v.Verify(ctx, bearer(sign(t, nil, genuine())))
		if !errors.Is(err, auth.ErrKeysUnavailable) || time.Since(start) != 20*time.Millisecond {
			t.Errorf("Verify gave %v after %v, want ErrKeysUnavailable after 20ms", err, time.Since(start))
		}
	})
}
