package doctor_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"byoe/doctor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// look makes one check and returns its results.
func look(t *testing.T, c doctor.Check) []doctor.Result {
	t.Helper()
	return doctor.Run(t.Context(), []doctor.Check{c})
}

// want holds a result against a verdict and parts of its evidence and remedy. A finding that asks for something says what to
// do.
func want(t *testing.T, r doctor.Result, verdict doctor.Verdict, evidence, remedy string) {
	t.Helper()
	if r.Verdict != verdict || !strings.Contains(r.Evidence, evidence) || !strings.Contains(r.Remedy, remedy) {
		t.Errorf("%s: %s, %q, remedy %q; want %s, %q, remedy %q", r.ID, r.Verdict, r.Evidence, r.Remedy, verdict, evidence, remedy)
	}
	if (r.Verdict == doctor.Fail || r.Verdict == doctor.Warn) && r.Remedy == "" {
		t.Errorf("%s: %q has no remedy", r.ID, r.Evidence)
	}
}

// find returns the result with an id.
func find(t *testing.T, results []doctor.Result, id string) doctor.Result {
	t.Helper()
	for _, r := range results {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no result %q among %v", id, results)
	return doctor.Result{}
}
