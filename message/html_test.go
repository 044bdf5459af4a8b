package message_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/bidi"

	"byoe/message"
)

// What mail programs are known to need stands in every language's layout.
func TestLayoutForEveryClient(t *testing.T) {
	t.Parallel()
	composer := newComposer(t, settings())
	for _, locale := range composer.Locales() {
		e := sampleEvent()
		e.Locale = locale
		m, err := composer.Compose(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">`, `<meta name="x-apple-disable-message-reformatting">`,
			`<meta name="color-scheme" content="light dark">`, `<meta name="viewport" content="width=device-width, initial-scale=1">`,
			"@media (prefers-color-scheme: dark)",
			`<!--[if mso]><table role="presentation" cellpadding="0" cellspacing="0" border="0" width="480"><tr><td align="center"><![endif]-->`, "<!--[if mso]></td></tr></table><![endif]-->",
		} {
			if strings.Count(m.HTML, want) != 1 {
				t.Errorf("%s: %s is not there once", locale, want)
			}
		}
		for _, unwanted := range []string{"http:", "https:", "url(", "@import", "<a ", "<img", "font-size:1px"} {
			if strings.Contains(m.HTML, unwanted) {
				t.Errorf("%s: there is %q", locale, unwanted)
			}
		}
		if strings.Count(m.HTML, "<title>"+html.EscapeString(inBody(m))+"</title>") != 1 {
			t.Errorf("%s: the title is not the subject", locale)
		}
		preheader(t, locale, m)
	}
}

// inBody is the subject as it stands in a body, where a name is kept together in text from right to left.
func inBody(m *message.Message) string {
	if m.Variables["direction"] == "ltr" {
		return m.Subject
	}
	return strings.ReplaceAll(m.Subject, "My Test application", "\u2068My Test application\u2069")
}

// preheader sees to it that the line that mail lists show comes first, is hidden in every way there is, and is followed by
// so much of nothing that no list shows what comes after it.
func preheader(t *testing.T, locale string, m *message.Message) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Data != "div" {
			continue
		}
		style := attribute(node, "style")
		for _, way := range []string{"display:none", "visibility:hidden", "mso-hide:all", "font-size:0", "line-height:0", "max-height:0", "max-width:0", "opacity:0", "overflow:hidden"} {
			if !strings.Contains(style, way+";") {
				t.Errorf("%s: the preheader lacks %s", locale, way)
			}
		}
		words, nothing, _ := strings.Cut(node.FirstChild.Data, "\n")
		if !strings.Contains(words, "02345678") {
			t.Errorf("%s: the preheader is %q", locale, words)
		}
		if n := strings.Count(nothing, "\u00a0"); n < 90 || strings.ContainsFunc(nothing, unicode.IsLetter) {
			t.Errorf("%s: %d blanks behind the preheader", locale, n)
		}
		return
	}
	t.Errorf("%s: no preheader", locale)
}

// The code is the first thing of a subject, and no direction that a mail program gives the line takes it apart: its digits
// stand together and from left to right, at the side where the line begins.
func TestCodeInASubjectFromRightToLeft(t *testing.T) {
	t.Parallel()
	composer := newComposer(t, settings())
	for _, locale := range []string{"ar", "he", "en"} {
		for _, name := range []string{"Contoso", "Contoso 365", "متجر", "חנות", "365 (EU)", "1 + 2"} {
			e := sampleEvent()
			e.Locale, e.Client.AppDisplayName = locale, name
			m, err := composer.Compose(e)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(m.Subject, "02345678 - ") {
				t.Errorf("%s %s: the subject is %q", locale, name, m.Subject)
			}
			for _, direction := range []bidi.Direction{bidi.LeftToRight, bidi.RightToLeft} {
				var p bidi.Paragraph
				if _, err := p.SetString(m.Subject, bidi.DefaultDirection(direction)); err != nil {
					t.Fatal(err)
				}
				order, err := p.Order()
				if err != nil {
					t.Fatal(err)
				}
				if !inOneRun(order, "02345678") {
					t.Errorf("%s %s, direction %v: the code is taken apart in %q", locale, name, direction, m.Subject)
				}
			}
		}
	}
}

// inOneRun says whether a text is shown in one piece and from left to right.
func inOneRun(order bidi.Ordering, text string) bool {
	for i := range order.NumRuns() {
		if run := order.Run(i); strings.Contains(run.String(), text) {
			return run.Direction() == bidi.LeftToRight
		}
	}
	return false
}
