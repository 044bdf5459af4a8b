package message

import (
	"slices"
	"strings"
	"unicode"
)

// text looks at one text node.
func (c *htmlCheck) text(text string) {
	in := c.open[len(c.open)-1]
	if strings.TrimSpace(text) == "" {
		return
	}
	switch in.tag {
	case "script", "style":
		c.sheet(in, text)
		return
	case "title":
		return
	}
	if strings.ContainsRune(text, firstField+preheaderAt) && !in.hiding.everywhere() {
		c.doubt(in.at, "the preheader is seen", "Hide it as the built-in layout does: with display:none, mso-hide:all and max-height:0;overflow:hidden, because no one of them works everywhere")
	}
	n := strings.Count(text, string(slotCode))
	if in.hiding.anyhow() {
		if n > 0 {
			c.hiddenAt = in.at
		}
		return
	}
	if n > 0 {
		c.codes += n
		c.codeAt = in.at
		if strings.TrimSpace(text) != string(slotCode) {
			c.stop(in.at, "the code shares its text node", "Give {{.Code}} an element of its own: autofill takes what stands alone")
		}
		if !in.leftToRight {
			c.doubt(in.at, "the code is not isolated from right-to-left text", "Put it into <span dir=\"ltr\">")
		}
	}
	if likeACode(text) >= 0 {
		c.doubt(in.at, "a number that autofill may take for the code", "Leave it out or write it in words")
	}
	c.legibility(in)
}

// likeACode is where a text has four digits in a row, or -1.
func likeACode(text string) int {
	digits := 0
	for at, r := range text {
		if digits++; !unicode.IsDigit(r) {
			digits = 0
		}
		if digits == 4 {
			return at
		}
	}
	return -1
}

// sheet looks at a style sheet, or at a script, which was refused already.
func (c *htmlCheck) sheet(in element, text string) {
	if strings.ContainsFunc(text, reserved) || strings.Contains(strings.ToLower(text), slotInAddress) {
		c.stop(in.at, "a value stands in <"+in.tag+">", "Take it out: it belongs into the text")
	}
	if strings.Contains(text, "ZgotmplZ") {
		c.stop(in.at, "a value does not fit where it stands", "Put nothing into <"+in.tag+"> but colours and numbers")
	}
	if loads(text) {
		c.doubt(in.at, "a style sheet that loads something", "Leave it out: most programs block it, and it looks like tracking")
	}
	c.darkRules = append(c.darkRules, darkRules(text)...)
}

// document looks at what concerns the whole. What is missing is told at the line of the element that it belongs into.
func (c *htmlCheck) document(page string) {
	head, body := c.first("head"), c.first("body")
	if !c.titled {
		c.doubt(head, "no <title>", "Add <title>{{.Title}}</title>")
	}
	if !strings.Contains(page, "format-detection") {
		c.doubt(head, "no <meta name=\"format-detection\">", "Add it as the built-in layout has it: phones make a telephone number of the code")
	}
	if len(c.darkRules) == 0 {
		c.doubt(head, "no dark mode", "Add a @media (prefers-color-scheme: dark) with {{.Dark.Card}} and its like")
	}
	if !c.wrapped {
		c.doubt(body, "no element in <body> has lang=\"{{.Locale}}\" and dir=\"{{.Direction}}\"", "Put the content into one that has: some mail programs drop <html>")
	}
	for _, wanted := range []struct {
		name string
		of   sentence
	}{
		{"Preheader", c.view.Preheader},
		{"Heading", c.view.Heading},
		{"Lead", c.view.Lead},
		{"Validity", c.view.Validity},
		{"NeverShare", c.view.NeverShare},
		{"Ignore", c.view.Ignore},
		{"Support", c.view.Support},
		{"Footer", c.view.Footer},
	} {
		if !strings.Contains(page, string(wanted.of)) {
			c.doubt(body, "{{."+wanted.name+"}} is missing", "Say it: the built-in layout shows where")
		}
	}
}

// first is the place of the first tag of a name, else the first of all.
func (c *htmlCheck) first(name string) int {
	if len(c.tags) == 0 {
		return -1
	}
	return max(0, slices.IndexFunc(c.tags, func(raw string) bool { return tagName(raw) == name }))
}
