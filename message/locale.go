package message

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// maxLocales bounds how many wishes of one list are looked at.
const maxLocales = 8

// languages chooses among the catalogues.
type languages struct {
	matcher    language.Matcher
	catalogues []*catalogue
	fallback   int

	mu    sync.Mutex
	known map[string]fulfilment // by wish
}

// fulfilment is what a wish came to.
type fulfilment struct {
	index int
	ok    bool
}

// maxKnown bounds the wishes whose fulfilment is remembered, each at most 64 bytes. Entra knows some hundred locales.
const maxKnown = 512

// newLanguages makes the chooser. ok is false where no catalogue is in the default locale.
func newLanguages(catalogues []*catalogue, defaultLocale string) (chooser *languages, ok bool) {
	tags := make([]language.Tag, len(catalogues))
	for i, c := range catalogues {
		tags[i] = c.tag
	}
	l := &languages{matcher: language.NewMatcher(tags), catalogues: catalogues, known: map[string]fulfilment{}}
	if len(catalogues) == 0 {
		return l, false
	}
	l.fallback, ok = l.match(defaultLocale)
	return l, ok
}

// choose returns the index of the catalogue of the first wish that can be fulfilled: the locale, then the market, then the default.
// Both are BCP 47-like at Entra; a list, as OpenID Connect's ui_locales may be, is taken too.
func (l *languages) choose(locale, market string) int {
	for _, list := range []string{locale, market} {
		for _, wish := range wishes(list) {
			if index, ok := l.match(wish); ok {
				return index
			}
		}
	}
	return l.fallback
}

// wishes splits "fr-CA fr en" and "de-DE,en;q=0.5" into tags.
func wishes(list string) []string {
	parts := strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ',' })
	parts = parts[:min(len(parts), maxLocales)]
	for i, part := range parts {
		parts[i], _, _ = strings.Cut(part, ";")
	}
	return parts
}

// match returns the index of the catalogue for one tag, from memory where it was asked for before: x/text parses and compares
// for as long as a third of a mail takes.
func (l *languages) match(wish string) (index int, ok bool) {
	l.mu.Lock()
	known, found := l.known[wish]
	l.mu.Unlock()
	if found {
		return known.index, known.ok
	}
	index, ok = l.compare(wish)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) < maxKnown {
		l.known[wish] = fulfilment{index, ok}
	}
	return index, ok
}

// compare returns the index of the catalogue for one tag. A match counts only with high confidence and in the same language:
// x/text gives Arabic for fa-IR (with no confidence) and Bulgarian for mk-MK (with high confidence), and a mail in a
// wrong language is worse than one in the default. A parse error is no reason to give up: Microsoft's own list has the
// malformed sr-cryl-cs, which still yields a tag.
func (l *languages) compare(wish string) (index int, ok bool) {
	tag, _ := language.Parse(wish)
	if named, _, _ := tag.Raw(); named.String() == "und" { // und-CH names a country, and x/text would guess at German
		return 0, false
	}
	_, index, confidence := l.matcher.Match(tag)
	wanted, _ := tag.Base()
	found, _ := l.catalogues[index].tag.Base()
	switch {
	case confidence == language.Low && wanted == found && wanted.String() == "sr":
		// Serbian in Cyrillic letters for somebody who has Latin ones: every reader of the one reads the other.
		return index, true
	case confidence < language.High, wanted != found && !sameNorwegian(wanted, found):
		return 0, false
	default:
		return index, true
	}
}

// sameNorwegian lets no, nb and nn stand for one another: Entra says nb in user flows and no in second factors.
func sameNorwegian(a, b language.Base) bool {
	norwegian := func(base language.Base) bool {
		return base.String() == "no" || base.String() == "nb" || base.String() == "nn"
	}
	return norwegian(a) && norwegian(b)
}
