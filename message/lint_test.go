package message_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoe/event"
	"byoe/message"
)

// change is one edit of the built-in set: in file, old becomes new. Without old, new is the whole file.
type change struct{ file, old, new string }

// line is where the edit stands in the built-in file, or 1.
func (c change) line(t testing.TB) int {
	t.Helper()
	if c.old == "" {
		return 1
	}
	before, _, found := strings.Cut(builtInFile(t, c.file), c.old)
	if !found {
		t.Fatalf("the built-in %s has no %q", c.file, c.old)
	}
	return 1 + strings.Count(before, "\n")
}

// edited writes the changed files into a folder and returns settings that use it.
func edited(t testing.TB, changes ...change) message.Config {
	t.Helper()
	c := settings()
	c.TemplatesDir = t.TempDir()
	for _, ch := range changes {
		content := ch.new
		if ch.old != "" {
			ch.line(t)
			content = strings.Replace(builtInFile(t, ch.file), ch.old, ch.new, 1)
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

// place is the line where a finding belongs.
type place int

const (
	edit      place = iota // that of the edit
	sheet                  // that of the style sheet
	head                   // that of <head>, for what is missing there
	body                   // the same for <body>
	top                    // the first
	file                   // none: the file as a whole
	elsewhere              // some other
)

// lines are the first and the last that will do.
type lines struct{ first, last int }

func (l lines) has(line int) bool { return l.first <= line && line <= l.last }

func (p place) lines(t *testing.T, ch change) lines {
	t.Helper()
	var line int
	switch p {
	case edit:
		line = ch.line(t)
	case sheet:
		line = change{file: layout, old: "<style>\n"}.line(t)
	case head:
		line = change{file: layout, old: "<head>"}.line(t)
	case top:
		line = 1
	case body:
		line = change{file: layout, old: "<body"}.line(t)
	case file:
	case elsewhere:
		return lines{1, 1000}
	}
	return lines{line, line}
}

// Each fault that was put into a template set is found, at the line where it was put, and graded.
func TestLintFindsSeededFaultsInTemplates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, old, new string
		want           string
		stops          bool
		place          place
	}{
		"code missing in HTML":       {layout, `{{.Code}}`, ``, "the code stands 0 times", true, body},
		"code twice in HTML":         {layout, `{{.Heading}}`, `<b dir="ltr">{{.Code}}</b>`, "the code stands 2 times", true, elsewhere},
		"code beside other text":     {layout, `{{.Code}}`, `Code: {{.Code}}`, "shares its text node", true, edit},
		"code only in hidden text":   {layout, `{{.Code}}</span>`, `</span><i style="display:none">{{.Code}}</i>`, "the code stands 0 times", true, edit},
		"code in a link":             {layout, `{{.Lead}}`, `<a href="https://contoso.example/?c={{.Code}}">x</a>`, "stands in an address", true, edit},
		"code in a style":            {layout, `.page {`, `.page { content: "{{.Code}}";`, "<style>", true, sheet},
		"name in a comment-like tag": {layout, `{{.Lead}}`, `{{outlook .Lead}}`, "outlook takes one literal", true, edit},
		"code missing in text":       {text, `{{.Code}}`, ``, "the code stands 0 times", true, top},
		"code in a line of text":     {text, `{{.Code}}`, `Code: {{.Code}}`, "no line of its own", true, edit},
		"text part empty":            {text, "", ``, "the code stands 0 times", true, edit},
		"HTML in the text part":      {text, `{{.Heading}}`, `<b>{{.Heading}}</b>`, "HTML in the text part", false, edit},
		"entity in the text part":    {text, `{{.Heading}}`, `Tom &amp; Jerry {{.Heading}}`, "HTML in the text part", false, edit},
		"unknown variable":           {layout, `{{.Lead}}`, `{{.Laed}}`, "unknown variable .Laed", true, edit},
		"unknown, branch not taken":  {layout, `{{.Lead}}`, `{{.Lead}}{{if eq .Locale "xx"}}{{.Nothing}}{{end}}`, "unknown variable .Nothing", true, edit},
		"unknown, by the root":       {layout, `{{.Lead}}`, `{{.Lead}}{{with .Support}}{{$.Laed}}{{end}}`, "unknown variable .Laed", true, edit},
		"unknown, in brackets":       {text, `{{.Lead}}`, `{{.Lead}}{{if and .Support (eq .Laed "x")}}{{end}}`, "unknown variable .Laed", true, edit},
		"unknown, given to a part":   {text, `{{.Lead}}`, `{{.Lead}}{{define "x"}}{{end}}{{if .Support}}{{template "x" .Laed}}{{end}}`, "unknown variable .Laed", true, edit},
		"member of brackets":         {layout, `{{.Lead}}`, `{{.Lead}}{{if .Logo}}{{(.Logo).URI}}{{end}}`, "a value in brackets has no members", true, edit},
		"private, by an escape":      {text, `{{.Lead}}`, `{{.Lead}}{{"\ue001"}}`, "has a character for private use", true, edit},
		"end of Outlook's comment":   {layout, `{{.Lead}}`, `{{outlook "-->"}}{{.Lead}}`, "the literal of outlook", true, edit},
		"unknown function":           {text, `{{.Lead}}`, `{{shout .Lead}}`, `function "shout"`, true, edit},
		"printf":                     {text, `{{.Lead}}`, `{{printf "%999999999s" .Lead}}`, `function "printf" is not available`, true, edit},
		"endless loop":               {text, `{{.Lead}}`, `{{range 999999999}}{{end}}{{.Lead}}`, "range is not available", true, edit},
		"writes far too much":        {text, `{{.Lead}}`, `{{.Lead}}{{define "x"}}` + strings.Repeat("x", 100_000) + `{{end}}` + strings.Repeat(`{{template "x" .}}`, 3), "writes more than 262144 bytes", true, file},
		"recursion":                  {text, `{{.Lead}}`, `{{define "x"}}{{template "x" .}}{{end}}{{template "x" .}}{{.Lead}}`, "calls itself", true, edit},
		"no such template":           {text, `{{.Lead}}`, `{{template "x" .}}{{.Lead}}`, `template "x"`, true, edit},
		"action not closed":          {layout, `{{.Lead}}`, `{{.Lead`, "bad character", true, edit},
		"end missing":                {layout, `{{end}}<p class="soft"`, `<p class="soft"`, "unexpected EOF", true, elsewhere},
		"variable out of reach":      {layout, `{{.Lead}}`, `{{.Light.URL}}`, "can't evaluate field URL", true, edit},
		"taken apart":                {text, `{{.Lead}}`, `{{slice .Lead 1}}`, `function "slice"`, true, edit},
		"attribute without quotes":   {layout, `{{.Lead}}`, `<b title={{.Lead}} x=1>y</b>`, "not between quotes", true, edit},
		"script":                     {layout, `{{.Lead}}`, `{{.Lead}}<script>1</script>`, "<script> does not belong", true, edit},
		"form":                       {layout, `{{.Lead}}`, `{{.Lead}}<form></form>`, "<form> does not belong", true, edit},
		"event handler":              {layout, `<h1 `, `<h1 onclick="x()" `, "attribute onclick", true, edit},
		"javascript address":         {layout, `{{.Lead}}`, `{{.Lead}}<a href="javascript:x()">x</a>`, "javascript: address", true, edit},
		"data address":               {layout, `<h1 `, `<h1 cite="Data:text/html,x" `, "attribute cite has a data: address", true, edit},
		"attribute of XML":           {layout, `<h1 `, `<h1 v:href="x" `, "attribute v:href", true, edit},
		"link":                       {layout, `{{.Lead}}`, `{{.Lead}}<a href="https://contoso.example">x</a>`, "a link", false, edit},
		"remote picture":             {layout, `{{.Lead}}`, `{{.Lead}}<img src="https://contoso.example/x.png" alt="">`, "a remote picture", false, edit},
		"http picture":               {layout, `{{.Lead}}`, `{{.Lead}}<img src="http://contoso.example/x.png" alt="">`, "without an https address", true, edit},
		"picture without alt":        {layout, `{{.Lead}}`, `{{.Lead}}<img src="https://contoso.example/x.png">`, "without alt", false, edit},
		"no language":                {layout, `<html lang="{{.Locale}}"`, `<html`, "<html> without lang", false, edit},
		"fixed direction":            {layout, `dir="{{.Direction}}">`, `dir="ltr">`, "<html> without lang", false, edit},
		"layout table":               {layout, `<table role="presentation"`, `<table`, "role=\"presentation\"", false, edit},
		"preheader seen":             {layout, `<div style="display:none;visibility:hidden;mso-hide:all;`, `<div style="`, "the preheader is seen", false, edit},
		"preheader missing":          {layout, `{{.Preheader}}`, ``, "{{.Preheader}} is missing", false, body},
		"never share missing":        {layout, `{{.NeverShare}}`, ``, "{{.NeverShare}} is missing", false, body},
		"no title":                   {layout, `<title>{{.Title}}</title>`, ``, "no <title>", false, head},
		"no format detection":        {layout, `format-detection`, `format`, "format-detection", false, head},
		"no dark mode":               {layout, `prefers-color-scheme`, `prefers-contrast`, "no dark mode", false, head},
		"low contrast":               {layout, `color:{{.Light.Ink}};">{{.Heading}}`, `color:#dddddd;">{{.Heading}}`, "a contrast of 1.3", false, edit},
		"code not isolated":          {layout, codeRow, `<span style=`, "not isolated", false, edit},
		"large":                      {layout, `{{.Lead}}`, `{{.Lead}}` + strings.Repeat("<!-- -->\n<p></p>", 2000), "more than 20 KB", false, file},
		"too large":                  {layout, `{{.Lead}}`, `{{.Lead}}` + strings.Repeat("<p></p>", 15000), "more than 100 KB", true, file},
		"private character":          {layout, `{{.Lead}}`, "{{.Lead}}\ue001", "for private use", true, edit},
		"another encoding":           {text, `{{.Lead}}`, "{{.Lead}} \xfcber", "not UTF-8", true, file},
		"language spelt otherwise":   {"catalogues/DE.json", "", `{}`, "another spelling of de", true, file},
		"misspelt folder":            {"catalogs/de.json", "", `{}`, "a folder that means nothing", true, file},
		"misspelt file":              {"mail.htm", "", ``, "a file that means nothing", true, file},
		"string missing":             {german, `"codeLabel": "`, `"codeLabel": "", "x": "`, "unknown field", true, edit},
		"string empty":               {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": ""`, "flows.sign-up.heading is missing", true, edit},
		"plural form missing":        {german, `"one"`, `"two"`, "validity.one is missing", true, elsewhere},
		"still English":              {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "Confirm your email address"`, "is English", false, edit},
		"other letters":              {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "Подтвердите адрес"`, "not in the letters", false, edit},
		"long heading":               {german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "` + strings.Repeat("Wort ", 20) + `"`, "longer than 50", false, edit},
		"no language of that name":   {"catalogues/klingon-x.json", "", `{}`, "no language tag", true, file},
		"code in a hidden element":   {layout, codeRow, `<span hidden dir="ltr" style=`, "the code stands 0 times", true, edit},
		"code invisible":             {layout, codeRow, `<span dir="ltr" style="visibility:hidden">x</span><span dir="ltr" style="opacity:0;" title=`, "the code stands 0 times", true, edit},
		"code of no size":            {layout, `<span dir="ltr" style="`, `<span dir="ltr" style="font-size:0;`, "the code stands 0 times", true, edit},
		"code in Outlook's comment":  {layout, `{{.Lead}}`, "{{outlook `{{.Code}}`}}{{.Lead}}", "the literal of outlook", true, edit},
		"name for a colour":          {layout, `.page {`, `.page { color: {{.App}};`, "a value stands in <style>", true, sheet},
		"name in a sheet's address":  {layout, `.page {`, `.page { background: url("https://contoso.example/{{.App}}");`, "a value stands in <style>", true, sheet},
		"name in a style":            {layout, `<h1 class="ink" style="`, `<h1 class="ink" style="color:{{.App}};`, "a value stands in attribute style", true, edit},
		"name for an attribute":      {layout, `<h1 `, `<h1 {{.App}}="x" `, "does not fit", true, edit},
		"everything at once":         {layout, `{{.Lead}}`, `{{.}}`, "shares its text node", true, edit},
		"mail that leads elsewhere":  {layout, `<title>`, `<meta http-equiv="Refresh" content="0;url=https://evil.example"><title>`, "leads elsewhere", true, edit},
		"style sheet from elsewhere": {layout, `.page {`, `@import "https://contoso.example/x.css"; .page {`, "a style sheet that loads something", false, sheet},
		"picture in a style":         {layout, `<h1 class="ink" style="`, `<h1 class="ink" style="background-image:url(https://contoso.example/x.png);`, "attribute style loads", false, edit},
		"picture behind":             {layout, `<h1 `, `<h1 background="https://contoso.example/x.png" `, "attribute background loads", false, edit},
		"another colour form":        {layout, `color:{{.Light.Ink}};">{{.Heading}}`, `color:#ddd;">{{.Heading}}`, "color is not of the form", false, edit},
		"low contrast in dark mode":  {layout, `.ink { color: {{.Dark.Ink}} !important; }`, ``, "a contrast of 1.1 in dark mode", false, elsewhere},
		"dark mode, unknown colour":  {layout, `.ink { color: {{.Dark.Ink}} !important; }`, `.ink { color: snow; }`, "color is not of the form", false, elsewhere},
		"not closed":                 {layout, `{{.Heading}}</h1>`, `{{.Heading}}`, "<h1> is not closed", false, edit},
		"nothing to close":           {layout, `{{.Heading}}</h1>`, `{{.Heading}}</h1></div></b>`, "</b> closes nothing", false, edit},
		"no wrapper":                 {layout, `lang="{{.Locale}}" dir="{{.Direction}}" class="page"`, `class="page"`, "no element in <body>", false, body},
		"another number":             {layout, `{{.SignOff}}`, `{{.SignOff}} 2026`, "a number that autofill", false, edit},
		"other digits":               {text, `{{.SignOff}}`, `{{.SignOff}} ٢٠٢٦`, "a number that autofill", false, edit},
		"validity missing":           {layout, `{{with .Validity}}`, `{{with ""}}`, "{{.Validity}} is missing", false, body},
		"never share missing, text":  {text, `{{.NeverShare}}`, ``, "{{.NeverShare}} is missing", false, elsewhere},
		"remote picture, late":       {layout, `{{.SignOff}}`, `{{.SignOff}}<img src="https://contoso.example/x.png" alt="">`, "a remote picture", false, edit},
		"catalogue empty":            {german, "", ``, "the file is empty", true, edit},
		"catalogue is a list":        {german, "", "[]", "the catalogue cannot be: array", true, edit},
		"string is a number":         {german, `"codeLabel": "`, `"codeLabel": 1, "x": "`, "codeLabel cannot be: number", true, edit},
		"string twice":               {german, `"codeLabel"`, `"codeLabel": "Kode", "codeLabel"`, "codeLabel is given twice", true, edit},
		"something behind":           {german, "  \"signOff\": \"{app}\"\n}", "  \"signOff\": \"{app}\"\n} {}", "something stands behind", true, elsewhere},
	} {
		if testing.Short() && len(name)%4 > 0 { // some are enough under the race detector
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ch := change{tt.file, tt.old, tt.new}
			c, at := edited(t, ch), tt.place.lines(t, ch)
			found := message.Lint(c)
			stops, told := false, false
			for _, f := range found {
				stops = stops || f.Stops
				told = told || strings.Contains(f.What, tt.want) && at.has(f.Line) && f.Remedy != "" && f.Setting == "MAIL_TEMPLATES_DIR"
			}
			if !told || stops != tt.stops {
				t.Errorf("found %+v, want %q in line %v, that stops: %v", found, tt.want, at, tt.stops)
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
		"logo with a password":                  {"default:\n  logo: {url: 'https://u:p@contoso.example/x.png', width: 1, height: 1}", "logo.url is no https address", 2},
		"logo turned round":                     {"default:\n  logo: {url: \"https://contoso.example/\u202ex.png\", width: 1, height: 1}", "logo.url is no https address", 2},
		"wide logo":                             {"default:\n  logo: {url: 'https://contoso.example/x.png', width: 601, height: 1}", "logo.width and logo.height", 2},
		"high logo":                             {"default:\n  logo: {url: 'https://contoso.example/x.png', width: 1, height: 601}", "logo.width and logo.height", 2},
		"line separator":                        {"default:\n  footer: \"a\u2028b\"", "footer has a line break", 2},
		"paragraph separator":                   {"default:\n  footer: \"a\u2029b\"", "footer has a line break", 2},
		"long template id":                      {"default:\n  templates:\n    - {provider: sendgrid, id: " + strings.Repeat("d", 129) + "}", "has a space", 2},
		"template at no provider's word":        {"default:\n  templates:\n    - {provider: send grid, id: d}", "has a space", 2},
		"http logo":                             {"default:\n  logo:\n    url: http://contoso.example/x.png\n    width: 1\n    height: 1", "logo.url is no https address", 3},
		"logo without size":                     {"default:\n  logo:\n    url: https://contoso.example/x.png", "logo.width and logo.height", 2},
		"no mailbox":                            {"default:\n  from: nobody", "from is not one mailbox", 2},
		"two mailboxes":                         {"default:\n  replyTo: a@b.example, c@d.example", "replyTo is not one mailbox", 2},
		"line break":                            {"default:\n  footer: \"a\\nb\"", "footer has a line break", 2},
		"text turned round":                     {"default:\n  name: \"a\u202eb\"", "name has a line break, a control", 2},
		"private character":                     {"default:\n  support: \"\ue001\"", "support has a line break", 2},
		"placeholder":                           {"default:\n  footer: \"{code}\"", "footer has {code}", 2},
		"alt text in a language":                {"default:\n  strings:\n    de:\n      logoAlt: \"{code}\"", "logoAlt has {code}", 4},
		"application in capitals":               {"apps:\n  " + shop + ":\n    name: A\n  " + strings.ToUpper(plan) + ":\n    name: \"{app}\"", "name has {app}", 5},
		"sender turned round":                   {"default:\n  from: \"\\\"a\u202eb\\\" <a@b.example>\"", "from is not one mailbox", 2},
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

// A value that the engine replaces, because it could do harm where it stands, is told and not mailed.
func TestValueThatDoesNotFit(t *testing.T) {
	t.Parallel()
	c := edited(t, change{layout, `.page {`, `.page { background: {{with .Logo}}{{.URL}}{{end}};`})
	c.BrandsFile = withBrands(t, branded).BrandsFile
	if problems := c.Validate(); len(problems) != 1 || !strings.Contains(problems.Error(), "a value does not fit where it stands") {
		t.Errorf("the start says %v", problems)
	}
}

// However much is doubted in a layout, what makes it unsafe is told.
func TestWarningsHideNoError(t *testing.T) {
	t.Parallel()
	c := edited(t, change{layout, `{{.Lead}}`, strings.Repeat("<a>x</a>\n", 400) + `<b title={{.App}}>{{.Lead}}</b>`})
	if problems := c.Validate(); len(problems) != 1 || !strings.Contains(problems.Error(), "not between quotes") {
		t.Errorf("the start says %v", problems)
	}
	if n := len(message.Lint(c)); n != 301 {
		t.Errorf("%d findings", n)
	}
}

// What an owner may well do is no finding.
func TestLintLeavesGoodSetsAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]message.Config{
		"built-in":         settings(),
		"branded":          withBrands(t, branded),
		"joiners":          withBrands(t, "default: {footer: \"می\u200cخواهم 👩\u200d💻\"}"),
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

func builtInFile(t testing.TB, name string) string {
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
	if m := compose(t, c, func(e *event.Event) { e.Flow = event.FlowSignIn }); strings.Contains(m.HTML, "<b>") {
		t.Errorf("a part for sign-ups stands in another mail:\n%s", m.HTML)
	}
	if m := compose(t, c, of("", "cy-gb")); m.Variables["locale"] != "cy" {
		t.Errorf("the added language is not used: %s", m.Variables["locale"])
	}
}
