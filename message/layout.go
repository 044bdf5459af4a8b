package message

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"regexp"
	"strconv"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// templates are the two layouts as they were parsed. The text has its own engine: html/template would write &#39; into
// plain text.
type templates struct {
	html *htmltemplate.Template
	text *texttemplate.Template
	// byFlow says that a layout may differ between flows by more than its sentences.
	byFlow bool
}

// functions is everything that a template may call beside comparisons. html/template deletes comments, and with them
// Outlook's conditions, so that a function has to write those.
func functions() map[string]any {
	return map[string]any{
		"outlook": func(markup string) htmltemplate.HTML {
			return htmltemplate.HTML("<!--[if mso]>" + markup + "<![endif]-->") //nolint:gosec // a literal of the template: inspect sees to it
		},
	}
}

// parseTemplates parses both layouts and looks at what they use. It returns nil where one cannot be used.
func parseTemplates(set *templateSet, found *findings) *templates {
	before := len(found.list)
	t := &templates{}
	for _, file := range []string{htmlFile, textFile} {
		if at := strings.IndexFunc(string(set.files[file].raw), reserved); at >= 0 {
			found.add(set.finding(file, lineAt(set.files[file].raw, at), "a character for private use", "Take it out: it stands for nothing that everybody can read"))
		}
	}
	var err error
	if t.html, err = htmltemplate.New(htmlFile).Funcs(functions()).Parse(string(set.files[htmlFile].raw)); err != nil {
		found.add(templateFault(set, htmlFile, err))
	} else {
		trees := map[string]*parse.Tree{}
		for _, defined := range t.html.Templates() {
			trees[defined.Name()] = defined.Tree
		}
		t.byFlow = inspect(set, htmlFile, trees, found)
	}
	if t.text, err = texttemplate.New(textFile).Funcs(functions()).Parse(string(set.files[textFile].raw)); err != nil {
		found.add(templateFault(set, textFile, err))
	} else {
		trees := map[string]*parse.Tree{}
		for _, defined := range t.text.Templates() {
			trees[defined.Name()] = defined.Tree
		}
		t.byFlow = inspect(set, textFile, trees, found) || t.byFlow
	}
	if len(found.list) > before {
		return nil
	}
	return t
}

// templateFault turns the engine's error, "template: mail.html:3: unexpected …", into a finding.
func templateFault(set *templateSet, file string, err error) Finding {
	f := set.finding(file, 0, err.Error(), "Mend the action there; docs/templates.md lists what a template may use")
	match := regexp.MustCompile(`^(?:html/)?template: ?[^:]*:(\d+)(?::\d+)?: (?:executing .* at )?(.*)$`).FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	if match != nil {
		f.Line, _ = strconv.Atoi(match[1])
		f.What = match[2]
	}
	if _, ok := errors.AsType[*htmltemplate.Error](err); ok {
		f.Remedy = "Put values into text and into quoted attributes only"
	}
	return f
}

// render fills both layouts with fields and slots.
func (t *templates) render(set *templateSet, v view, found *findings) (html, text string, ok bool) {
	h, p := &bounded{most: maxTemplateFile}, &bounded{most: maxTemplateFile}
	htmlErr, textErr := t.html.Execute(h, v), t.text.Execute(p, v)
	for file, err := range map[string]error{htmlFile: htmlErr, textFile: textErr} {
		if err != nil {
			found.add(templateFault(set, file, err))
		}
	}
	return h.String(), p.String(), htmlErr == nil && textErr == nil
}

// bounded is a writer that ends a template that writes without end.
type bounded struct {
	strings.Builder

	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, fmt.Errorf("writes more than %d bytes", b.most)
	}
	return b.Builder.Write(p)
}

var _ io.Writer = (*bounded)(nil)
