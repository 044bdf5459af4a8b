// Package redact keeps what must not be seen out of logs, errors, traces and metrics.
//
// It is a leaf: every package may use it, it uses none. [Secret] is a value that cannot be printed by accident. Prose that
// somebody else wrote (a vendor's error, a stranger's request) is not scrubbed but never printed at all: errors carry
// stable codes.
package redact

import (
	"fmt"
	"log/slog"
)

// Mask is what stands where a hidden value would have been.
const Mask = "[redacted]"

// Secret is a string that prints as [Mask] through fmt, slog and every encoding: a key, a token, a one-time code.
// The zero value is the empty secret. It is safe to copy; two of them are compared by what they reveal.
type Secret struct {
	// value is behind a pointer to a string, the one thing that fmt never looks through: in a field that is not exported it
	// asks no method of ours and would print a string as it is.
	value *string
}

// NewSecret hides value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: &value}
}

// Reveal returns the hidden value. Each call is a place to look at in a review: the result must go to the wire and
// nowhere else.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero says whether nothing is hidden, so that validation needs no Reveal.
func (s Secret) IsZero() bool { return s.value == nil }

// String returns the mask, or "" for an empty secret so that "not set" stays visible.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return Mask
}

// Format prints the mask under every verb: %v, %#v, %x and %q all reach a struct's fields otherwise.
func (s Secret) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(s.String()))
}

// LogValue makes slog print the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText makes encoding/json, encoding/xml and the like print the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the value from a setting.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
