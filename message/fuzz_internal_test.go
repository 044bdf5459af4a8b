package message

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"byoe/event"
	"byoe/redact"
)

func sampleEvent(app, locale string) *event.Event {
	return &event.Event{
		Identifier: redact.NewSecret("ann@example.com"), Code: redact.NewSecret("02345678"), Locale: locale, Flow: event.FlowSignUp,
		Client: event.ServicePrincipal{AppDisplayName: app},
	}
}

// fewSources are those of a start with three languages in place of forty: thirteen times as many inputs in the same time.
func fewSources(c Config) *sources {
	s := readSources(c)
	for name := range s.set.files {
		if strings.HasPrefix(name, cataloguesIn) && !slices.Contains([]string{"en.json", "de.json", "ar.json"}, path.Base(name)) {
			delete(s.set.files, name)
		}
	}
	return s
}

// FuzzName: no name of an application leaves its place in any part of the mail.
func FuzzName(f *testing.F) {
	for _, name := range hostileNames() {
		f.Add(name, "en-us")
		f.Add(name, "ar-sa")
	}
	c, problems := NewComposer(Config{From: "no-reply@contoso.example", DefaultLocale: "en", Validity: 30 * time.Minute, CodeInSubject: true})
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	f.Fuzz(func(t *testing.T, name, locale string) { sameShape(t, c, sampleEvent(name, locale)) })
}

// FuzzBrands: a brand file is refused with findings or makes mails; it neither panics nor leaves its place.
func FuzzBrands(f *testing.F) {
	for _, seed := range []string{
		"", "default: {name: Contoso}", "default: {colors: {accent: \"#ffd400\"}, footer: x, support: \"{app}\"}", "apps: {x: {}}", "a: &a [*a]", "default: null",
		"default: {logo: {url: 'https://contoso.example/\"><script>', width: 1, height: 1, alt: '\"><b>'}}", "default: {strings: {de: {name: x}}}", "{", "- 1",
		"default: {templates: [{provider: sendgrid, id: d}]}", "a: &a {b: 1}\n<<: *a",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		file := filepath.Join(t.TempDir(), "brands.yaml")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		settings := Config{From: "no-reply@contoso.example", DefaultLocale: "en", BrandsFile: file}
		p := fewSources(settings).prepare(settings)
		c, problems := p.composer()
		if len(problems) > 0 {
			return
		}
		for _, finding := range p.lint() {
			if finding.Stops {
				t.Errorf("started with %v", finding)
			}
		}
		sameShape(t, c, sampleEvent(`"><script>alert(1)</script>`, "de"))
	})
}

// FuzzLayout: whatever layout is taken, a hostile name leaves its place in none.
func FuzzLayout(f *testing.F) {
	builtInLayout, err := builtIn.ReadFile(htmlFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(builtInLayout), "<p>{{.Code}}</p>", "<p title='{{.App}}'>{{.Code}}</p>", "<p title={{.App}}>{{.Code}}</p>", "<a href=\"{{.App}}\">{{.Code}}</a>",
		"<style>{{.App}}</style><p>{{.Code}}</p>", "<p>{{.Code}}</p><script>var x = {{.App}}</script>", "<!--{{.App}}--><p>{{.Code}}</p>", "<{{.App}}><p>{{.Code}}</p>",
		"<p {{.App}}=1>{{.Code}}</p>", "<textarea>{{.App}}</textarea><p>{{.Code}}</p>", "<xmp>{{.App}}</xmp><p>{{.Code}}</p>", "{{outlook `<p>`}}<p>{{.Code}}</p>",
		"<p style=\"x:{{.App}}\">{{.Code}}</p>", "<p onclick=\"{{.App}}\">{{.Code}}</p>", "<p title=\"a'{{.App}}\">{{.Code}}</p>", "<p title=`{{.App}}`>{{.Code}}</p>",
		"<svg><title>{{.App}}</title></svg><p>{{.Code}}</p>", "<plaintext>{{.App}}", "{{if .Logo}}{{.App}}{{end}}<p>{{.Code}}</p>", "<p title='x\"{{.App}}'>{{.Code}}</p>", "<a\xd8 href=x>{{.Code}}</a\xd8>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, htmlFile), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		settings := Config{From: "no-reply@contoso.example", DefaultLocale: "en", TemplatesDir: dir}
		c, problems := fewSources(settings).prepare(settings).composer()
		if len(problems) > 0 {
			return
		}
		for _, name := range hostileNames() {
			sameShape(t, c, sampleEvent(name, "en"))
		}
	})
}

// FuzzCatalogue: a catalogue is refused with a line, or every mail out of it is whole.
func FuzzCatalogue(f *testing.F) {
	for _, name := range []string{"catalogues/en.json", "catalogues/ar.json"} {
		raw, err := builtIn.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"flows": {"sign-up": {"subject": "{app"}}}`))
	settings := Config{From: "no-reply@contoso.example", DefaultLocale: "en", Validity: 30 * time.Minute, CodeInSubject: true}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := fewSources(settings)
		s.set.files["catalogues/cy.json"] = setFile{raw: raw, own: true}
		p := s.prepare(settings)
		c, problems := p.composer()
		for _, finding := range p.lint() {
			if finding.Line < 1 || finding.File != "catalogues/cy.json" || finding.Remedy == "" {
				t.Errorf("found %+v", finding)
			}
		}
		if len(problems) > 0 {
			return
		}
		m, err := c.Compose(sampleEvent("Contoso", "cy"))
		if err != nil {
			t.Fatal(err)
		}
		if m.Variables["locale"] != "cy" || strings.Count(m.Text, "02345678") != 1 || !strings.HasPrefix(m.Subject, "02345678 - ") || strings.ContainsFunc(m.Text+m.Subject, reserved) {
			t.Errorf("the mail is not whole: %q\n%s", m.Subject, m.Text)
		}
		sameShape(t, c, sampleEvent(`"><script>alert(1)</script>`, "cy"))
	})
}
