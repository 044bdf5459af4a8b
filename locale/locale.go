// Package locale chooses, among the languages that there are, the one for what a person wants.
package locale

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// maxWishes bounds how many wishes of one list are looked at.
const maxWishes = 8

// maxKnown bounds the wishes whose fulfilment is remembered, and maxKnownWish their length in bytes. Entra knows some hundred
// locales.
const (
	maxKnown     = 512
	maxKnownWish = 64
)

// Chooser chooses among languages. It is safe for concurrent use.
type Chooser struct {
	matcher  language.Matcher
	tags     []language.Tag
	fallback int

	mu    sync.Mutex
	known map[string]fulfilment // by wish
}

// fulfilment is what a wish came to.
type fulfilment struct {
	index int
	ok    bool
}

// NewChooser makes a chooser among tags. ok is false where none of them is the default locale.
func NewChooser(tags []language.Tag, defaultLocale string) (chooser *Chooser, ok bool) {
	c := &Chooser{matcher: language.NewMatcher(tags), tags: tags, known: map[string]fulfilment{}}
	if len(tags) == 0 {
		return c, false
	}
	c.fallback, ok = c.match(defaultLocale)
	return c, ok
}

// Choose returns the index of the language of the first wish that can be fulfilled, in the order of the lists, or of the
// default. A list is one tag, BCP 47-like, or several as in OpenID Connect's ui_locales: "fr-CA fr en", "de-DE,en;q=0.5".
func (c *Chooser) Choose(lists ...string) int {
	for _, list := range lists {
		for _, wish := range wishes(list) {
			if index, ok := c.match(wish); ok {
				return index
			}
		}
	}
	return c.fallback
}

// wishes splits a list into tags.
func wishes(list string) []string {
	parts := strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ',' })
	parts = parts[:min(len(parts), maxWishes)]
	for i, part := range parts {
		parts[i], _, _ = strings.Cut(part, ";")
	}
	return parts
}

// match returns the index of the language for one tag, from memory where it was asked for before: x/text parses and compares
// for as long as a third of a mail takes.
func (c *Chooser) match(wish string) (index int, ok bool) {
	c.mu.Lock()
	known, found := c.known[wish]
	c.mu.Unlock()
	if found {
		return known.index, known.ok
	}
	index, ok = c.compare(wish)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) < maxKnown && len(wish) <= maxKnownWish {
		c.known[wish] = fulfilment{index, ok}
	}
	return index, ok
}

// compare returns the index of the language for one tag. A match counts only with high confidence and in the same language:
// x/text gives Arabic for fa-IR (with no confidence) and Bulgarian for mk-MK (with high confidence), and a mail in a
// wrong language is worse than one in the default. A parse error is no reason to give up: Microsoft's own list has the
// malformed sr-cryl-cs, which still yields a tag.
func (c *Chooser) compare(wish string) (index int, ok bool) {
	tag, _ := language.Parse(wish)
	if named, _, _ := tag.Raw(); named.String() == "und" { // und-CH names a country, and x/text would guess at German
		return 0, false
	}
	_, index, confidence := c.matcher.Match(tag)
	wanted, _ := tag.Base()
	found, _ := c.tags[index].Base()
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
