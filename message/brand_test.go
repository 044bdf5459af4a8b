package message_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"byoe/event"
	"byoe/message"
)

const (
	shop = "11111111-2222-3333-4444-55555555aaaa"
	plan = "66666666-7777-8888-9999-00000000bbbb"
)

// branded is a brand file that uses everything.
const branded = `
default:
  name: Contoso
  colors: {accent: "#ffd400", background: "#0b2545", surface: "#fff7e6"}
  logo: {url: "https://contoso.example/logo.png", alt: "{app} logo", width: 120, height: 40}
  replyTo: help@contoso.example
  footer: Contoso Ltd, Town
  support: Questions? Ask {app}.
  strings:
    de:
      name: Contoso Deutschland
      footer: Contoso GmbH, Stadt
      neverShare: Niemand von {app} fragt nach dem Code.
  templates:
    - {provider: sendgrid, id: d-any}
    - {provider: sendgrid, id: d-up, flow: sign-up}
    - {provider: sendgrid, id: d-de, locale: de}
    - {provider: sendgrid, id: d-de-up, locale: de, flow: sign-up}
apps:
  11111111-2222-3333-4444-55555555AAAA:
    name: Shop
    from: Shop <shop@contoso.example>
    colors: {accent: "#102030"}
    strings:
      de: {flows: {sign-up: {heading: Willkommen}}}
      en: {support: "Shop help: {app}"}
  66666666-7777-8888-9999-00000000bbbb:
    templates: [{provider: sendgrid, id: d-plan}]
`

