package otp

import (
	"slices"
	"sync/atomic"
)

// ParseCharacterSet and Draw let tests in without an engine.
var (
	ParseCharacterSet = parseCharacterSet
	Draw              = draw
)

// CountComparisons counts every comparison of a code from now on.
func (e *Engine) CountComparisons() *atomic.Int64 {
	var compared atomic.Int64
	same := e.same
	e.same = func(a, b digest) bool {
		compared.Add(1)
		return same(a, b)
	}
	return &compared
}

// SetLimit changes how many identifiers are held at once.
func (e *Engine) SetLimit(limit int) { e.limit = limit }

// Held returns how many identifiers are held, and wants the two books of them to agree.
func (e *Engine) Held() int {
	if len(e.records) != e.order.Len() {
		panic("the order and the records are not of the same length")
	}
	return len(e.records)
}

// Records returns every record as a value and as a pointer.
func (e *Engine) Records() []any {
	var records []any
	for _, r := range e.records {
		records = append(records, *r, r, []record{*r}, []*record{r}, struct{ R record }{*r})
	}
	return slices.Clip(records)
}
