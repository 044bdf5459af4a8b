package require_test

import (
	"testing"

	"byoe/internal/require"
)

func TestRequired(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]bool{"func": true, "chromium, func": true, "chromium,func,prism": true, "": false, "functions": false, "chromium": false} {
		if got := require.Required(list, "func"); got != want {
			t.Errorf("%q requires func: %v, want %v", list, got, want)
		}
	}
}
