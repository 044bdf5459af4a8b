package event

import "fmt"

// Error says why a body is not this event. It names places, never contents: the body holds the code and the address.
type Error struct {
	// Field is the JSON path, such as data.otpContext.oneTimeCode; "" where the whole body is meant.
	Field string
	// Problem is one clause.
	Problem string
}

// Error returns "data.otpContext.identifier: missing".
func (e *Error) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return fmt.Sprintf("%s: %s", e.Field, e.Problem)
}
