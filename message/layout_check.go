package message

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Sizes of the finished HTML in bytes: what a mail of ours needs at most, and where Gmail clips.
const (
	wantedSize = 20 << 10
	clipSize   = 100 << 10
)

// htmlCheck walks a rendered layout once.
type htmlCheck struct {
	set    *templateSet
	view   view
	found  *findings
	source string
	seen   map[string]int // tags by name, for finding their lines

	open  []element
	codes int
}

// element is what an open tag passes on to the text in it.
type element struct {
	tag          string
	ink, ground  colour
	size         float64 // CSS pixels
	bold, hidden bool
	leftToRight  bool
}

// checkHTML adds what is wrong with one rendered layout, where fields and slots stand for all that differs. Values are put in
// later, escaped for text; a slot anywhere else could break out, so it is refused here.
func checkHTML(set *templateSet, rendered string, v view, found *findings) {
	c := &htmlCheck{set: set, view: v, found: found, source: string(set.files[htmlFile].raw), seen: map[string]int{}}
	c.open = []element{{ink: colour{}, ground: colour{255, 255, 255}, size: 16}}
	for z := html.NewTokenizer(strings.NewReader(rendered)); z.Next() != html.ErrorToken; {
		bare := outsideQuotes(string(z.Raw()))
		token := z.Token()
		c.token(token)
		if bare && (token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken) {
			c.stop(token.Data, "a value stands in a tag and not between quotes", "Put the attribute's value between quotes")
		}
	}
	if c.codes != 1 {
		c.stop("", fmt.Sprintf("the code stands %d times in the text that is seen", c.codes), "Write {{.Code}} once, alone in its element")
	}
	c.document(rendered)
}

func (c *htmlCheck) add(tag, what, remedy string, stops bool) {
	f := c.set.finding(htmlFile, c.line(tag), what, remedy)
	f.Stops = stops
	c.found.add(f)
}

func (c *htmlCheck) stop(tag, what, remedy string)  { c.add(tag, what, remedy, true) }
func (c *htmlCheck) doubt(tag, what, remedy string) { c.add(tag, what, remedy, false) }

// line is that of the template where the tag that was seen last stands: the same one counted from the top.
func (c *htmlCheck) line(tag string) int {
	if tag == "" {
		return 0
	}
	source, opening := strings.ToLower(c.source), "<"+tag
	last, count := -1, 0
	for from := 0; count < c.seen[tag]; {
		at := strings.Index(source[from:], opening)
		if at < 0 {
			break
		}
		from += at + len(opening)
		if from == len(source) || !isNameByte(source[from]) { // <p is not <pre
			last = from
			count++
		}
	}
	if last < 0 {
		return 0
	}
	return lineAt([]byte(source), last)
}

func isNameByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '-' }

func (c *htmlCheck) token(t html.Token) {
	switch t.Type {
	case html.StartTagToken, html.SelfClosingTagToken:
		c.seen[t.Data]++
		c.tag(t)
		void := []string{"img", "meta", "br", "hr", "link", "input", "base", "source", "wbr", "area", "col", "embed"}
		if t.Type == html.StartTagToken && !slices.Contains(void, t.Data) {
			c.open = append(c.open, c.element(t))
		}
	case html.EndTagToken:
		c.close(t.Data)
	case html.TextToken:
		c.text(t.Data)
	case html.CommentToken:
		if strings.ContainsFunc(t.Data, reserved) {
			c.stop("", "a value stands in a comment", "Take it out")
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
			c.open = c.open[:i]
			return
		}
	}
}

// tag looks at one tag and its attributes.
func (c *htmlCheck) tag(t html.Token) {
	switch t.Data {
	case "script", "iframe", "object", "embed", "form", "input", "button", "link", "base", "svg", "video", "audio":
		c.stop(t.Data, "<"+t.Data+"> does not belong in a mail", "Take it out: mail programs drop it, or put the mail among the spam")
	case "a":
		c.doubt("a", "a link", "Leave links out: people learn to click in mails with codes, and that is how they are robbed")
	case "img":
		c.image(t)
	case "table":
		if role := attr(t, "role"); role != "presentation" && role != "none" {
			c.doubt("table", "a layout table without role=\"presentation\"", "Add it, or screen readers announce rows and columns")
		}
	case "html":
		if attr(t, "lang") != c.view.Locale || attr(t, "dir") != c.view.Direction {
			c.doubt("html", "<html> without lang=\"{{.Locale}}\" and dir=\"{{.Direction}}\"", "Add them: they choose the voice of a screen reader and the side where lines begin")
		}
	}
	for _, a := range t.Attr {
		c.attribute(t.Data, a)
	}
}

