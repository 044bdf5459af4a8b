package message

import (
	htmltemplate "html/template"
	"strings"
	"testing"
	texttemplate "text/template"
	"time"

	"golang.org/x/net/html"

	"byoe/event"
)

// hostileNames try to leave every place that a name is put into.
func hostileNames() []string {
	return []string{
		"Contoso", `"><img src=x onerror=alert(1)>`, "</title><script>alert(1)</script>", "' onmouseover='alert(1)", "<!-- x", "]]>", "&amp;&lt;", "a & b",
		"\x00\x01", "{{.Code}}", "{code}", "\ue000\ue001\ue010", "a\u2028b", "=cmd|'/c calc'!A0", "x onclick=alert(1)", "`${alert(1)}`", "Ünï 会社 שלום عربى", "evil。example", "\u200bContoso\u00ad", "\ufffd",
	}
}

// tree is a document as a browser reads it.
func tree(t testing.TB, document string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := html.Render(&b, root); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A mail out of slots is the mail that the template engines themselves make of the values, in every language, for every
// hostile name: escaping later is escaping all the same.
func TestSlotsAreAsTheEngineWouldFillThem(t *testing.T) {
	t.Parallel()
	var found findings
	p := prepare(Config{From: "no-reply@contoso.example", DefaultLocale: "en", Validity: 30 * time.Minute, CodeInSubject: true})
	set := readTemplateSet("", &found)
	htmlEngine := htmltemplate.Must(htmltemplate.New(htmlFile).Funcs(functions()).Parse(string(set.files[htmlFile].raw)))
	textEngine := texttemplate.Must(texttemplate.New(textFile).Funcs(functions()).Parse(string(set.files[textFile].raw)))
	for i, words := range p.catalogues {
		for _, flow := range event.Flows() {
			l := p.standard.letters[i][flow]
			for _, name := range hostileNames() {
				app := displayName(name)
				_, gotHTML, gotText := l.write(app, "02345678")

				said := p.sentences(p.standard.brand, words, flow)
				v := newView(p.standard.brand, words, flow, said)
				real := func(isolate func(string) string) view {
					fill := strings.NewReplacer(string(slotApp), isolate(app), string(slotCode), "02345678").Replace
					r := v
					for i, field := range []*sentence{
						&r.Title, &r.Preheader, &r.Heading, &r.Lead, &r.CodeLabel, &r.Validity, &r.NeverShare, &r.Ignore, &r.SignOff, &r.Support, &r.Footer, &r.LogoAlt,
					} {
						*field = sentence(fill(said[i]))
					}
					r.App, r.Code = sentence(isolate(app)), "02345678"
					return r
				}
				var wantHTML, wantText strings.Builder
				if err := htmlEngine.Execute(&wantHTML, real(l.isolated)); err != nil {
					t.Fatal(err)
				}
				if err := textEngine.Execute(&wantText, real(l.isolated)); err != nil {
					t.Fatal(err)
				}
				if gotText != wantText.String() {
					t.Fatalf("%s %s %q: text\n%s\nwant\n%s", words.tag, flow, name, gotText, wantText.String())
				}
				if got, want := tree(t, gotHTML), tree(t, wantHTML.String()); got != want {
					t.Fatalf("%s %s %q: HTML\n%s\nwant\n%s", words.tag, flow, name, got, want)
				}
			}
		}
	}
}

func TestCutAndFill(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "",
		"plain":                       "plain",
		"\ue000":                      "APP",
		"a\ue001b\ue000":              "aCODEbAPP",
		"\ue000\ue001":                "APPCODE",
		"\ue0ff at the end \uf8ff":    " at the end ",
		"Ünï \ue001 会社 \ue000 \u2069": "Ünï CODE 会社 APP \u2069",
	} {
		if got := cut(text).fill(values{"APP", "CODE"}); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

// nothing of what the event brings changes the document that it stands in.
func sameShape(t testing.TB, c *Composer, e *event.Event) {
	t.Helper()
	m, err := c.Compose(e)
	if err != nil {
		t.Fatal(err)
	}
	shape := func(document string) string {
		var b strings.Builder
		for z := html.NewTokenizer(strings.NewReader(document)); z.Next() != html.ErrorToken; {
			token := z.Token()
			if token.Type == html.TextToken {
				continue
			}
			b.WriteString(token.Data)
			for _, a := range token.Attr {
				b.WriteString(" " + a.Key)
			}
			b.WriteByte('\n')
		}
		return b.String()
	}
	benign := *e
	benign.Client.AppDisplayName, benign.Client.DisplayName = "Contoso", "Contoso"
	plain, err := c.Compose(&benign)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(m.HTML), shape(plain.HTML); got != want {
		t.Errorf("the name %q changed the document:\n%s\nwant\n%s", e.Client.AppDisplayName, got, want)
	}
	if strings.ContainsAny(m.Subject, "\r\n") || strings.Count(m.Text, "\n") != strings.Count(plain.Text, "\n") {
		t.Errorf("the name %q broke a line", e.Client.AppDisplayName)
	}
}
