package b2c_test

import (
	"testing"

	"byoe/b2c"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	if got := string(b2c.Accepted()); got != "{}" {
		t.Errorf("accepted is %s", got)
	}
	const want = `{"version":"1.0.0","status":409,"userMessage":"Otra vez, \"por favor\""}`
	if got := string(b2c.Conflict(`Otra vez, "por favor"`)); got != want {
		t.Errorf("conflict is %s, want %s", got, want)
	}
}
