package preview_test

import (
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"byoe/internal/browsertest"
	"byoe/internal/require"
	"byoe/message"
	"byoe/message/preview"
)

const (
	shop = "11111111-2222-3333-4444-55555555aaaa" // has a brand
	plan = "66666666-7777-8888-9999-00000000bbbb" // has none
)

// branded has every part that a brand can have, in colours that are hard to write on.
const branded = `
default:
  footer: Contoso Ltd, Town
  support: Questions? Ask {app}.
apps:
  11111111-2222-3333-4444-55555555aaaa:
    name: Shop
    colors: {accent: "#ffd400", background: "#0b2545", surface: "#fff7e6"}
    templates: [{provider: sendgrid, id: d-shop}]
`

func written(t *testing.T) (dir string, c *message.Composer) {
	t.Helper()
	brands := filepath.Join(t.TempDir(), "brands.yaml")
	if err := os.WriteFile(brands, []byte(branded), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := message.Config{From: "Contoso <no-reply@contoso.example>", ReplyTo: "help@contoso.example", DefaultLocale: "en", CodeInSubject: true, Validity: 30 * time.Minute, BrandsFile: brands}
	c, problems := message.NewComposer(settings)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	dir = t.TempDir()
	findings := []message.Finding{{File: "mail.html", Line: 7, What: "a <finding>", Remedy: "Mend it"}}
	index, err := preview.Write(dir, c, findings)
	if err != nil {
		t.Fatal(err)
	}
	if index != filepath.Join(dir, "index.html") {
		t.Errorf("the index is %s", index)
	}
	return dir, c
}

// Every mail is there three times, and its text says what its headers are.
func TestEveryMailIsWritten(t *testing.T) {
	t.Parallel()
	dir, c := written(t)
	for _, brand := range []string{"default", shop} {
		for _, locale := range c.Locales() {
			for _, flow := range []string{"sign-up", "sign-in", "password-reset", "other"} {
				for _, part := range []string{"html", "dark.html", "txt"} {
					raw, err := os.ReadFile(filepath.Join(dir, brand, locale+"."+flow+"."+part))
					if err != nil || !strings.Contains(string(raw), "02345678") {
						t.Fatalf("%s %s %s %s: %v", brand, locale, flow, part, err)
					}
					if strings.Contains(string(raw), "prefers-color-scheme") != (part == "html") {
						t.Errorf("%s of %s has the wrong mode", part, locale)
					}
				}
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, shop, "de.sign-in.txt"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := mail.ReadMessage(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"From": "Contoso <no-reply@contoso.example>", "Reply-To": "help@contoso.example", "Content-Language": "de", "To": "someone@example.com", "Template-at-sendgrid": "d-shop"} {
		if got := parsed.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestUnwritableFolder(t *testing.T) {
	t.Parallel()
	_, c := written(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := preview.Write(file, c, nil); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestIndexInABrowser(t *testing.T) {
	ctx := browsertest.Open(t)
	dir, _ := written(t)
	see := func(expression string) string {
		t.Helper()
		value, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		return value
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+filepath.Join(dir, "index.html"))); err != nil {
		t.Fatal(err)
	}
	if got := see(`document.querySelectorAll("iframe").length + " " + document.querySelector("iframe").getAttribute("src") + " " + document.querySelector(".findings").innerText`); got != "40 default/ar.sign-up.html mail.html:7 a <finding>. Mend it" {
		t.Errorf("the page shows %q", got)
	}
	choose := `["brand:` + shop + `", "flow:other", "locale:he", "screen:642px", "part:dark.html"].forEach(c => { const [id, value] = c.split(":"); const s = document.getElementById(id); s.value = value; s.dispatchEvent(new Event("change")); });
		[...document.querySelectorAll("article")].filter(a => a.offsetParent).map(a => a.querySelector("iframe").getAttribute("src") + " " + a.querySelector("iframe").offsetWidth).join()`
	if got := see(choose); got != shop+"/he.other.dark.html 642" {
		t.Errorf("after choosing, the page shows %q", got)
	}
	if got := see("decodeURIComponent(location.hash)"); got != "#"+shop+",other,he,642px,dark.html" {
		t.Errorf("the address does not keep the choice: %q", got)
	}
}

// No language's mail, light or dark, plain or in a brand's colours, has an accessibility fault that axe-core knows.
func TestEveryMailIsAccessible(t *testing.T) {
	modules := os.Getenv("BYOE_NODE_MODULES")
	axe, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	require.Component(t, "axe-core", func() error {
		if modules == "" || err != nil {
			return fmt.Errorf("BYOE_NODE_MODULES does not name a folder with axe-core@4.14.1")
		}
		return nil
	})
	ctx := browsertest.Open(t)
	dir, c := written(t)
	// As a webmail shows it: inside the main part of its page.
	const audit = `document.body.innerHTML = "<main>" + document.body.innerHTML + "</main>"; axe.run(document).then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; ")).join("\n"))`
	check := func(file string) string {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate("file://"+file)); err != nil {
			t.Fatal(err)
		}
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](string(axe)+";null")); err != nil {
			t.Fatal(err)
		}
		violations, err := chromedp.Run(ctx, chromedp.Evaluate[string](audit, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return violations
	}
	for _, brand := range []string{"default", shop} {
		for i, locale := range c.Locales() {
			if testing.Short() && i%8 > 0 { // a browser finds nothing more under the race detector
				continue
			}
			for _, part := range []string{"html", "dark.html"} {
				if violations := check(filepath.Join(dir, brand, locale+".sign-up."+part)); violations != "" {
					t.Errorf("%s %s %s: %s", brand, locale, part, violations)
				}
			}
		}
	}
	bad := filepath.Join(t.TempDir(), "bad.html")
	if err := os.WriteFile(bad, []byte(`<html><body><p style="color:#ddd">faint</p><img src="x.png"></body></html>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if violations := check(bad); !strings.Contains(violations, "color-contrast") || !strings.Contains(violations, "image-alt") {
		t.Errorf("the audit finds nothing in a bad page: %q", violations)
	}
}

func TestContents(t *testing.T) {
	t.Parallel()
	_, c := written(t)
	list := preview.Contents(c)
	if want := []preview.Brand{{ID: "default", Label: "default"}, {ID: shop, Label: "Shop (" + shop + ")"}}; !slices.Equal(list.Brands, want) {
		t.Errorf("brands are %v, want %v", list.Brands, want)
	}
	if want := []string{"sign-up", "sign-in", "password-reset", "other"}; !slices.Equal(list.Flows, want) {
		t.Errorf("flows are %v, want %v", list.Flows, want)
	}
	if len(list.Locales) != len(c.Locales()) {
		t.Errorf("%d languages, want %d", len(list.Locales), len(c.Locales()))
	}
	for _, l := range list.Locales {
		if (l.Direction == "rtl") != (l.Tag == "ar" || l.Tag == "he") || l.Direction == "" {
			t.Errorf("%s runs %q", l.Tag, l.Direction)
		}
	}
}

// One mail is what the written pages show, and nothing stands in for a mail that there is not.
func TestOneMail(t *testing.T) {
	t.Parallel()
	dir, c := written(t)
	page, err := preview.One(c, shop, "he", "sign-in")
	if err != nil {
		t.Fatal(err)
	}
	for extension, got := range map[string]string{"html": page.HTML, "dark.html": page.DarkHTML, "txt": page.Text} {
		if raw, err := os.ReadFile(filepath.Join(dir, shop, "he.sign-in."+extension)); err != nil || string(raw) != got {
			t.Errorf("%s is not what is written: %v\n%s", extension, err, got)
		}
	}
	if page.Direction != "rtl" || !strings.Contains(page.Subject, "02345678") || !strings.Contains(page.Text, "\nSubject: "+page.Subject+"\n") {
		t.Errorf("subject %q, direction %q", page.Subject, page.Direction)
	}
	if plain, err := preview.One(c, "default", "he", "sign-in"); err != nil || plain.HTML == page.HTML {
		t.Errorf("the default brand's mail: %v", err)
	}
	for _, words := range [][3]string{{plan, "he", "sign-in"}, {"", "he", "sign-in"}, {shop, "he-IL", "sign-in"}, {shop, "", "sign-in"}, {shop, "he", "signin"}, {shop, "he", ""}} {
		if page, err := preview.One(c, words[0], words[1], words[2]); !errors.Is(err, preview.ErrNoMail) || page != (preview.Page{}) {
			t.Errorf("%q gave %v and a page for %q", words, err, page.Subject)
		}
	}
}
