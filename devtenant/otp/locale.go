package otp

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// The bounds of what is looked at: the wishes come from a stranger's browser.
const (
	maxLocaleLength = 200 // bytes
	maxWishes       = 8
)

// choose returns the index of the first wish's language that there is, or of the fallback.
func (m *Messages) choose(locale string) int {
	locale = locale[:min(len(locale), maxLocaleLength)]
	wishes := strings.FieldsFunc(locale, func(r rune) bool { return r == ',' || r == ' ' })
	for _, wish := range wishes[:min(len(wishes), maxWishes)] {
		tag, _, _ := strings.Cut(wish, ";") // the order is the preference; the quality says the same
		if index, ok := m.match(tag); ok {
			return index
		}
	}
	return m.fallback
}

// match returns the index of the language for one wish. x/text goes by which language a reader may follow, and gives
// Bulgarian for Macedonian and Arabic for Persian; a person who reads neither is better off with English. So it may choose
// among the variants of a language only, and there it is followed however sure it is: of Serbian there are Latin letters
// only, and who wishes for Cyrillic ones reads them too.
func (m *Messages) match(wish string) (index int, ok bool) {
	tag, _ := language.Parse(wish) // Entra's own list has the malformed sr-cryl-cs, of which the language can be read
	if tag == language.Und {
		return 0, false
	}
	_, index, _ = m.matcher.Match(tag)
	wanted, _ := tag.Base()
	found, _ := m.languages[index].tag.Base()
	return index, baseOf(wanted) == baseOf(found)
}

// baseOf makes one language of the three names that Norwegian has: Entra itself says both nb and no.
func baseOf(base language.Base) string {
	if slices.Contains([]string{"no", "nb", "nn"}, base.String()) {
		return "nb"
	}
	return base.String()
}
