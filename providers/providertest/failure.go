package providertest

import (
	"regexp"
	"strings"
	"testing"

	"byoe/providers"
)

// CheckFailure wants a failure with a code that is fit for a log, whatever the vendor's answer was: a status and, behind it, a
// few words that are not the vendor's.
func CheckFailure(t *testing.T, failure *providers.Error, answer []byte) {
	t.Helper()
	if failure == nil {
		t.Fatal("an answer that accepts nothing is no failure")
	}
	if !regexp.MustCompile(`^-?[0-9]+( [A-Za-z0-9_./ -]{1,48})?$`).MatchString(failure.Code) {
		t.Errorf("the code is %q", failure.Code)
	}
	if strings.Contains(failure.Error(), "@") {
		t.Errorf("%q quotes %q", failure, answer)
	}
	if failure.RetryAfter != 0 {
		t.Errorf("it is to be asked again after %v, which nobody said", failure.RetryAfter)
	}
}