func (c *htmlCheck) attribute(tag string, a html.Attribute) {
	if strings.HasPrefix(a.Key, "on") || strings.Contains(a.Key, ":") && a.Key != "xml:lang" && !strings.HasPrefix(a.Key, "xmlns") {
		c.stop(tag, "attribute "+a.Key+" does not belong in a mail", "Take it out")
	}
	if strings.ContainsFunc(a.Key, reserved) {
		c.stop(tag, "a value stands in the name of an attribute", "Put it between quotes")
	}
	plain := []string{"title", "alt", "aria-label", "aria-description", "summary", "content", "label"}
	if strings.ContainsFunc(a.Val, reserved) && !slices.Contains(plain, a.Key) {
		c.stop(tag, "a value stands in attribute "+a.Key, "Sentences, the code and the application's name go into text, alt, title or aria-label")
	}
	if lower := strings.ToLower(strings.TrimSpace(a.Val)); strings.HasPrefix(lower, "javascript:") || strings.HasPrefix(lower, "data:") {
		c.stop(tag, "attribute "+a.Key+" has a "+lower[:strings.IndexByte(lower, ':')+1]+" address", "Take it out")
	}
}

func (c *htmlCheck) image(t html.Token) {
	if !hasAttr(t, "alt") {
		c.doubt("img", "a picture without alt", "Give alt=\"{{.LogoAlt}}\", or alt=\"\" where it says nothing")
	}
	switch src := attr(t, "src"); {
	case c.view.Logo != nil && src == c.view.Logo.URL:
	case !strings.HasPrefix(strings.ToLower(src), "https://"):
		c.stop("img", "a picture without an https address", "Give the brand's logo in BRANDS_FILE and use {{.Logo.URL}}")
	default:
		c.doubt("img", "a remote picture beside the brand's logo", "Leave it out: most programs block it, and it looks like tracking")
	}
}

// element works out what the text in a tag inherits.
func (c *htmlCheck) element(t html.Token) element {
	e := c.open[len(c.open)-1]
	e.tag = t.Data
	if dir := attr(t, "dir"); dir != "" {
		e.leftToRight = dir == "ltr"
	}
	if t.Data == "b" || t.Data == "strong" || t.Data == "h1" || t.Data == "h2" {
		e.bold = true
	}
	style := declarations(attr(t, "style"))
	if ink, ok := parseColour(style["color"]); ok {
		e.ink = ink
	}
	for _, name := range []string{"background-color", "background"} {
		if ground, ok := parseColour(style[name]); ok {
			e.ground = ground
		}
	}
	if ground, ok := parseColour(attr(t, "bgcolor")); ok {
		e.ground = ground
	}
	if size, err := strconv.ParseFloat(strings.TrimSuffix(style["font-size"], "px"), 64); err == nil {
		e.size = size
	}
	if weight := style["font-weight"]; weight != "" {
		n, _ := strconv.Atoi(weight)
		e.bold = weight == "bold" || n >= 700
	}
	if style["display"] == "none" || style["mso-hide"] == "all" {
		e.hidden = true
	}
	return e
}

