// Package notices holds the licences of everything that is linked into byoe. Most of them ask to be handed on with the
// program, so they are in it: no archive and no image can lose them.
package notices

import _ "embed"

//go:embed THIRD_PARTY_NOTICES.md
var text string

// Text is the page with all of them. A test makes it; see notices_test.go.
func Text() string { return text }
