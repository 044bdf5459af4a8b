package conformance_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/devtenant"
	"byoe/devtenant/conformance"
	"byoe/devtenant/mailbox"
)

// mended looks whether a run left something broken.
func mended(t *testing.T, tenant *devtenant.Tenant, want devtenant.Behaviour) {
	t.Helper()
	if diff := cmp.Diff(want, tenant.Behaviour()); diff != "" {
		t.Errorf("behaviour (-want +got):\n%s", diff)
	}
	for _, provider := range []string{mailbox.SMTP, mailbox.SendGrid} {
		if fault, _ := tenant.Mailbox().FaultOf(provider); fault != mailbox.FaultNone {
			t.Errorf("%s is left with the fault %q", provider, fault)
		}
	}
	if fault := tenant.KeyFault(); fault != devtenant.KeysSound {
		t.Errorf("the key endpoint is left with the fault %q", fault)
	}
}

// TestEndedRun ends a run at several moments, the last ones amid broken providers: what it broke is mended, and every check
// is in the report.
func TestEndedRun(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 20 * time.Millisecond, time.Second, 18 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			tenant := start(t)
			odd := devtenant.Behaviour{Timeout: time.Second, RetryAnyFailure: true, RetryNewCorrelationID: true, LowerCaseCode: true, Fallback: true}
			tenant.SetBehaviour(odd)
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			began := time.Now()
			report := conformance.Run(ctx, tenant, serve(t, tenant, nil))
			if took := time.Since(began); took > after+2*time.Second {
				t.Errorf("it went on for %v after its end", took-after)
			}
			if failing := ids(report, devtenant.Fail); len(failing) > 0 {
				t.Errorf("an end is no failure of the webhook: %v", failing)
			}
			if len(report.Checks) == 0 || slices.ContainsFunc(report.Checks, func(c devtenant.Check) bool { return c.ID == "" }) {
				t.Error("checks are missing in the report")
			}
			mended(t, tenant, odd)
		})
	}
}

// TestEndedAmidAFault ends a run at the very moment when a provider is broken.
func TestEndedAmidAFault(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for ctx.Err() == nil {
			changed := tenant.Mailbox().Changed()
			if fault, _ := tenant.Mailbox().FaultOf(mailbox.SMTP); fault == mailbox.FaultHang {
				cancel()
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
	}()
	report := conformance.Run(ctx, tenant, serve(t, tenant, nil))
	<-watching
	if report.Count(devtenant.Skip) == 0 {
		t.Error("the run was not ended")
	}
	mended(t, tenant, devtenant.Behaviour{Timeout: devtenant.Timeout, Retries: 1})
}

// TestNobodyThere: an address at which nobody listens, and one that is none.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	for _, url := range []string{"http://127.0.0.1:1/api/EmailOtpSend", "nowhere"} {
		report := conformance.Run(t.Context(), tenant, url)
		if diff := cmp.Diff([]string{"event.documented"}, ids(report, devtenant.Fail)); diff != "" {
			t.Errorf("%s: failing checks (-want +got):\n%s\n%s", url, diff, show(report))
		}
	}
}
