// Package require decides what a test does where a component is not on the machine: a browser, Postfix, the Functions
// host. On a fresh machine the test skips and says what is missing; where BYOE_TEST_REQUIRE names the component (as CI
// does for each one that it installed) the test fails, so that a broken installation cannot pass for a green run.
package require

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Variable names the environment variable that lists, comma-separated, the components whose absence is a failure.
const Variable = "BYOE_TEST_REQUIRE"

// Component skips t, or fails it where the component is required, when present returns an error. The error says what is
// missing and how to get it.
func Component(t testing.TB, name string, present func() error) {
	t.Helper()
	err := present()
	if err == nil {
		return
	}
	if Required(os.Getenv(Variable), name) {
		t.Fatalf("%s names %s, but it is not there: %v", Variable, name, err)
	}
	t.Skipf("needs %s: %v", name, err)
}

// Required says whether list, the value of [Variable], names the component.
func Required(list, name string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(entry string) bool {
		return strings.TrimSpace(entry) == name
	})
}
