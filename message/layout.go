package message

import (
	"bytes"
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

// templates are the two layouts as they were parsed, or nil where one cannot be used. The text has its own engine:
// html/template would write &#39; into plain text.
type templates struct {
	html, text engine
	// byFlow says that a layout may differ between flows by more than its sentences.
	byFlow bool
}

// engine is what html/template and text/template have in common.
type engine interface {
	Execute(to io.Writer, data any) error
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

// parseTemplates parses both layouts and looks at what they use.
func parseTemplates(set *templateSet, found *findings) *templates {
	t := &templates{}
	t.parse(set, htmlFile, found, &t.html, func(source string) (engine, map[string]*parse.Tree, error) {
		parsed, err := htmltemplate.New(htmlFile).Funcs(functions()).Parse(source)
		if err != nil {
			return nil, nil, err
		}
		trees := map[string]*parse.Tree{}
		for _, defined := range parsed.Templates() {
			trees[defined.Name()] = defined.Tree
		}
		return parsed, trees, nil
	})
	t.parse(set, textFile, found, &t.text, func(source string) (engine, map[string]*parse.Tree, error) {
		parsed, err := texttemplate.New(textFile).Funcs(functions()).Parse(source)
		if err != nil {
			return nil, nil, err
		}
		trees := map[string]*parse.Tree{}
		for _, defined := range parsed.Templates() {
			trees[defined.Name()] = defined.Tree
		}
		return parsed, trees, nil
	})
	return t
}

// parse sets into where nothing is wrong with the file.
func (t *templates) parse(set *templateSet, file string, found *findings, into *engine, with func(source string) (engine, map[string]*parse.Tree, error)) {
	before, raw := found.added, set.files[file].raw
	if at := bytes.IndexFunc(raw, reserved); at >= 0 {
		found.add(set.finding(file, lineAt(raw, at), "a character for private use", "Take it out: it stands for nothing that everybody can read"))
	}
	parsed, trees, err := with(string(raw))
	if err != nil {
		found.add(templateFault(set, file, err))
		return
	}
	t.byFlow = inspect(set, file, trees, found) || t.byFlow
	if found.added == before {
		*into = parsed
	}
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

// rendered is a layout with fields and slots; ok is false where it could not be rendered.
type rendered struct {
	page string
	ok   bool
}

// render fills both layouts with fields and slots. What keeps one from it is a finding.
func (t *templates) render(set *templateSet, v view, found *findings) (html, text rendered) {
	return renderOne(t.html, set, htmlFile, v, found), renderOne(t.text, set, textFile, v, found)
}

func renderOne(e engine, set *templateSet, file string, v view, found *findings) rendered {
	if e == nil {
		return rendered{}
	}
	page := &bounded{most: maxTemplateFile}
	switch err := e.Execute(page, v); {
	case errors.Is(err, errTooMuch):
		found.add(set.finding(file, 0, fmt.Sprintf("writes more than %d bytes", page.most), "Make it smaller: nobody reads that much for a code"))
		return rendered{}
	case err != nil:
		found.add(templateFault(set, file, err))
		return rendered{}
	}
	return rendered{page.String(), true}
}

// errTooMuch says that a template was ended because it wrote without end.
var errTooMuch = errors.New("writes too much")

// bounded is a writer that ends a template that writes without end.
type bounded struct {
	strings.Builder

	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, errTooMuch
	}
	return b.Builder.Write(p)
}

var _ io.Writer = (*bounded)(nil)