// declarations reads a style attribute.
func declarations(style string) map[string]string {
	all := map[string]string{}
	for _, declaration := range strings.Split(style, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		value = strings.ToLower(strings.TrimSpace(value))
		all[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(strings.TrimSuffix(value, "!important"))
	}
	return all
}

// text looks at one text node.
func (c *htmlCheck) text(text string) {
	in := c.open[len(c.open)-1]
	if strings.TrimSpace(text) == "" {
		return
	}
	switch in.tag {
	case "script", "style":
		if strings.ContainsFunc(text, reserved) {
			c.stop(in.tag, "a value stands in <"+in.tag+">", "Take it out: it belongs into the text")
		}
		return
	case "title":
		return
	}
	preheader := strings.ContainsRune(text, firstField+preheaderAt)
	switch {
	case preheader && !in.hidden:
		c.doubt(in.tag, "the preheader is seen", "Hide it with display:none and mso-hide:all")
	case in.hidden:
		return
	}
	if n := strings.Count(text, string(slotCode)); n > 0 {
		c.codes += n
		if strings.TrimSpace(text) != string(slotCode) {
			c.stop(in.tag, "the code shares its text node", "Give {{.Code}} an element of its own: autofill takes what stands alone")
		}
		if !in.leftToRight {
			c.doubt(in.tag, "the code is not isolated from right-to-left text", "Put it into <span dir=\"ltr\">")
		}
	}
	c.legibility(in)
}

func (c *htmlCheck) legibility(in element) {
	least := readable
	if in.size >= 24 || in.bold && in.size >= 18.66 {
		least = readableLarge
	}
	if ratio := contrast(in.ink, in.ground); ratio < least {
		c.doubt(in.tag, fmt.Sprintf("text with a contrast of %.1f", ratio), fmt.Sprintf("Choose colours with %.1f or more (WCAG 2.2 AA), such as {{.Light.Ink}} on {{.Light.Card}}", least))
	}
}

// document looks at what concerns the whole.
func (c *htmlCheck) document(rendered string) {
	if strings.Contains(rendered, "ZgotmplZ") {
		c.stop("", "a value does not fit where it stands", "Put values into text and into quoted attributes only")
	}
	if strings.Contains(rendered, "%ee%80") || strings.Contains(rendered, "%EE%80") {
		c.stop("", "a sentence, the code or the application's name stands in an address", "Put it into the text")
	}
	if c.seen["title"] == 0 {
		c.doubt("", "no <title>", "Add <title>{{.Title}}</title>")
	}
	if !strings.Contains(rendered, "format-detection") {
		c.doubt("", "no <meta name=\"format-detection\">", "Add it as the built-in layout has it: phones make a telephone number of the code")
	}
	if !strings.Contains(rendered, "prefers-color-scheme") {
		c.doubt("", "no dark mode", "Add a @media (prefers-color-scheme: dark) with {{.Dark.Card}} and its like")
	}
	for _, wanted := range []struct {
		field rune
		name  string
	}{
		{firstField + preheaderAt, "Preheader"},
		{firstField + headingAt, "Heading"},
		{firstField + leadAt, "Lead"},
		{firstField + neverShareAt, "NeverShare"},
		{firstField + ignoreAt, "Ignore"},
	} {
		if !strings.ContainsRune(rendered, wanted.field) {
			c.doubt("", "{{."+wanted.name+"}} is missing", "Say it: the built-in layout shows where")
		}
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

// checkText adds what is wrong with one rendered text layout.
func checkText(set *templateSet, rendered string, found *findings) {
	source := string(set.files[textFile].raw)
	line := 0
	if at := strings.Index(source, ".Code"); at >= 0 {
		line = lineAt([]byte(source), at)
	}
	add := func(line int, what, remedy string, stops bool) {
		f := set.finding(textFile, line, what, remedy)
		f.Stops = stops
		found.add(f)
	}
	if n := strings.Count(rendered, string(slotCode)); n != 1 {
		add(line, fmt.Sprintf("the code stands %d times", n), "Write {{.Code}} once, on a line of its own", true)
	} else if !slices.Contains(strings.Split(strings.ReplaceAll(rendered, "\r", ""), "\n"), string(slotCode)) {
		add(line, "the code has no line of its own", "Put {{.Code}} on a line of its own: autofill takes what stands alone", true)
	}
	if !strings.ContainsRune(rendered, firstField+leadAt) {
		add(0, "{{.Lead}} is missing", "Say it: people need to know what the code is for", false)
	}
	if at := regexp.MustCompile(`(?i)</?[a-z][a-z0-9]*[^>]*>|&(amp|lt|gt|nbsp|#\d+);`).FindStringIndex(source); at != nil {
		add(lineAt([]byte(source), at[0]), "HTML in the text part", "Write plain text: nothing is escaped and nothing is interpreted there", false)
	}
}

// checkSize adds a finding where the finished HTML is large.
func checkSize(set *templateSet, size int, found *findings) {
	switch {
	case size > clipSize:
		found.add(set.finding(htmlFile, 0, "more than 100 KB of HTML", "Make it smaller: Gmail cuts a mail off there"))
	case size > wantedSize:
		f := set.finding(htmlFile, 0, "more than 20 KB of HTML", "Make it smaller: a code should not have to be loaded")
		f.Stops = false
		found.add(f)
	}
}
