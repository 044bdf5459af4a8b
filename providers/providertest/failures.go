package providertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"byoe/providers"
)

const (
	// patience is how long the contexts of the deadline checks live.
	patience = 150 * time.Millisecond
	// obedience is how much later a provider may return, as [providers.Provider] promises.
	obedience = 20 * time.Millisecond
	// attempts is how often a check of time is made. A provider that does not look at the context is late every time; a
	// busy machine is not.
	attempts = 5
	// generous bounds the checks that are not about time.
	generous = 10 * time.Second
)

// CanonicalHeader returns a header field's name as [Mail].Headers has it.
func CanonicalHeader(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }

func checkDeadlineSilent(t *testing.T, a Adapter) {
	provider := a.Connect(t, Listen(t, func(net.Conn) {}))
	failure := obeys(t, sending(provider), func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, patience)
	})
	expectKind(t, failure, providers.KindTemporary, providers.KindAmbiguous)
	expectCode(t, failure, "timeout")
}

func checkDeadlineWithheld(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	peer.Behave(Withhold, "")
	failure := obeys(t, sending(a.Connect(t, peer.Address())), func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, patience)
	})
	expectKind(t, failure, providers.KindAmbiguous)
	expectCode(t, failure, "timeout")
	if len(peer.Mails()) == 0 {
		t.Error("the mail never reached the peer: nothing was proven")
	}
}

func checkCancel(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	peer.Behave(Withhold, "")
	failure := obeys(t, sending(a.Connect(t, peer.Address())), func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(patience, cancel)
		return ctx, func() { timer.Stop(); cancel() }
	})
	expectKind(t, failure, providers.KindAmbiguous)
	expectCode(t, failure, "canceled")
}

// obeys measures how long after patience an attempt returns, and gives the last error.
func obeys(
	t *testing.T, attempt func(ctx context.Context, n int) error, end func(context.Context) (context.Context, context.CancelFunc),
) error {
	t.Helper()
	var late []time.Duration
	for n := range attempts {
		start := time.Now() // before the context's own clock starts, or a busy machine makes Send look too early
		ctx, stop := end(t.Context())
		err := attempt(ctx, n)
		took := time.Since(start)
		stop()
		if took < patience {
			t.Fatalf("Send gave up after %v, before its context: %v", took, err)
		}
		late = append(late, took-patience)
		if took-patience <= obedience {
			return err
		}
	}
	t.Fatalf("Send returned %v after its context ended, want at most %v", slices.Min(late), obedience)
	return nil
}

func checkTooLate(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Connect(t, peer.Address()).Send(ctx, Submission(1))
	expectKind(t, err, providers.KindTemporary)
	expectCode(t, err, "canceled")
	expectMails(t, peer)
}

func checkRefused(t *testing.T, a Adapter) {
	err := send(t, a.Connect(t, closedPort(t)), Submission(1))
	expectKind(t, err, providers.KindTemporary)
	expectCode(t, err, "connection refused")
}

// The certificate is nobody's: whoever answers there must not get to see the mail, nor the key.
func checkUnknownAuthority(t *testing.T, a Adapter) {
	stranger := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("something was said to a stranger")
	}))
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	defer stranger.Close()
	err := send(t, a.ConnectTLS(t, strings.TrimPrefix(stranger.URL, "https://")), Submission(1))
	expectKind(t, err, providers.KindTemporary)
	expectCode(t, err, "certificate")
}

func checkCheckRefused(t *testing.T, a Adapter) {
	_, err := checker(t, a, closedPort(t)).Check(t.Context(), Submission(1))
	expectKind(t, err, providers.KindTemporary)
	expectCode(t, err, "connection refused")
}

func checkCheckSilent(t *testing.T, a Adapter) {
	c := checker(t, a, Listen(t, func(net.Conn) {}))
	err := obeys(t, func(ctx context.Context, n int) error {
		_, err := c.Check(ctx, Submission(n))
		return err
	}, func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, patience)
	})
	expectCode(t, err, "timeout")
}

func checker(t *testing.T, a Adapter, address string) providers.Checker {
	t.Helper()
	c, ok := a.Connect(t, address).(providers.Checker)
	if !ok {
		t.Fatal("the provider is no providers.Checker")
	}
	return c
}

// sending makes an attempt of a provider's Send.
func sending(provider providers.Provider) func(ctx context.Context, n int) error {
	return func(ctx context.Context, n int) error {
		_, err := provider.Send(ctx, Submission(n))
		return err
	}
}

// The vendor has the mail and does not say so, first on a new connection and then on one that was kept. The peer must
// have each mail once: what is below the provider may not try again either.
func checkLost(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	provider := a.Connect(t, peer.Address())
	peer.Behave(Lose, "")
	expectKind(t, send(t, provider, Submission(1)), providers.KindAmbiguous)
	peer.Behave(Accept, "")
	accept(t, provider, 2)
	peer.Behave(Lose, "")
	expectKind(t, send(t, provider, Submission(3)), providers.KindAmbiguous)
	expectMails(t, peer, a.want(Submission(1)), a.want(Submission(2)), a.want(Submission(3)))
}

