package standin

import "time"

// The host gives up on a handler at the third error, unless half an hour lies between two of them.
const (
	errorsAllowed = 3
	errorsForgot  = 30 * time.Minute
)

// allowance counts the handler's errors.
type allowance struct {
	count int
	last  time.Time
}

// spend counts an error at now and says whether the handler may be started again.
func (a *allowance) spend(now time.Time) bool {
	if now.Sub(a.last) > errorsForgot {
		a.count = 0
	}
	a.count++
	a.last = now
	return a.count < errorsAllowed
}
