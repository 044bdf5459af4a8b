package entra_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"byoe/auth"
	"byoe/bench/entra"
	"byoe/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func startTenant(t *testing.T) *entra.Tenant {
	t.Helper()
	tenant, err := entra.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tenant.Close(); err != nil {
			t.Error(err)
		}
	})
	return tenant
}

// The calls are what byoe takes for Entra's: its own verifier and decoder say so.
func TestCallsAreGenuineAndEachItsOwn(t *testing.T) {
	t.Parallel()
	tenant := startTenant(t)
	verifier := startVerifier(t, tenant)
	seen := map[string]bool{}
	for n := range 100 {
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(tenant.Call(n))))
		if err != nil {
			t.Fatal(err)
		}
		caller, err := verifier.Verify(t.Context(), request.Header.Values("Authorization"))
		if err != nil || caller.TenantID != entra.TenantID {
			t.Fatalf("call %d: %v, %v", n, caller, err)
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Fatal(err)
		}
		e, err := event.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		address, code := e.Identifier.Reveal(), e.Code.Reveal()
		if seen[address] || seen[code] || len(code) != 8 {
			t.Errorf("call %d has %s and %s once more", n, address, code)
		}
		seen[address], seen[code] = true, true
		if number, found := entra.NumberIn(body); !found || number != n {
			t.Errorf("call %d reads as that of %d, %v", n, number, found)
		}
	}
}

func startVerifier(t *testing.T, tenant *entra.Tenant) *auth.Verifier {
	t.Helper()
	transport := &http.Transport{}
	verifier, err := auth.New(auth.Config{
		TenantIDs: []string{entra.TenantID}, Audiences: []string{entra.Audience}, Authority: tenant.Authority(), CallerAppID: entra.CallerAppID,
	}, transport)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		verifier.Run(ctx, func(auth.KeyFailure) {})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		transport.CloseIdleConnections()
	})
	for !verifier.Ready() {
		time.Sleep(time.Millisecond)
	}
	return verifier
}

func TestNumberIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"To: <" + entra.Person(31) + "@example.org>": 31, "person-1": -1, "person-x1234567": -1, "ann@example.org": -1,
	} {
		n, found := entra.NumberIn([]byte(text))
		if found != (want >= 0) || found && n != want {
			t.Errorf("%q: %d, %v", text, n, found)
		}
	}
}