func checkThrottled(t *testing.T, a Adapter) {
	answered(t, a, Throttle, providers.KindThrottled)
}

func checkBroken(t *testing.T, a Adapter) {
	answered(t, a, Break, providers.KindTemporary)
}

func checkBabble(t *testing.T, a Adapter) {
	answered(t, a, Babble, providers.KindAmbiguous)
}

// answered sends one mail to a peer that behaves so. It must come in once, because failing over is delivery's matter.
func answered(t *testing.T, a Adapter, how Behaviour, kinds ...providers.Kind) {
	t.Helper()
	peer := a.Serve(t)
	peer.Behave(how, "")
	ctx, cancel := context.WithTimeout(t.Context(), generous)
	defer cancel()
	_, err := a.Connect(t, peer.Address()).Send(ctx, Submission(1))
	expectKind(t, err, kinds...)
	expectMails(t, peer, a.want(Submission(1)))
}

func checkGarbage(t *testing.T, a Adapter) {
	address := Listen(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte("\x16\x03\x01\x00\xff\r\n\r\n"))
		_ = conn.Close()
	})
	err := send(t, a.Connect(t, address), Submission(1))
	expectKind(t, err, providers.KindTemporary, providers.KindAmbiguous)
}

func checkFlood(t *testing.T, a Adapter) {
	if took := allocated(func() {
		answered(t, a, FloodAnswer, providers.KindTemporary, providers.KindAmbiguous)
	}); took > memory {
		t.Errorf("an answer of %d bytes took %d bytes of memory, want at most %d", FloodSize, took, memory)
	}
}

func checkFloodGreeting(t *testing.T, a Adapter) {
	address := Listen(t, func(conn net.Conn) {
		_ = Flood(conn)
		_ = conn.Close()
	})
	provider := a.Connect(t, address)
	if took := allocated(func() {
		err := send(t, provider, Submission(1))
		expectKind(t, err, providers.KindTemporary, providers.KindAmbiguous)
	}); took > memory {
		t.Errorf("a greeting of %d bytes took %d bytes of memory, want at most %d", FloodSize, took, memory)
	}
}

// memory bounds what one hostile answer may cost, in bytes, peer and test included.
const memory = 4 << 20

func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func checkQuoting(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	private := append([]string{Recipient(1), LocalPart(1), Code(1)}, a.Secrets...)
	peer.Behave(Quote, strings.Join(private, " "))
	err := send(t, a.Connect(t, peer.Address()), Submission(1))
	if err == nil {
		t.Fatal("Send returned no error for a mail that was refused")
	}
	_ = expectFailure(t, err)
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %q", err, err, err)} {
		expectDiscreet(t, text, private...)
	}
}

func checkQuotedID(t *testing.T, a Adapter) {
	peer := a.Serve(t)
	peer.Behave(AcceptQuoting, Recipient(1))
	receipt, err := a.Connect(t, peer.Address()).Send(t.Context(), Submission(1))
	if err != nil {
		t.Fatal(err)
	}
	expectDiscreet(t, receipt.MessageID, Recipient(1), LocalPart(1))
}

// Attempts that were given up must not leave anything behind.
func checkGoroutines(t *testing.T, a Adapter) {
	before := goleak.IgnoreCurrent()
	t.Run("sends", func(t *testing.T) {
		peer := a.Serve(t)
		provider := a.Connect(t, peer.Address())
		for n, how := range []Behaviour{Accept, Withhold, Lose, FloodAnswer, Withhold, Accept} {
			peer.Behave(how, "")
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_, _ = provider.Send(ctx, Submission(n))
			cancel()
		}
	})
	goleak.VerifyNone(t, before)
}

func expectKind(t *testing.T, err error, kinds ...providers.Kind) {
	t.Helper()
	if err == nil {
		t.Errorf("Send returned no error, want one of %v", kinds)
		return
	}
	if failure := expectFailure(t, err); failure != nil && !slices.Contains(kinds, failure.Kind) {
		t.Errorf("kind is %v (code %q), want one of %v", failure.Kind, failure.Code, kinds)
	}
}

func expectCode(t *testing.T, err error, code string) {
	t.Helper()
	if failure, ok := errors.AsType[*providers.Error](err); ok && failure.Code != code {
		t.Errorf("code is %q, want %q", failure.Code, code)
	}
}

// expectFailure wants the provider's own error, with a code that stands in one short line.
func expectFailure(t *testing.T, err error) *providers.Error {
	t.Helper()
	//nolint:errorlint // the error itself must be the *Error: what wraps it would bring text of its own into the log
	failure, ok := err.(*providers.Error)
	if !ok {
		t.Errorf("the error is a %T, want a *providers.Error", err)
		return nil
	}
	if failure.Code == "" || len(failure.Code) > 64 || strings.ContainsAny(failure.Code, "\r\n") {
		t.Errorf("code %q is not fit for a log", failure.Code)
	}
	return failure
}

func expectDiscreet(t *testing.T, text string, private ...string) {
	t.Helper()
	for _, secret := range private {
		if strings.Contains(text, secret) {
			t.Errorf("%q holds %q", text, secret)
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		t.Errorf("%q holds a control character", text)
	}
}
