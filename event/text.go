package event

import (
	"bytes"
	"strings"
	"unicode"
)

const (
	// maxCode bounds the code in bytes. Every code seen has eight digits; the bound only keeps nonsense out of a
	// subject line.
	maxCode = 64
	// maxWord bounds identifiers, locales and the like in bytes: they end in logs.
	maxWord = 64
)

// NotCode says what a text that [IsCode] refuses should have been.
const NotCode = "must be at most 64 ASCII letters or digits"

// IsCode says whether a text can be a one-time code that is mailed.
func IsCode(text string) bool {
	return text != "" && len(text) <= maxCode && !strings.ContainsFunc(text, notInCode)
}

// notInCode refuses what could break out of a header or confuse autofill. Entra's codes are ASCII digits; letters are let
// through because nothing promises digits.
func notInCode(r rune) bool {
	return r > unicode.MaxASCII || (!unicode.IsLetter(r) && !unicode.IsDigit(r))
}

// Printable makes a word fit for a log line and for a header: printable ASCII, bounded. Identifiers and locales are
// nothing else; whatever is not cannot match a configured value either.
func Printable(word string) string {
	if len(word) <= maxWord && !strings.ContainsFunc(word, notPrintable) {
		return word // nearly all are, and cost nothing
	}
	clean := bytes.Map(func(r rune) rune {
		if notPrintable(r) {
			return -1
		}
		return r
	}, []byte(word))
	return string(clean[:min(len(clean), maxWord)])
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }
