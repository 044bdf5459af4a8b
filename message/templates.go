package message

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var builtInTemplates embed.FS

// templates are the two layouts. The text has its own engine: html/template would write &#39; into plain text.
type templates struct {
	html *htmltemplate.Template
	text *texttemplate.Template
}

func parseTemplates() (*templates, error) {
	html, err := htmltemplate.ParseFS(builtInTemplates, "templates/mail.html")
	if err != nil {
		return nil, err
	}
	text, err := texttemplate.ParseFS(builtInTemplates, "templates/mail.txt")
	if err != nil {
		return nil, err
	}
	return &templates{html: html, text: text}, nil
}

// render fills both layouts. A failure names the template's place and not its data.
func (t *templates) render(c content) (html, text string, _ error) {
	var h, p strings.Builder
	if err := t.html.Execute(&h, c); err != nil {
		return "", "", fmt.Errorf("html template %s", t.html.Name())
	}
	if err := t.text.Execute(&p, c); err != nil {
		return "", "", fmt.Errorf("text template %s", t.text.Name())
	}
	return h.String(), p.String(), nil
}
