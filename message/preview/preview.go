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
	List

	Findings []message.Finding
}

// Write writes the pages into dir, which it makes where it is not there, and returns the index's path.
func Write(dir string, c *message.Composer, findings []message.Finding) (string, error) {
	list := Contents(c)
	for _, brand := range list.Brands {
		for _, locale := range list.Locales {
			for _, flow := range event.Flows() {
				name := filepath.Join(dir, brand.ID, locale.Tag+"."+flow.String())
				if err := writePage(name, pageOf(c, brand.ID, locale.Tag, flow)); err != nil {
					return "", err
				}
			}
		}
	}
	return writeIndex(dir, index{list, findings})
}

// sample composes for the sample event.
func sample(c *message.Composer, brand, locale string, flow event.Flow) *message.Message {
	m, _ := c.Compose(&event.Event{ // it refuses addresses and nothing else, and this one is good
		Identifier: redact.NewSecret(sampleAddress), Code: redact.NewSecret(sampleCode), Flow: flow, Locale: locale,
		Client: event.ServicePrincipal{AppID: brand, AppDisplayName: sampleApp},
	})
	return m
}

// writePage writes the mail as it is, as a dark screen shows it, and as text.
func writePage(name string, p Page) error {
	for extension, content := range map[string]string{".html": p.HTML, ".dark.html": p.DarkHTML, ".txt": p.Text} {
		if err := write(name+extension, content); err != nil {
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
