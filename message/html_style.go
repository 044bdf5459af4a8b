package message

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// element is what an open tag passes on to the text in it.
type element struct {
	tag         string
	at          int // among the rendered tags
	light, dark shades
	size        float64 // CSS pixels
	bold        bool
	leftToRight bool
	hiding      hiding
}

// shades are the colours of text in one mode.
type shades struct{ ink, ground colour }

// hiding is the ways in which an element is hidden. Each works in some mail programs and not in others.
type hiding struct{ display, outlook, small, otherwise bool }

func (h hiding) anyhow() bool     { return h.display || h.outlook || h.small || h.otherwise }
func (h hiding) everywhere() bool { return h.display && h.outlook && h.small }

// element works out what the text in a tag inherits.
func (c *htmlCheck) element(t html.Token) element {
	e := c.open[len(c.open)-1]
	e.tag, e.at = t.Data, len(c.tags)-1
	if dir := attr(t, "dir"); dir != "" {
		e.leftToRight = dir == "ltr"
	}
	if t.Data == "b" || t.Data == "strong" || t.Data == "h1" || t.Data == "h2" {
		e.bold = true
	}
	style := declarations(attr(t, "style"))
	c.paint(&e.light, style)
	if ground, ok := parseColour(attr(t, "bgcolor")); ok {
		e.light.ground = ground
	}
	c.paintDark(&e, t, style)
	if size, err := strconv.ParseFloat(strings.TrimSuffix(style["font-size"], "px"), 64); err == nil {
		e.size = size
	}
	if weight := style["font-weight"]; weight != "" {
		n, _ := strconv.Atoi(weight)
		e.bold = weight == "bold" || n >= 700
	}
	e.hiding.display = e.hiding.display || style["display"] == "none"
	e.hiding.outlook = e.hiding.outlook || style["mso-hide"] == "all"
	e.hiding.small = e.hiding.small || e.size <= 1 || isZero(style["max-height"]) && style["overflow"] == "hidden"
	e.hiding.otherwise = e.hiding.otherwise || style["visibility"] == "hidden" || isZero(style["opacity"]) || hasAttr(t, "hidden")
	return e
}

func isZero(length string) bool { return length == "0" || length == "0px" }

// paint takes the colours of a style, and doubts those that it cannot read.
func (c *htmlCheck) paint(s *shades, style map[string]string) {
	for _, name := range []string{"color", "background", "background-color"} {
		value, given := style[name]
		if !given {
			continue
		}
		shade, ok := parseColour(value)
		switch {
		case ok && name == "color":
			s.ink = shade
		case ok:
			s.ground = shade
		case !slices.Contains([]string{"inherit", "transparent", "none", "initial", "currentcolor"}, value) && !loads(value):
			c.doubt(c.here(), name+" is not of the form #rrggbb", "Write it so: some mail programs know no other form, and the contrast cannot be computed")
		}
	}
}

// paintDark takes the colours that the dark mode gives a tag by its name and classes, over its own: the style of a tag goes
// before a class, but for what is !important, as everything in a dark mode has to be.
func (c *htmlCheck) paintDark(e *element, t html.Token, style map[string]string) {
	c.paint(&e.dark, style)
	if ground, ok := parseColour(attr(t, "bgcolor")); ok {
		e.dark.ground = ground
	}
	for _, rule := range c.darkRules {
		if rule.selector == t.Data || slices.Contains(strings.Fields(attr(t, "class")), strings.TrimPrefix(rule.selector, ".")) {
			c.paint(&e.dark, rule.style)
		}
	}
}

// darkRule is one rule of the dark mode, of a tag's name or a class with its dot.
type darkRule struct {
	selector string
	style    map[string]string
}

// darkRules reads the media query for the dark mode out of a style sheet.
func darkRules(sheet string) []darkRule {
	begin := regexp.MustCompile(`@media[^{}]*prefers-color-scheme:\s*dark[^{}]*\{`).FindStringIndex(sheet)
	if begin == nil {
		return nil
	}
	var rules []darkRule
	for block := sheet[begin[1]:]; ; {
		selectors, rest, opens := strings.Cut(block, "{")
		body, rest, closes := strings.Cut(rest, "}")
		if !opens || !closes || strings.Contains(selectors, "}") { // the query's own end
			return rules
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			rules = append(rules, darkRule{strings.TrimSpace(selector), declarations(body)})
		}
		block = rest
	}
}

// loads says whether a style fetches something.
func loads(style string) bool {
	style = strings.ToLower(style)
	return strings.Contains(style, "url(") || strings.Contains(style, "@import")
}

// declarations reads a style attribute.
func declarations(style string) map[string]string {
	all := map[string]string{}
	for declaration := range strings.SplitSeq(style, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			value = strings.ToLower(strings.TrimSpace(value))
			all[name] = strings.TrimSpace(strings.TrimSuffix(value, "!important"))
		}
	}
	return all
}

// legibility doubts text that cannot be read in one of the modes.
func (c *htmlCheck) legibility(in element) {
	least := readable
	if in.size >= 24 || in.bold && in.size >= 18.66 {
		least = readableLarge
	}
	if ratio := contrast(in.light.ink, in.light.ground); ratio < least {
		c.doubt(in.at, fmt.Sprintf("text with a contrast of %.1f", ratio), fmt.Sprintf("Choose colours with %.1f or more (WCAG 2.2 AA), such as {{.Light.Ink}} on {{.Light.Card}}", least))
	}
	if ratio := contrast(in.dark.ink, in.dark.ground); len(c.darkRules) > 0 && ratio < least {
		c.doubt(in.at, fmt.Sprintf("text with a contrast of %.1f in dark mode", ratio), fmt.Sprintf("Give its class a colour there with %.1f or more (WCAG 2.2 AA), such as {{.Dark.Ink}} on {{.Dark.Card}}", least))
	}
}
