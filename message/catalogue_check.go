package message

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/feature/plural"

	"byoe/event"
)

// maxSentence bounds one string of a catalogue, in characters. A subject is cut by mail programs long before, and no
// sentence of ours needs more.
const maxSentence = 300

// pluralCycle is how far the plural forms are looked at: CLDR's rules for whole numbers look at the last two digits.
const pluralCycle = 200

// rule is what one string of a catalogue must hold, and what it may.
type rule struct {
	name, text    string
	needs, allows []string
}

// check returns the first thing that is wrong with a catalogue, by the name of its string. A catalogue is the work of
// people, made in a hurry or far from here: a placeholder that was translated too would stand in every mail.
func (c *catalogue) check() error {
	for _, r := range c.rules() {
		if err := r.check(); err != nil {
			return err
		}
	}
	return c.checkPlurals()
}

// rules lists every string in the order of the file.
func (c *catalogue) rules() []rule {
	var rules []rule
	for _, flow := range event.Flows() {
		s, at := c.Flows[flow.String()], "flows."+flow.String()+"."
		rules = append(rules,
			rule{at + "subject", s.Subject, []string{"{app}"}, nil},
			rule{at + "preheader", s.Preheader, []string{"{code}"}, []string{"{app}"}},
			rule{at + "heading", s.Heading, nil, []string{"{app}"}},
			rule{at + "lead", s.Lead, []string{"{app}"}, nil},
		)
	}
	rules = append(rules, rule{"codeLabel", c.CodeLabel, nil, nil})
	for _, category := range slices.Sorted(maps.Keys(c.Validity)) {
		rules = append(rules, rule{"validity." + category, c.Validity[category], []string{"{minutes}"}, nil})
	}
	return append(rules,
		rule{"neverShare", c.NeverShare, nil, []string{"{app}"}},
		rule{"ignore", c.Ignore, nil, []string{"{app}"}},
		rule{"signOff", c.SignOff, nil, []string{"{app}"}},
	)
}

func (r rule) check() error {
	switch {
	case strings.TrimSpace(r.text) == "":
		return fmt.Errorf("%s is missing", r.name)
	case len([]rune(r.text)) > maxSentence:
		return fmt.Errorf("%s is longer than %d characters", r.name, maxSentence)
	case strings.ContainsFunc(r.text, unicode.IsControl):
		return fmt.Errorf("%s has a line break or another control character; give one line", r.name)
	case strings.ContainsFunc(r.text, unicode.IsDigit):
		// Autofill looks for digits, and so do people in a hurry.
		return fmt.Errorf("%s has a digit; the code must be the only number beside the minutes", r.name)
	}
	for _, placeholder := range r.needs {
		if strings.Count(r.text, placeholder) != 1 {
			return fmt.Errorf("%s must have %s once", r.name, placeholder)
		}
	}
	for found := range placeholders(r.text) {
		if !slices.Contains(r.needs, found) && !slices.Contains(r.allows, found) {
			return fmt.Errorf("%s has %s, which means nothing there", r.name, found)
		}
	}
	return nil
}

// placeholders finds {app} and its like, and every brace that is left over.
func placeholders(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			start := strings.IndexAny(text, "{}")
			if start < 0 {
				return
			}
			end := start + 1
			if text[start] == '{' {
				end += strings.IndexAny(text[end:]+"}", "{}")
				if end < len(text) && text[end] == '}' {
					end++
				}
			}
			if !yield(text[start:end]) {
				return
			}
			text = text[end:]
		}
	}
}

// checkPlurals wants a sentence for each form that the language has for a number of minutes (CLDR), and "other" for the
// rest.
func (c *catalogue) checkPlurals() error {
	if c.Validity["other"] == "" {
		return fmt.Errorf("validity.other is missing")
	}
	for minutes := 1; minutes <= pluralCycle; minutes++ {
		category := pluralCategory(plural.Cardinal.MatchPlural(c.tag, minutes, 0, 0, 0, 0))
		if c.Validity[category] == "" {
			return fmt.Errorf("validity.%s is missing, the form for %d minutes", category, minutes)
		}
	}
	for category := range c.Validity {
		if !slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, category) {
			return fmt.Errorf("validity.%s is no plural category; there are zero, one, two, few, many and other", category)
		}
	}
	return nil
}
