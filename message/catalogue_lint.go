package message

import (
	"fmt"
	"strings"
	"unicode"
)

// lintCatalogues adds what is right in form and yet most likely a mistake: a sentence in other letters than its language has,
// one that is still English, one that a phone cuts off.
func lintCatalogues(set *templateSet, catalogues []*catalogue, found *findings) {
	english := map[string]string{}
	for _, c := range catalogues {
		if c.tag.String() == "en" {
			for _, r := range c.rules() {
				english[r.name] = r.text
			}
		}
	}
	for _, c := range catalogues {
		name := cataloguesIn + "/" + c.tag.String() + ".json"
		var lines keyLines
		doubt := func(r rule, what, remedy string) {
			if lines == nil {
				lines = jsonLines(set.files[name].raw)
			}
			f := set.finding(name, lines.of(strings.Split(r.name, ".")...), r.name+" "+what, remedy)
			f.Stops = false
			found.add(f)
		}
		base, _ := c.tag.Base()
		for _, r := range c.rules() {
			if r.name != "signOff" && base.String() != "en" && r.text == english[r.name] {
				doubt(r, "is English", "Translate it")
			} else if own, foreign := c.letters(r.text); foreign > 5 || own == 0 && r.name != "signOff" {
				doubt(r, "is not in the letters of its language", "Translate it")
			}
			if most := longest(r.name); len([]rune(r.text)) > most {
				doubt(r, fmt.Sprintf("is longer than %d characters", most), "Shorten it: phones and mail lists cut it off")
			}
		}
	}
}

// letters counts those of the catalogue's script and others. Where the script is none that we know, all are its own.
func (c *catalogue) letters(text string) (own, foreign int) {
	script, _ := c.tag.Script()
	tables := map[string][]*unicode.RangeTable{
		"Arab": {unicode.Arabic}, "Hebr": {unicode.Hebrew}, "Cyrl": {unicode.Cyrillic}, "Grek": {unicode.Greek},
		"Thai": {unicode.Thai}, "Hans": {unicode.Han}, "Hant": {unicode.Han}, "Kore": {unicode.Hangul, unicode.Han},
		"Jpan": {unicode.Han, unicode.Hiragana, unicode.Katakana}, "Latn": {unicode.Latin},
	}[script.String()]
	for _, letter := range strings.NewReplacer("{app}", "", "{code}", "", "{minutes}", "").Replace(text) {
		switch {
		case !unicode.IsLetter(letter) || unicode.Is(unicode.Lm, letter):
		case tables == nil || unicode.In(letter, tables...):
			own++
		default:
			foreign++
		}
	}
	return own, foreign
}

// longest is what there is room for: a phone shows some forty characters of a subject and a hundred of a preheader, and the
// code comes before.
func longest(name string) int {
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "subject":
		return 70
	case "preheader":
		return 110
	case "heading":
		return 50
	default:
		return 150
	}
}
