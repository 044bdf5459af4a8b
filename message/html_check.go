package message

import (
	"fmt"
	"slices"
	"strings"

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
