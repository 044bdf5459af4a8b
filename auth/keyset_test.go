package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
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
		go func() { defer close(done); v.Run(ctx, e.tell) }()
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
		for range 1000 {
			wg.Go(func() {
				if _, err := v.Verify(t.Context(), token); err != nil {
					refused.Add(1)
				}
			})
		}
		wg.Wait()
		if refused.Load() != 0 || e.fetches.Load() != 1 {
			t.Errorf("%d of 1000 refused, %d fetches; want 0 and 1", refused.Load(), e.fetches.Load())
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
		if got := e.fetches.Load(); got != 2 {
			t.Errorf("%d fetches, want 2: at the start, and for the first unknown id", got)
		}
		time.Sleep(11 * time.Second)
		wantRefusal(t, verify(t, v, "invented"), auth.CheckKey)
		if got := e.fetches.Load(); got != 3 {
			t.Errorf("%d fetches after ten seconds, want 3", got)
		}
	})
}

func TestRollOver(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
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
		e.set(func(e *endpoint) { e.status = http.StatusOK })
		if err := verify(t, v, "k1"); err != nil {
			t.Errorf("the endpoint is back, and the last failure must not stand for it: %v", err)
		}
	})
}

func TestAgeOfTheKeysTellsWhetherFetchingFails(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		age := func(want time.Duration) {
			t.Helper()
			if got := v.KeyAge().Round(time.Second); got != want {
				t.Errorf("the keys are %v old, want %v", got, want)
			}
		}
		age(0)
		time.Sleep(59 * time.Minute)
		age(59 * time.Minute)
		time.Sleep(2 * time.Minute) // the hourly fetch
		age(time.Minute)
	})
	if len(e.told) != 0 {
		t.Errorf("fetches that succeed, or that the end cuts off, are told as failures: %v", e.told)
	}
	down := newEndpoint()
	down.status = http.StatusInternalServerError
	inBubble(t, down, func(t *testing.T, v *auth.Verifier) {
		time.Sleep(3 * time.Hour)
		if got := v.KeyAge().Round(time.Second); got != 3*time.Hour {
			t.Errorf("keys that never came are %v old", got)
		}
		synctest.Wait()
		if n := len(down.told); n < 36 || n > 50 { // every five minutes, and more often at first
			t.Fatalf("%d failures are told in three hours", n)
		}
		last := down.told[len(down.told)-1]
		if !errors.Is(last.Err, auth.ErrKeysUnavailable) || last.TenantID != tenantID || last.Age < 2*time.Hour+50*time.Minute {
			t.Errorf("the last failure is told as %+v", last)
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

func TestCallerWhoGivesUpTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	e.status = http.StatusInternalServerError
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait() // the first fetch has failed
		e.set(func(e *endpoint) { e.status, e.delay = http.StatusOK, 300*time.Millisecond })
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		token := bearer(sign(t, nil, genuine()))
		var first, second error
		var wg sync.WaitGroup
		wg.Go(func() { _, first = v.Verify(impatient, token) })
		synctest.Wait()
		wg.Go(func() { _, second = v.Verify(t.Context(), token) })
		wg.Wait()
		if !errors.Is(first, auth.ErrKeysUnavailable) || second != nil {
			t.Errorf("who gave up got %v, who waited %v; want ErrKeysUnavailable and nothing", first, second)
		}
	})
}

func TestKeyEndpointThatMisbehaves(t *testing.T) {
	t.Parallel()
	keys := func(more string) string {
		document, err := json.Marshal(map[string]any{"keys": []any{publicKey("k1", rsaKey())}})
		if err != nil {
			t.Fatal(err)
		}
		return string(document) + more
	}
	answers := map[string]func(req *http.Request) *http.Response{
		"HTML":               body(http.StatusOK, "<html>Service unavailable</html>"),
		"an empty object":    body(http.StatusOK, "{}"),
		"an error object":    body(http.StatusOK, `{"error":"temporarily_unavailable"}`),
		"nothing":            body(http.StatusOK, ""),
		"status 500":         body(http.StatusInternalServerError, keys("")),
		"status 429":         body(http.StatusTooManyRequests, keys("")),
		"10 MB":              body(http.StatusOK, keys(strings.Repeat(" ", 10<<20))),
		"half the keys":      body(http.StatusOK, keys("")[:100]),
		"only an EC key":     body(http.StatusOK, `{"keys":[{"kty":"EC","crv":"P-256","use":"sig","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`),
		"keys without an id": body(http.StatusOK, strings.Replace(keys(""), `"kid":"k1",`, "", 1)),
		"keys that are none": body(http.StatusOK, `{"keys":[1,"x",{},{"kty":"RSA","kid":"k1","use":"sig","n":"!","e":"AQAB"}]}`),
		"a redirect": func(req *http.Request) *http.Response {
			if strings.HasSuffix(req.URL.Path, "/elsewhere") {
				return body(http.StatusOK, keys(""))(req)
			}
			res := body(http.StatusFound, "")(req)
			res.Header = http.Header{"Location": {"/elsewhere"}}
			return res
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cold := newEndpoint()
			cold.answer = answer
			inBubble(t, cold, func(t *testing.T, v *auth.Verifier) {
				if err := verify(t, v, "k1"); !errors.Is(err, auth.ErrKeysUnavailable) {
					t.Errorf("at the start: %v, want ErrKeysUnavailable", err)
				}
			})
			warm := newEndpoint()
			inBubble(t, warm, func(t *testing.T, v *auth.Verifier) {
				synctest.Wait()
				warm.set(func(e *endpoint) { e.answer = answer })
				time.Sleep(3 * time.Hour)
				if err := verify(t, v, "k1"); err != nil {
					t.Errorf("with a good set: %v", err)
				}
			})
		})
	}
}

// body answers with a status and a text.
func body(status int, text string) func(req *http.Request) *http.Response {
	return func(req *http.Request) *http.Response {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text)), Request: req}
	}
}

func TestSlowKeyEndpointIsGivenUp(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	e.delay = time.Hour
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		start := time.Now()
		err := verify(t, v, "k1")
		if took := time.Since(start); !errors.Is(err, auth.ErrKeysUnavailable) || took > 3*time.Second {
			t.Errorf("%v after %v, want ErrKeysUnavailable within three seconds", err, took)
		}
	})
}

func TestKeysThatRollInFlight(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	inBubble(t, e, func(t *testing.T, v *auth.Verifier) {
		synctest.Wait()
		e.set(func(e *endpoint) {
			e.delay = 200 * time.Millisecond
			e.keys = []map[string]string{publicKey("k1", rsaKey()), publicKey("k2", rsaKey())}
		})
		before := e.fetches.Load()
		var wg sync.WaitGroup
		var refused atomic.Int32
		for i := range 100 {
			kid := []string{"k1", "k2"}[i%2]
			wg.Go(func() {
				if _, err := v.Verify(t.Context(), bearer(sign(t, map[string]any{"kid": kid}, genuine()))); err != nil {
					refused.Add(1)
				}
			})
		}
		wg.Wait()
		if refused.Load() != 0 || e.fetches.Load()-before != 1 {
			t.Errorf("%d of 100 refused, %d fetches; want 0 and 1", refused.Load(), e.fetches.Load()-before)
		}
	})
}
