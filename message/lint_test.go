package message_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoe/message"
)

// change is one edit of the built-in set: in file, old becomes new. Without old, new is the whole file.
type change struct{ file, old, new string }

// edited writes the changed files into a folder and returns settings that use it.
func edited(t testing.TB, changes ...change) message.Config {
	t.Helper()
	c := settings()
	c.TemplatesDir = t.TempDir()
	for _, ch := range changes {
		content := ch.new
		if ch.old != "" {
			raw, err := fs.ReadFile(message.BuiltInTemplates(), ch.file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(raw), ch.old) {
				t.Fatalf("the built-in %s has no %q", ch.file, ch.old)
			}
			content = strings.Replace(string(raw), ch.old, ch.new, 1)
		}
		name := filepath.Join(c.TemplatesDir, ch.file)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

const (
	layout  = "mail.html"
	text    = "mail.txt"
	german  = "catalogues/de.json"
	codeRow = `<span dir="ltr" style=`
)

// Each fault that was put into a template set is found, at its line, and graded.
func TestLintFindsSeededFaultsInTemplates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, old, new string
		want           string
		stops, noLine  bool
	}{
		"code missing in HTML":       {layout, `{{.Code}}`, ``, "the code stands 0 times", true, true},
		"code twice in HTML":         {layout, `{{.Heading}}`, `<b dir="ltr">{{.Code}}</b>`, "the code stands 2 times", true, true},
		"code beside other text":     {layout, `{{.Code}}`, `Code: {{.Code}}`, "shares its text node", true, false},
		"code only in hidden text":   {layout, `{{.Code}}</span>`, `</span><i style="display:none">{{.Code}}</i>`, "the code stands 0 times", true, true},
		"code in a link":             {layout, `{{.Lead}}`, `<a href="https://contoso.example/?c={{.Code}}">x</a>`, "stands in an address", true, true},
		"code in a style":            {layout, `.page {`, `.page { content: "{{.Code}}";`, "<style>", true, false},
		"name in a comment-like tag": {layout, `{{.Lead}}`, `{{outlook .Lead}}`, "outlook takes one literal", true, false},
		"code missing in text":       {text, `{{.Code}}`, ``, "the code stands 0 times", true, true},
		"code in a line of text":     {text, `{{.Code}}`, `Code: {{.Code}}`, "no line of its own", true, false},
		"text part empty":            {text, "", ``, "the code stands 0 times", true, true},
		"HTML in the text part":      {text, `{{.Heading}}`, `<b>{{.Heading}}</b>`, "HTML in the text part", false, false},
		"entity in the text part":    {text, `{{.Heading}}`, `Tom &amp; Jerry {{.Heading}}`, "HTML in the text part", false, false},
		"unknown variable":           {layout, `{{.Lead}}`, `{{.Laed}}`, "unknown variable .Laed", true, false},
		"unknown, branch not taken":  {layout, `{{.Lead}}`, `{{.Lead}}{{if eq .Locale "xx"}}{{.Nothing}}{{end}}`, "unknown variable .Nothing", true, false},
		"unknown function":           {text, `{{.Lead}}`, `{{shout .Lead}}`, `function "shout"`, true, false},
		"printf":                     {text, `{{.Lead}}`, `{{printf "%999999999s" .Lead}}`, `function "printf" is not available`, true, false},
		"endless loop":               {text, `{{.Lead}}`, `{{range 999999999}}{{end}}{{.Lead}}`, "range is not available", true, false},
		"recursion":                  {text, `{{.Lead}}`, `{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}{{.Lead}}`, "calls itself", true, false},
		"no such template":           {text, `{{.Lead}}`, `{{template "x" .}}{{.Lead}}`, `template "x"`, true, false},
		"action not closed":          {layout, `{{.Lead}}`, `{{.Lead`, "bad character", true, false},
		"end missing":                {layout, `{{end}}<p class="soft"`, `<p class="soft"`, "unexpected EOF", true, false},
		"variable out of reach":      {layout, `{{.Lead}}`, `{{.Light.URL}}`, "can't evaluate field URL", true, false},
		"taken apart":                {text, `{{.Lead}}`, `{{slice .Lead 1}}`, `function "slice"`, true, false},
		"attribute without quotes":   {layout, `{{.Lead}}`, `<b title={{.Lead}} x=1>y</b>`, "not between quotes", true, false},
		"script":                     {layout, `{{.Lead}}`, `{{.Lead}}<script>1</script>`, "<script> does not belong", true, false},
		"form":                       {layout, `{{.Lead}}`, `{{.Lead}}<form></form>`, "<form> does not belong", true, false},
		"event handler":              {layout, `<h1 `, `<h1 onclick="x()" `, "attribute onclick", true, false},
		"javascript address":         {layout, `{{.Lead}}`, `{{.Lead}}<a href="javascript:x()">x</a>`, "javascript: address", true, false},
		"link":                       {layout, `{{.Lead}}`, `{{.Lead}}<a href="https://contoso.example">x</a>`, "a link", false, false},
		"remote picture":             {layout, `{{.Lead}}`, `{{.Lead}}<img src="https://contoso.example/x.png" alt="">`, "a remote picture", false, false},
		"http picture":               {layout, `{{.Lead}}`, `{{.Lead}}<img src="http://contoso.example/x.png" alt="">`, "without an https address", true, false},
		"picture without alt":        {layout, `{{.Lead}}`, `{{.Lead}}<img src="https://contoso.example/x.png">`, "without alt", false, false},
		"no language":                {layout, `<html lang="{{.Locale}}"`, `<html`, "<html> without lang", false, false},
		"fixed direction":            {layout, `dir="{{.Direction}}">`, `dir="ltr">`, "<html> without lang", false, false},
		"layout table":               {layout, `<table role="presentation"`, `<table`, "role=\"presentation\"", false, false},
		"preheader seen":             {layout, `<div style="display:none;visibility:hidden;mso-hide:all;`, `<div style="`, "the preheader is seen", false, false},
		"preheader missing":          {layout, `{{.Preheader}}`, ``, "{{.Preheader}} is missing", false, true},
		"never share missing":        {layout, `{{.NeverShare}}`, ``, "{{.NeverShare}} is missing", false, true},
		"no title":                   {layout, `<title>{{.Title}}</title>`, ``, "no <title>", false, true},
		"no format detection":        {layout, `format-detection`, `format`, "format-detection", false, true},
		"no dark mode":               {layout, `prefers-color-scheme`, `prefers-contrast`, "no dark mode", false, true},
		"low contrast":               {layout, `color:{{.Light.Ink}};">{{.Heading}}`, `color:#dddddd;">{{.Heading}}`, "a contrast of 1.3", false, false},
		"code not isolated":          {layout, codeRow, `<span style=`, "not isolated", false, false},
		"large":                      {layout, `{{.Lead}}`, `{{.Lead}}` + strings.Repeat("<!-- -->\n<p></p>", 2000), "more than 20 KB", false, true},
		"too large":                  {layout, `{{.Lead}}`, `{{.Lead}}` + strings.Repeat("<p></p>", 15000), "more than 100 KB", true, true},
		"private character":          {layout, `{{.Lead}}`, "{{.Lead}}\ue001", "for private use", true, false},
		"another encoding":           {text, `{{.Lead}}`, "{{.Lead}} \xfcber", "not UTF-8", true, true},
		"language spelt otherwise":   {"catalogues/DE.json", "", `{}`, "another spelling of de", true, true},
		"misspelt folder":            {"catalogs/de.json", "", `{}`, "a folder that means nothing", true, true},
		"misspelt file":              {"mail.htm", "", ``, "a file that means nothing", true, true},
		"string missing":             {german, `"codeLabel": "`, `"codeLabel": "", "x": "`, "unknown field", true, false},
		"string empty":               {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": ""`, "flows.sign-up.heading is missing", true, false},
		"plural form missing":        {german, `"one"`, `"two"`, "validity.one is missing", true, false},
		"still English":              {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "Confirm your email address"`, "is English", false, false},
		"other letters":              {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "Подтвердите адрес"`, "not in the letters", false, false},
		"long heading":               {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "` + strings.Repeat("Wort ", 20) + `"`, "longer than 50", false, false},
		"no language of that name":   {"catalogues/klingon-x.json", "", `{}`, "no language tag", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := edited(t, change{tt.file, tt.old, tt.new})
			found := message.Lint(c)
			stops, told := false, false
			for _, f := range found {
				stops = stops || f.Stops
				told = told || strings.Contains(f.What, tt.want) && (f.Line > 0 || tt.noLine) && f.Remedy != "" && f.Setting == "MAIL_TEMPLATES_DIR"
			}
			if !told || stops != tt.stops {
				t.Errorf("found %+v, want %q, that stops: %v", found, tt.want, tt.stops)
			}
			if problems := c.Validate(); (len(problems) > 0) != tt.stops {
				t.Errorf("the start says %v", problems)
			}
		})
	}
}

func TestLintFindsSeededFaultsInBrands(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		yaml, want string
		line       int
	}{
		"unknown key":                           {"default:\n  label: Contoso", `"label" means nothing there`, 2},
		"key twice":                             {"default:\n  name: A\n  name: B", "not YAML", 0},
		"wrong type":                            {"default:\n  name: [A]", "not YAML", 2},
		"not YAML":                              {"default:\n\t name: A", "not YAML", 2},
		"no colour":                             {"default:\n  colors:\n    accent: red", "colors.accent is no colour", 3},
		"short colour":                          {"default:\n  colors: {accent: \"#fff\"}", "colors.accent is no colour", 2},
		"http logo":                             {"default:\n  logo:\n    url: http://contoso.example/x.png\n    width: 1\n    height: 1", "logo.url is no https address", 3},
		"logo without size":                     {"default:\n  logo:\n    url: https://contoso.example/x.png", "logo.width and logo.height", 2},
		"no mailbox":                            {"default:\n  from: nobody", "from is not one mailbox", 2},
		"two mailboxes":                         {"default:\n  replyTo: a@b.example, c@d.example", "replyTo is not one mailbox", 2},
		"line break":                            {"default:\n  footer: \"a\\nb\"", "footer has a line break", 2},
		"text turned round":                     {"default:\n  name: \"a\u202eb\"", "name has a line break, a control", 2},
		"private character":                     {"default:\n  support: \"\ue001\"", "support has a line break", 2},
		"placeholder":                           {"default:\n  footer: \"{code}\"", "footer has {code}", 2},
		"no application id":                     {"apps:\n  shop: {name: Shop}", "no application id", 2},
		"application twice":                     {"apps:\n  " + shop + ": {name: A}\n  " + strings.ToUpper(shop) + ": {name: B}", "in two spellings", 0},
		"language unknown":                      {"default:\n  strings:\n    tlh: {name: X}", "there is no catalogue for", 3},
		"placeholder lost":                      {"default:\n  strings:\n    de:\n      flows:\n        sign-up:\n          subject: Code", "flows.sign-up.subject must have {app} once", 6},
		"flow unknown":                          {"default:\n  strings:\n    de:\n      flows:\n        signup: {lead: x}", "no flow", 5},
		"template without id":                   {"default:\n  templates:\n    - provider: sendgrid", "lacks its provider or its id", 2},
		"template flow":                         {"default:\n  templates:\n    - {provider: sendgrid, id: d, flow: signup}", "flow is none", 2},
		"template locale":                       {"default:\n  templates:\n    - {provider: sendgrid, id: d, locale: xx}", "locale is none of the languages", 2},
		"template id":                           {"default:\n  templates:\n    - {provider: sendgrid, id: d x}", "has a space", 2},
		"two documents":                         {"default: {name: A}\n---\ndefault: {name: B}", "second document", 0},
		"name too long":                         {"default:\n  name: " + strings.Repeat("x", 65), "name is too long", 2},
		"secret in the wrong place is not told": {"default:\n  logo: SG.secret", "not YAML", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := withBrands(t, tt.yaml)
			problems := c.Validate()
			if len(problems) == 0 {
				t.Fatal("taken")
			}
			told := false
			for _, f := range message.Lint(c) {
				told = told || strings.Contains(f.What, tt.want) && f.File == "brands.yaml" && (tt.line == 0 || f.Line == tt.line) && f.Remedy != "" && f.Stops
			}
			if !told || strings.Contains(problems.Error(), "SG.secret") {
				t.Errorf("found %+v, want %q in line %d", message.Lint(c), tt.want, tt.line)
			}
		})
	}
	c := settings()
	c.BrandsFile = filepath.Join(t.TempDir(), "none.yaml")
	if problems := c.Validate(); len(problems) != 1 || problems[0].Setting != "BRANDS_FILE" {
		t.Errorf("a file that is not there: %v", problems)
	}
	c = settings()
	c.TemplatesDir = filepath.Join(t.TempDir(), "none")
	if problems := c.Validate(); len(problems) != 1 || problems[0].Setting != "MAIL_TEMPLATES_DIR" {
		t.Errorf("a folder that is not there: %v", problems)
	}
}

// What an owner may well do is no finding.
func TestLintLeavesGoodSetsAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]message.Config{
		"built-in":         settings(),
		"branded":          withBrands(t, branded),
		"read me":          edited(t, change{"README.md", "", "ours"}, change{".git/x", "", ""}, change{"_old/mail.html", "", ""}),
		"by flow":          edited(t, change{layout, `{{.Lead}}`, `{{if eq .Flow "sign-up"}}<b>{{.Lead}}</b>{{else}}{{.Lead}}{{end}}`}),
		"outlook":          edited(t, change{layout, `{{.Lead}}`, "{{outlook `<br>`}}{{.Lead}}"}),
		"defined template": edited(t, change{layout, `{{.Lead}}`, `{{define "lead"}}{{.Lead}}{{end}}{{template "lead" .}}`}),
		"another language": edited(t, change{"catalogues/en-GB.json", "", builtInFile(t, "catalogues/en.json")}),
	} {
		for _, f := range message.Lint(c) {
			t.Errorf("%s: %s %s", name, f.Place(), f.What)
		}
	}
}

func builtInFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := fs.ReadFile(message.BuiltInTemplates(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOwnTemplateSet(t *testing.T) {
	t.Parallel()
	c := edited(t,
		change{layout, `{{.Lead}}`, `{{if eq .Flow "sign-up"}}<b>{{.Lead}}</b>{{else}}{{.Lead}}{{end}}{{outlook "<br>"}}`},
		change{german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "Willkommen"`},
		change{"catalogues/cy.json", "", strings.ReplaceAll(builtInFile(t, "catalogues/ar.json"), "{app}", "{app}")},
	)
	m := compose(t, c, of("", "de"))
	if !strings.Contains(m.HTML, "<b>Um") && !strings.Contains(m.HTML, "<b>") || !strings.Contains(m.Text, "Willkommen") || !strings.Contains(m.HTML, "<!--[if mso]><br><![endif]-->") {
		t.Errorf("the own template is not used:\n%s", m.HTML)
	}
	if m := compose(t, c, of("", "cy-gb")); m.Variables["locale"] != "cy" {
		t.Errorf("the added language is not used: %s", m.Variables["locale"])
	}
}
