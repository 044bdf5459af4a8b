package telemetry

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// refusalsWhole is how many refused tokens get a line of their own in each refusalsPer: enough to see what is wrong with
	// a setting, and no more than a stranger may write into a log that is paid for by the line.
	refusalsWhole = 20
	refusalsPer   = time.Minute
)

// refusals bounds the lines of refused tokens. What is held back is counted and told in one line when the minute is over.
type refusals struct {
	logger *slog.Logger

	mu     sync.Mutex
	told   int // in this minute
	held   map[string]int
	minute *time.Timer
}

// tell says whether a refusal gets its own line.
func (r *refusals) tell(check string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.minute == nil {
		r.minute = time.AfterFunc(refusalsPer, r.close)
	}
	if r.told++; r.told <= refusalsWhole {
		return true
	}
	if r.held == nil {
		r.held = map[string]int{}
	}
	r.held[check]++
	return false
}

// close ends the minute and tells what was held back.
func (r *refusals) close() {
	r.mu.Lock()
	held := r.held
	if r.minute != nil {
		r.minute.Stop()
	}
	r.told, r.held, r.minute = 0, nil, nil
	r.mu.Unlock()
	if len(held) == 0 {
		return
	}
	count, checks := 0, make([]any, 0, len(held))
	for _, check := range slices.Sorted(maps.Keys(held)) {
		count += held[check]
		checks = append(checks, slog.Int(check, held[check]))
	}
	r.logger.Warn("more tokens refused", slog.Int("count", count), slog.Group("checks", checks...))
}
