package providertest_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"byoe/providers/providertest"
)

// defectVariable tells the test binary, started once more by TestDefects, which defect its reference provider has.
const defectVariable = "PROVIDERTEST_DEFECT"

func TestReference(t *testing.T) {
	providertest.Run(t, adapter(os.Getenv(defectVariable)))
}

// A suite that lets a bad provider pass is worse than none: each defect must be found by the check that is there for it.
func TestDefects(t *testing.T) {
	if os.Getenv(defectVariable) != none {
		t.Skip("this is the process that is examined")
	}
	tests := []struct {
		defect defect
		check  string
	}{
		{retries, "lost answer"},
		{retries, "vendor broken"},
		{ignoresContext, "deadline, silent peer"},
		{ignoresContext, "deadline, answer withheld"},
		{ignoresContext, "cancel"},
		{startsTooLate, "too late"},
		{saysTemporary, "lost answer"},
		{saysTemporary, "garbage for an answer"},
		{saysAmbiguous, "connection refused"},
		{acceptsAnything, "throttled"},
		{acceptsAnything, "vendor broken"},
		{acceptsAnything, "flood for an answer"},
		{forgetsThrottle, "throttled"},
		{swapsMails, "concurrent"},
		{changesMail, "unchanged submission"},
		{letsInjectionBy, "injection"},
		{dropsNonASCII, "non-ASCII"},
		{sendsToSomebody, "non-ASCII local part"},
		{readsEverything, "flood for an answer"},
		{quotesTheAnswer, "quoted secrets"},
		{quotesTheID, "quoted address for an id"},
		{leaksGoroutines, "goroutines"},
		{returnsBareError, "connection refused"},
		{returnsBareError, "garbage for a greeting"},
		{returnsBareError, "flood for a greeting"},
		{losesHeaders, "accepted"},
		{losesHeaders, "accepted again on a kept connection"},
		{hasAnotherName, "name"},
		{dialsEachTime, "connections are kept"},
		{connectsForShow, "connected before the first mail"},
		{trustsAnybody, "unknown authority"},
		{trustsTheSender, "injection by the sender's address"},
		{checksForShow, "check of a vendor that is not there"},
		{checksForEver, "check of a silent vendor"},
	}
	for _, tt := range tests {
		t.Run(tt.defect+", "+tt.check, func(t *testing.T) {
			t.Parallel()
			name := strings.ReplaceAll(tt.check, " ", "_")
			again := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestReference$/^"+regexp.QuoteMeta(name)+"$")
			again.Env = append(os.Environ(), defectVariable+"="+tt.defect)
			output, err := again.CombinedOutput()
			if err == nil || !strings.Contains(string(output), "--- FAIL: TestReference/"+name+" ") {
				t.Errorf("the check did not find the defect (%v):\n%s", err, output)
			}
		})
	}
}
