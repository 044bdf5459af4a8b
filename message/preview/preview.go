// Package preview writes every mail that a composer makes as pages for a browser: one file for each brand, language and
// flow, light and dark, its text and headers beside it, and an index over all of them. It needs no server and no network.
package preview

import (
	_ "embed" // the index page
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"strings"

	"byoe/event"
	"byoe/message"
	"byoe/redact"
)

//go:embed index.html
var indexPage string

// The sample event. Nothing in it is anybody's.
const (
	sampleAddress = "someone@example.com"
	sampleCode    = "02345678"
	sampleApp     = "Contoso Demo"
)

// index is what the index page shows.
type index struct {
	Brands   []brandEntry
	Flows    []string
	Locales  []localeEntry
	Findings []message.Finding
}

type brandEntry struct{ Folder, Label string }

type localeEntry struct{ Tag, Direction string }

// Write writes the pages into dir, which it makes where it is not there, and returns the index's path.
func Write(dir string, c *message.Composer, findings []message.Finding) (string, error) {
	page := index{Brands: []brandEntry{{"default", "default"}}, Findings: findings}
	for _, id := range c.Apps() {
		page.Brands = append(page.Brands, brandEntry{id, id})
	}
	for _, flow := range event.Flows() {
		page.Flows = append(page.Flows, flow.String())
	}
	for _, tag := range c.Locales() {
		page.Locales = append(page.Locales, localeEntry{Tag: tag})
	}
	for i, brand := range page.Brands {
		for j, locale := range page.Locales {
			for _, flow := range event.Flows() {
				m, err := sample(c, brand.Folder, locale.Tag, flow)
				if err != nil {
					return "", err
				}
				page.Locales[j].Direction = m.Variables["direction"]
				if i > 0 {
					page.Brands[i].Label = m.Variables["app"] + " (" + brand.Folder + ")"
				}
				if err := writeMail(filepath.Join(dir, brand.Folder), locale.Tag+"."+flow.String(), m, c.TemplateProviders()); err != nil {
					return "", err
				}
			}
		}
	}
	return writeIndex(dir, page)
}

func sample(c *message.Composer, appID, locale string, flow event.Flow) (*message.Message, error) {
	return c.Compose(&event.Event{
		Identifier: redact.NewSecret(sampleAddress), Code: redact.NewSecret(sampleCode), Flow: flow, Locale: locale,
		Client: event.ServicePrincipal{AppID: appID, AppDisplayName: sampleApp},
	})
}

// writeMail writes the mail as it is, as a dark screen shows it, and as text.
func writeMail(dir, name string, m *message.Message, templateProviders []string) error {
	// In a browser that prefers light the query for dark would never hold.
	dark := strings.ReplaceAll(m.HTML, "@media (prefers-color-scheme: dark)", "@media all")
	files := map[string]string{name + ".html": m.HTML, name + ".dark.html": dark, name + ".txt": asText(m, templateProviders)}
	for name, content := range files {
		if err := write(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	return nil
}

// asText is the header fields and the text part.
func asText(m *message.Message, templateProviders []string) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "From: %s <%s>\nTo: %s\nSubject: %s\n", m.From.Name, m.From.Address, m.To.Reveal(), m.Subject)
	if m.ReplyTo != nil {
		_, _ = fmt.Fprintf(&b, "Reply-To: %s\n", m.ReplyTo.Address)
	}
	for _, h := range m.Headers {
		_, _ = fmt.Fprintf(&b, "%s: %s\n", h.Name, h.Value)
	}
	for _, provider := range templateProviders {
		if id := m.Templates[provider]; id != "" { // no field of the mail: what goes out there in place of the parts
			_, _ = fmt.Fprintf(&b, "Template-at-%s: %s\n", provider, id)
		}
	}
	b.WriteString("\n")
	b.WriteString(m.Text)
	return b.String()
}

func writeIndex(dir string, page index) (string, error) {
	t, err := template.New("index").Funcs(template.FuncMap{
		"mail": func(brand, locale, flow string) string { return path.Join(brand, locale+"."+flow) },
	}).Parse(indexPage)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, page); err != nil {
		return "", err
	}
	name := filepath.Join(dir, "index.html")
	return name, write(name, b.String())
}

func write(name, content string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // sample data, for everybody
		return err
	}
	return os.WriteFile(name, []byte(content), 0o644) //nolint:gosec // the same
}
