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
	name, text    string // name is the way to the string, with dots
	needs, allows []string
}

// fault is one thing that is wrong with a catalogue: the way to the string, and what.
type fault struct {
	path         []string
	what, remedy string
}

// check returns everything that is wrong with a catalogue. A catalogue is the work of people, made in a hurry or far from
// here: a placeholder that was translated too would stand in every mail.
func (c *catalogue) check() []fault {
	var faults []fault
	for _, r := range c.rules() {
		if what, remedy := r.check(); what != "" {
			faults = append(faults, fault{strings.Split(r.name, "."), r.name + " " + what, remedy})
		}
	}
	for _, flow := range slices.Sorted(maps.Keys(c.Flows)) {
		if _, ok := event.ParseFlow(flow); !ok {
			faults = append(faults, fault{[]string{"flows", flow}, "flows." + flow + " is no flow", "Give sign-up, sign-in, password-reset and other"})
		}
	}
	return append(faults, c.checkPlurals()...)
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
	for _, category := range pluralCategories() {
		if text, given := c.Validity[category]; given {
			rules = append(rules, rule{"validity." + category, text, []string{"{minutes}"}, nil})
		}
	}
	return append(rules,
		rule{"neverShare", c.NeverShare, nil, []string{"{app}"}},
		rule{"ignore", c.Ignore, nil, []string{"{app}"}},
		rule{"signOff", c.SignOff, nil, []string{"{app}"}},
	)
}

// check returns the first thing that is wrong with the string, or "".
func (r rule) check() (what, remedy string) {
	switch {
	case strings.TrimSpace(r.text) == "":
		return "is missing", "Write it; byoe templates export shows the others' words"
	case len([]rune(r.text)) > maxSentence:
		return fmt.Sprintf("is longer than %d characters", maxSentence), "Shorten it"
	case strings.ContainsFunc(r.text, unprintable):
		return "has a line break or another control character", "Give one line of text"
	case strings.ContainsFunc(r.text, unicode.IsDigit):
		// Autofill looks for digits, and so do people in a hurry.
		return "has a digit", "Write the number as a word: the code must be the only one beside the minutes"
	}
	for _, placeholder := range r.needs {
		if strings.Count(r.text, placeholder) != 1 {
			return "must have " + placeholder + " once", "Put " + placeholder + " where it belongs, untranslated"
		}
	}
	for found := range placeholders(r.text) {
		if !slices.Contains(r.needs, found) && !slices.Contains(r.allows, found) {
			return "has " + found + ", which means nothing there", "Take it out, or write {app}, {code} or {minutes} as the built-in catalogues do"
		}
	}
	return "", ""
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
func (c *catalogue) checkPlurals() []fault {
	var faults []fault
	missing := func(category, what string) {
		faults = append(faults, fault{[]string{"validity", category}, "validity." + category + " is missing" + what, "Write the sentence with {minutes} in that form"})
	}
	told := map[string]bool{}
	for minutes := 1; minutes <= pluralCycle; minutes++ {
		category := pluralCategory(plural.Cardinal.MatchPlural(c.tag, minutes, 0, 0, 0, 0))
		if c.Validity[category] == "" && !told[category] {
			told[category] = true
			missing(category, fmt.Sprintf(", the form for %d minutes", minutes))
		}
	}
	if c.Validity["other"] == "" && !told["other"] {
		missing("other", "")
	}
	for _, category := range slices.Sorted(maps.Keys(c.Validity)) {
		if !slices.Contains(pluralCategories(), category) {
			faults = append(faults, fault{[]string{"validity", category}, "validity." + category + " is no plural category", "Give zero, one, two, few, many or other"})
		}
	}
	return faults
}

func pluralCategories() []string { return []string{"zero", "one", "two", "few", "many", "other"} }