func withBrands(t testing.TB, yaml string) message.Config {
	t.Helper()
	c := settings()
	c.BrandsFile = filepath.Join(t.TempDir(), "brands.yaml")
	if err := os.WriteFile(c.BrandsFile, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func of(appID, locale string) func(e *event.Event) {
	return func(e *event.Event) { e.Client.AppID, e.Locale = appID, locale }
}

func TestBrandOfTheApplication(t *testing.T) {
	t.Parallel()
	c := withBrands(t, branded)
	m := compose(t, c, of("other", "en"))
	if m.Subject != "02345678 - Your sign-up code for Contoso" || m.From.String() != `"Contoso" <no-reply@contoso.example>` || m.ReplyTo == nil || m.ReplyTo.Address != "help@contoso.example" {
		t.Errorf("default brand: subject %q from %v to %v", m.Subject, m.From, m.ReplyTo)
	}
	for _, want := range []string{"Contoso Ltd, Town", "Questions? Ask Contoso."} {
		if !strings.Contains(m.Text, want) || !strings.Contains(visibleText(t, m.HTML), want) {
			t.Errorf("%q is not in both parts", want)
		}
	}
	if !strings.Contains(m.HTML, `<img src="https://contoso.example/logo.png" alt="Contoso logo" width="120" height="40"`) {
		t.Error("no logo")
	}
	for _, colour := range []string{"#ffd400", "#0b2545", "#fff7e6"} {
		if !strings.Contains(m.HTML, colour) {
			t.Errorf("no %s", colour)
		}
	}
	if m.Variables["footer"] != "Contoso Ltd, Town" || m.Variables["support"] != "Questions? Ask Contoso." {
		t.Errorf("variables are %v", m.Variables)
	}

	m = compose(t, c, of(strings.ToUpper(shop), "de-at"))
	if !strings.Contains(m.HTML, `alt="Contoso Deutschland logo"`) {
		t.Errorf("the default brand's logo is lost:\n%s", m.HTML)
	}
	if m.From.Address != "shop@contoso.example" || !strings.Contains(m.Text, "Willkommen") || !strings.Contains(m.HTML, "#102030") || strings.Contains(m.HTML, "#ffd400") {
		t.Errorf("the application's own brand: from %v\n%s", m.From, m.Text)
	}
	if !strings.Contains(m.Text, "Niemand von Contoso Deutschland fragt nach dem Code.") || !strings.Contains(m.Text, "Contoso GmbH, Stadt") {
		t.Errorf("the default brand's German words are lost:\n%s", m.Text)
	}
	if m := compose(t, c, of(shop, "en")); !strings.Contains(m.Text, "Shop help: Shop") {
		t.Errorf("support line of the language:\n%s", m.Text)
	}
}

func TestNearestHostedTemplate(t *testing.T) {
	t.Parallel()
	c := withBrands(t, branded)
	for _, tt := range []struct {
		app, locale string
		flow        event.Flow
		want        string
	}{
		{"", "en", event.FlowSignIn, "d-any"},
		{"", "en", event.FlowSignUp, "d-up"},
		{"", "de-de", event.FlowSignIn, "d-de"},
		{shop, "de-de", event.FlowSignUp, "d-de-up"},
		{plan, "en", event.FlowSignIn, "d-plan"},
		{plan, "de", event.FlowSignIn, "d-de"},
	} {
		m := compose(t, c, func(e *event.Event) { e.Client.AppID, e.Locale, e.Flow = tt.app, tt.locale, tt.flow })
		if got := m.Templates["sendgrid"]; got != tt.want {
			t.Errorf("%s %s %s: %q, want %q", tt.app, tt.locale, tt.flow, got, tt.want)
		}
		if m.Templates["mailjet"] != "" {
			t.Error("a template at a provider that none was named at")
		}
	}
	c = withBrands(t, "default: {templates: [{provider: sendgrid, id: d-up, flow: sign-up}, {provider: sendgrid, id: d-de, locale: de}, {provider: sendgrid, id: d-late, locale: de}]}")
	if got := compose(t, c, of("", "de")).Templates["sendgrid"]; got != "d-de" {
		t.Errorf("the flow, or the later entry, went before the language: %q", got)
	}
	composer := newComposer(t, c)
	if got := composer.TemplateIDs("sendgrid"); !slices.Equal(got, []string{"d-de", "d-late", "d-up"}) || composer.TemplateIDs("mailjet") != nil {
		t.Errorf("template ids are %q", got)
	}
	if len(compose(t, settings(), nil).Templates) != 0 {
		t.Error("a template without a brand file")
	}
}

// Whatever colours a brand has, its mail can be read: the lint computes the contrast of every text on its ground.
func TestEveryBrandColourIsLegible(t *testing.T) {
	t.Parallel()
	for _, colour := range []string{"#000000", "#ffffff", "#777777", "#767676", "#ff0000", "#00ff00", "#0000ff", "#808000", "#ffd400", "#8a8a8a"} {
		for _, place := range []string{"accent", "background", "surface"} {
			c := withBrands(t, fmt.Sprintf("default: {footer: Town, support: Help, colors: {%s: %q}}", place, colour))
			for _, f := range message.Lint(c) {
				t.Errorf("%s %s: %s %s", place, colour, f.Place(), f.What)
			}
		}
	}
}

func TestJSONBrandFile(t *testing.T) {
	t.Parallel()
	if m := compose(t, withBrands(t, `{"default": {"name": "Contoso"}}`), nil); !strings.Contains(m.Subject, "for Contoso") {
		t.Errorf("subject is %q", m.Subject)
	}
	if m := compose(t, withBrands(t, ""), nil); !strings.Contains(m.Subject, "My Test application") {
		t.Errorf("an empty file: %q", m.Subject)
	}
}

// The same event makes the same bytes, on another instance too: vendors compare what comes under one idempotency key.
func TestComposeIsStable(t *testing.T) {
	t.Parallel()
	c := withBrands(t, branded)
	for _, locale := range []string{"en", "ar", "ja"} {
		a, b := compose(t, c, of(shop, locale)), compose(t, c, of(shop, locale))
		if a.HTML != b.HTML || a.Text != b.Text || a.Subject != b.Subject || fmt.Sprint(a.Headers) != fmt.Sprint(b.Headers) || fmt.Sprint(a.Variables) != fmt.Sprint(b.Variables) {
			t.Errorf("%s: two mails for one event", locale)
		}
	}
}

// MAIL_SUBJECT stands in place of the built-in subjects; what a brand says about its own goes before it.
func TestSubjectOfTheBrand(t *testing.T) {
	t.Parallel()
	c := withBrands(t, "default: {strings: {de: {flows: {sign-up: {subject: \"{app}: Ihr Code\"}}}}}")
	c.Subject = "Your account verification code"
	for locale, want := range map[string]string{"en": "02345678 - Your account verification code", "de": "02345678 - My Test application: Ihr Code"} {
		if got := compose(t, c, of("", locale)).Subject; got != want {
			t.Errorf("%s: subject is %q, want %q", locale, got, want)
		}
	}
}

// The alternative text of the logo is a sentence like any other, and each language may have its own.
func TestLogoInTheLanguage(t *testing.T) {
	t.Parallel()
	const logo = `default: {name: Contoso, logo: {url: "https://contoso.example/logo.png", width: 1, height: 1%s}, strings: {de: {logoAlt: "Zeichen von {app}"}}}`
	for given, want := range map[string]string{"": "Contoso", ", alt: \"{app} logo\"": "Contoso logo"} {
		c := withBrands(t, fmt.Sprintf(logo, given))
		for locale, want := range map[string]string{"en": want, "de": "Zeichen von Contoso"} {
			if html := compose(t, c, of("", locale)).HTML; !strings.Contains(html, `alt="`+want+`"`) {
				t.Errorf("%s with %q: no %q in\n%s", locale, given, want, html)
			}
		}
	}
}

// What is wrong in one place hides nothing of what is wrong in another: one start tells all.
func TestEverythingIsToldAtOnce(t *testing.T) {
	t.Parallel()
	c := edited(t,
		change{layout, `{{.Code}}`, ``}, change{text, `{{.Lead}}`, `{{.Laed}}`},
		change{german, `"codeLabel": "`, `"codeLabel": "2`}, change{"catalogues/tlh.json", "", "{"}, change{"mail.htm", "", ""},
	)
	c.BrandsFile = withBrands(t, "default: {colors: {accent: red}}\napps: {shop: {name: X}}").BrandsFile
	c.From, c.DefaultLocale = "nobody", "xx"
	told := c.Validate().Error()
	for _, want := range []string{
		"MAIL_FROM", "MAIL_DEFAULT_LOCALE", "the code stands 0 times", "unknown variable .Laed", "codeLabel has a digit", "catalogues/tlh.json:1", "mail.htm: a file",
		"colors.accent", "no application id",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("not told: %s\n%s", want, told)
		}
	}
}

// Applications share what is the same in their mails, and nothing else.
func TestBrandsShareNothingThatDiffers(t *testing.T) {
	t.Parallel()
	c := withBrands(t, `
default: {footer: Everybody's}
apps:
  11111111-2222-3333-4444-55555555aaaa: {name: One, strings: {en: {support: Only One}}}
  66666666-7777-8888-9999-00000000bbbb: {name: Two, from: Two <two@contoso.example>, colors: {accent: "#123456"}}
`)
	one, two, none := compose(t, c, of(shop, "en")), compose(t, c, of(plan, "en")), compose(t, c, of("", "en"))
	for i, m := range []*message.Message{one, two, none} {
		for name, want := range map[string][]bool{"One": {true, false, false}, "Only One": {true, false, false}, "Two": {false, true, false}, "#123456": {false, true, false}, "My Test": {false, false, true}} {
			if got := strings.Contains(m.HTML, name); got != want[i] {
				t.Errorf("brand %d: %q is there: %v", i, name, got)
			}
		}
	}
	if one.From.Address != "no-reply@contoso.example" || two.From.Address != "two@contoso.example" {
		t.Errorf("from %v and %v", one.From, two.From)
	}
}

// Right-to-left mails say so twice, begin their lines on the right, keep the code from left to right, and the name together.
func TestRightToLeft(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"ar-sa", "he-il"} {
		m := compose(t, settings(), of("", locale))
		root, err := html.Parse(strings.NewReader(m.HTML))
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for node := range root.Descendants() {
			if attribute(node, "dir") == "rtl" {
				told++
			}
			if node.Type == html.TextNode && strings.TrimSpace(node.Data) == "02345678" && attribute(node.Parent, "dir") != "ltr" {
				t.Errorf("%s: the code is not isolated", locale)
			}
		}
		if told != 2 || !strings.Contains(m.HTML, `align="right"`) || strings.Contains(m.HTML, `align="left"`) {
			t.Errorf("%s: dir=rtl stands %d times", locale, told)
		}
		if !strings.Contains(m.Text, "\u2068My Test application\u2069") || strings.ContainsAny(m.Subject, "\u2068\u2069") {
			t.Errorf("%s: subject %q, text\n%s", locale, m.Subject, m.Text)
		}
	}
	if m := compose(t, withBrands(t, "default: {name: Contoso (EU).}"), of("", "ar-sa")); !strings.Contains(m.Text, "\u2068Contoso (EU).\u2069") || !strings.Contains(m.HTML, "\u2068Contoso (EU).\u2069") || strings.Contains(m.Subject, "\u2068") {
		t.Errorf("a brand's name is not kept together:\n%s\n%s", m.Subject, m.Text)
	}
	if m := compose(t, settings(), nil); strings.ContainsAny(m.Text+m.HTML, "\u2068\u2069") {
		t.Error("isolates in a mail from left to right")
	}
}
