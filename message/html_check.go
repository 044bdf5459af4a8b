package message

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// htmlCheck walks a rendered layout once.
type htmlCheck struct {
	set    *templateSet
	view   view
	found  *findings
	source sourceMap

	tags      []string // start and end tags as they were rendered, for finding their lines
	open      []element
	darkRules []darkRule

	codes            int
	codeAt, hiddenAt int // where the code was seen last, and where it is hidden; -1 is nowhere
	titled, wrapped  bool
}

// checkHTML adds what is wrong with one rendered layout, where fields and slots stand for all that differs. Values are put in
// later, escaped for text; a slot anywhere else could break out, so it is refused here.
func checkHTML(set *templateSet, page string, v view, found *findings) {
	c := &htmlCheck{set: set, view: v, found: found, source: sourceMap{source: string(set.files[htmlFile].raw)}, codeAt: -1, hiddenAt: -1}
	black, white := colour{}, colour{255, 255, 255}
	c.open = []element{{at: -1, light: shades{black, white}, dark: shades{black, white}, size: 16}}
	for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
		raw := string(z.Raw())
		c.token(z.Token(), raw)
	}
	for _, e := range c.open[1:] {
		c.unclosed(e)
	}
	switch {
	case c.codes == 0 && c.hiddenAt >= 0:
		c.stop(c.hiddenAt, "the code stands 0 times in the text that is seen", "Show it: {{.Code}} stands in a hidden element")
	case c.codes == 0:
		c.stop(c.first("body"), "the code stands 0 times in the text that is seen", "Write {{.Code}} once, alone in its element")
	case c.codes > 1:
		c.stop(c.codeAt, fmt.Sprintf("the code stands %d times in the text that is seen", c.codes), "Write {{.Code}} once, alone in its element")
	}
	c.document(page)
}

// here is the tag at hand.
func (c *htmlCheck) here() int { return len(c.tags) - 1 }

func (c *htmlCheck) add(at int, what, remedy string, stops bool) {
	f := c.set.finding(htmlFile, c.source.line(c.tags[:at+1]), what, remedy)
	f.Stops = stops
	c.found.add(f)
}

func (c *htmlCheck) stop(at int, what, remedy string)  { c.add(at, what, remedy, true) }
func (c *htmlCheck) doubt(at int, what, remedy string) { c.add(at, what, remedy, false) }

func (c *htmlCheck) token(t html.Token, raw string) {
	switch t.Type {
	case html.StartTagToken, html.SelfClosingTagToken:
		c.tags = append(c.tags, raw)
		if outsideQuotes(raw) {
			c.stop(c.here(), "a value stands in a tag and not between quotes", "Put the attribute's value between quotes")
		}
		if strings.Contains(strings.ToLower(raw), "zgotmplz") {
			c.stop(c.here(), "a value does not fit where it stands", "Put values into text and into quoted attributes only")
		}
		c.tag(t)
		void := []string{"img", "meta", "br", "hr", "link", "input", "base", "source", "wbr", "area", "col", "embed"}
		if t.Type == html.StartTagToken && !slices.Contains(void, t.Data) {
			c.open = append(c.open, c.element(t))
		}
	case html.EndTagToken:
		c.tags = append(c.tags, raw)
		c.close(t.Data)
	case html.TextToken:
		c.text(t.Data)
	case html.CommentToken:
		if strings.ContainsFunc(t.Data, reserved) {
			c.stop(c.here(), "a value stands in a comment", "Take it out")
		}
	case html.DoctypeToken, html.ErrorToken:
	}
}

// outsideQuotes says whether a slot stands in a tag where a blank in its value would begin another attribute.
func outsideQuotes(tag string) bool {
	var quote rune
	for _, r := range tag {
		switch {
		case quote == 0 && reserved(r):
			return true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		}
	}
	return false
}

func (c *htmlCheck) close(tag string) {
	for i := len(c.open) - 1; i > 0; i-- {
		if c.open[i].tag == tag {
			for _, e := range c.open[i+1:] {
				c.unclosed(e)
			}
			c.open = c.open[:i]
			return
		}
	}
	c.doubt(c.here(), "</"+tag+"> closes nothing", "Take it out, or open the element: mail programs guess, each in its own way")
}

