package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestJudgeLatency(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, tt := range map[string]struct {
		first    time.Duration
		took     []time.Duration
		verdict  Verdict
		evidence string
	}{
		"fast":            {90 * ms, []time.Duration{9 * ms, 8 * ms, 7 * ms, 6 * ms, 5 * ms, 4 * ms, 3 * ms, 2 * ms, 1 * ms, 300 * ms}, OK, "first 90 ms, then p50 5 ms, p90 9 ms, max 300 ms of 10"},
		"one":             {20 * ms, []time.Duration{20 * ms}, OK, "p50 20 ms, p90 20 ms, max 20 ms of 1"},
		"cold":            {2100 * ms, []time.Duration{ms}, Warn, "first call took longer"},
		"too little left": {ms, slices.Repeat([]time.Duration{450 * ms}, 10), Warn, "too little is left"},
		"above Entra's":   {ms, slices.Repeat([]time.Duration{2 * time.Second}, 3), Fail, "1003005"},
	} {
		if r := judgeLatency(tt.first, tt.took); r.Verdict != tt.verdict || !strings.Contains(r.Evidence, tt.evidence) || (r.Verdict != OK) != (r.Remedy != "") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
