package otlp

import (
	"time"

	"golang.org/x/time/rate"
)

// allowance bounds the spans of refused tokens, as their log lines are bounded: failures are always kept, and a stranger
// can cause as many of these as they like.
type allowance struct{ limiter *rate.Limiter }

func newAllowance() *allowance { return &allowance{rate.NewLimiter(rate.Every(3*time.Second), 20)} }

func (a *allowance) take() bool { return a.limiter.Allow() }