func (c *htmlCheck) unclosed(e element) {
	c.doubt(e.at, "<"+e.tag+"> is not closed", "Close it: mail programs guess, each in its own way")
}

// tag looks at one tag and its attributes.
func (c *htmlCheck) tag(t html.Token) {
	switch t.Data {
	case "script", "iframe", "object", "embed", "form", "input", "button", "link", "base", "svg", "video", "audio":
		c.stop(c.here(), "<"+t.Data+"> does not belong in a mail", "Take it out: mail programs drop it, or put the mail among the spam")
	case "a":
		c.doubt(c.here(), "a link", "Leave links out: people learn to click in mails with codes, and that is how they are robbed")
	case "img":
		c.image(t)
	case "meta":
		if strings.EqualFold(attr(t, "http-equiv"), "refresh") {
			c.stop(c.here(), "a mail that leads elsewhere by itself", "Take the refresh out: mail programs drop it, or put the mail among the spam")
		}
	case "title":
		c.titled = true
	case "table":
		if role := attr(t, "role"); role != "presentation" && role != "none" {
			c.doubt(c.here(), "a layout table without role=\"presentation\"", "Add it, or screen readers announce rows and columns")
		}
	}
	inLanguage := attr(t, "lang") == c.view.Locale && attr(t, "dir") == c.view.Direction
	switch {
	case t.Data == "html" && !inLanguage:
		c.doubt(c.here(), "<html> without lang=\"{{.Locale}}\" and dir=\"{{.Direction}}\"", "Add them: they choose the voice of a screen reader and the side where lines begin")
	case t.Data != "html" && t.Data != "body" && inLanguage:
		c.wrapped = true
	}
	for _, a := range t.Attr {
		c.attribute(a)
	}
}

func (c *htmlCheck) attribute(a html.Attribute) {
	if strings.HasPrefix(a.Key, "on") || strings.Contains(a.Key, ":") && a.Key != "xml:lang" && !strings.HasPrefix(a.Key, "xmlns") {
		c.stop(c.here(), "attribute "+a.Key+" does not belong in a mail", "Take it out")
	}
	if strings.ContainsFunc(a.Key, reserved) {
		c.stop(c.here(), "a value stands in the name of an attribute", "Put it between quotes")
	}
	plain := []string{"title", "alt", "aria-label", "aria-description", "summary", "content", "label"}
	if strings.ContainsFunc(a.Val, reserved) && !slices.Contains(plain, a.Key) {
		c.stop(c.here(), "a value stands in attribute "+a.Key, "Sentences, the code and the application's name go into text, alt, title or aria-label")
	}
	lower := strings.ToLower(strings.TrimSpace(a.Val))
	if strings.HasPrefix(lower, "javascript:") || strings.HasPrefix(lower, "data:") {
		c.stop(c.here(), "attribute "+a.Key+" has a "+lower[:strings.IndexByte(lower, ':')+1]+" address", "Take it out")
	}
	if strings.Contains(lower, slotInAddress) {
		c.stop(c.here(), "a sentence, the code or the application's name stands in an address", "Put it into the text")
	}
	if a.Key == "background" || a.Key == "srcset" || a.Key == "style" && loads(lower) {
		c.doubt(c.here(), "attribute "+a.Key+" loads something", "Leave it out: most programs block it, and it looks like tracking")
	}
}

// slotInAddress is how html/template writes the first two octets of a slot into an address.
const slotInAddress = "%ee%80"

func (c *htmlCheck) image(t html.Token) {
	if !hasAttr(t, "alt") {
		c.doubt(c.here(), "a picture without alt", "Give alt=\"{{.LogoAlt}}\", or alt=\"\" where it says nothing")
	}
	switch src := attr(t, "src"); {
	case c.view.Logo != nil && src == c.view.Logo.URL:
	case !strings.HasPrefix(strings.ToLower(src), "https://"):
		c.stop(c.here(), "a picture without an https address", "Give the brand's logo in BRANDS_FILE and use {{.Logo.URL}}")
	default:
		c.doubt(c.here(), "a remote picture beside the brand's logo", "Leave it out: most programs block it, and it looks like tracking")
	}
}

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

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(t html.Token, name string) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == name })
}
