package main

import (
	"math"
	"testing"
	"time"
)

// TestBill is worked out by hand: a month in which two instances of 2 GB are always ready, work for half of it, one more
// works for a tenth, and a call a second makes a mail.
func TestBill(t *testing.T) {
	t.Parallel()
	in := builtIn(t)
	in.Prices = Prices{
		AlwaysReadyBaseline: 0.000004, AlwaysReady: 0.000016, OnDemand: 0.000026, Executions: 0.4, StoreRequests: 0.00036, LogGB: 2.3,
		ACSMail: 0.00025, ACSMB: 0.00012, SESMail: 0.0001,
	}
	in.Measured.LogLine, in.Platform.HostLog, in.Measured.Mail = 500, 1500, 1<<19
	r := &Result{Work: Work{
		Seconds: 1000, Executions: 1000, Mails: 1000, StoreRequests: 2000,
		AlwaysReadyBilled: 2 * 500 * time.Second, OnDemandBilled: 100 * time.Second,
	}}
	got := billFor(in, Scenario{Rate: 1, AlwaysReady: 2, MemoryMB: 2048}, r)
	want := bill{
		alwaysReady: 42.048,               // 2 GB × 2 × 2,628,000 s × 0.000004
		execution:   2.628 * (32 + 5.2),   // 2 GB × (1 × 0.000016 + 0.1 × 0.000026) × 2,628,000 s
		executions:  2.628 * 0.4,          // 2.628 million
		store:       3 * 2.628 * 0.036,    // two requests each, and the removal
		log:         2.628 * 2 * 2.3,      // 2,000 bytes each
		acs:         2628 * (0.25 + 0.06), // half a megabyte each
		ses:         2628 * 0.1,
	}
	for name, pair := range map[string][2]float64{
		"always ready": {got.alwaysReady, want.alwaysReady}, "execution": {got.execution, want.execution},
		"executions": {got.executions, want.executions}, "store": {got.store, want.store}, "log": {got.log, want.log},
		"acs": {got.acs, want.acs}, "ses": {got.ses, want.ses},
		"together": {got.platform(), want.alwaysReady + want.execution + want.executions + want.store + want.log},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6*pair[1] {
			t.Errorf("%s: %g, want %g", name, pair[0], pair[1])
		}
	}
}

func TestNumbersInTables(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		number(999): "999", number(1000): "1,000", number(1234567): "1,234,567",
		share(1, 1): "100 %", share(0, 5): "0", share(1, 3): "33.33 %", share(99_999, 100_000): "> 99.99 %", share(1, 100_000): "< 0.01 %",
		dollars(1.234): "1.23", dollars(1234): "1,234", rate(1.25): "1.2", rate(99.6): "100", ms(1500 * time.Microsecond): "1 ms",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
