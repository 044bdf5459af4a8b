package message

import (
	"strings"
	"testing"
)

// A finding tells the line of the template, though only the rendered layout is looked at.
func TestLineOfARenderedTag(t *testing.T) {
	t.Parallel()
	const source = `<p>
{{if .Logo}}<img src="{{.Logo.URL}}" alt="">{{else}}<b>{{.App}}</b>{{end}}
{{/* <img alt="a comment }}"> */}}<!-- <img> --> 1 < 2
{{outlook "<img>"}}{{outlook ` + "`<img>}}`" + `}}
<img src="https://contoso.example/a.png"
 alt="x > y">
<IMG src='{{.Logo.URL}}' alt='a"b'>
</p>
<td {{if .Logo}}class="x"{{end}} style="color:{{.Light.Ink}};">
{{define "x"}}<i
title="{{printf "}}\"" }}">{{end}}<pre><p>`
	for _, tt := range []struct {
		name     string
		rendered []string
		want     int
	}{
		{"nothing", nil, 0},
		{"the first", []string{"<p>"}, 1},
		{"a branch that was not taken", []string{"<p>", "<b>", "</b>", `<img src="https://contoso.example/a.png"` + "\n" + ` alt="x > y">`}, 5},
		{"a branch that was taken", []string{"<p>", `<img src="https://contoso.example/logo.png" alt="">`}, 2},
		{"capitals", []string{"<p>", `<IMG src='https://contoso.example/logo.png' alt='a"b'>`}, 7},
		{"an end tag", []string{"<p>", "</p>"}, 8},
		{"half a tag that was not written", []string{"<p>", `<td  style="color:#ffffff;">`}, 9},
		{"half a tag that was", []string{"<p>", `<td class="x" style="color:#ffffff;">`}, 9},
		{"a part that comes again", []string{`<i` + "\n" + `title="a">`, "</p>", `<i` + "\n" + `title="b">`}, 10},
		{"a name that begins like another", []string{"<pre>"}, 11},
		{"the second of its name", []string{"<p>", "<p>"}, 11},
		{"one that the template has not", []string{"<p>", "<b>", "<u>"}, 2},
	} {
		m := sourceMap{source: source}
		for i := range tt.rendered {
			_ = m.line(tt.rendered[:i+1]) // asked in between or not
		}
		if got := (&sourceMap{source: source}).line(tt.rendered); got != m.line(tt.rendered) {
			t.Errorf("%s: line %d, or %d", tt.name, got, m.line(tt.rendered))
		}
		if got := m.line(tt.rendered); got != tt.want {
			t.Errorf("%s: line %d, want %d", tt.name, got, tt.want)
		}
	}
	for _, broken := range []string{"", "<", "</", "<p", "<!-- x", "{{", "{{/*", "<p {{", `{{"\`, "<p title='", "{{`", "{{/* }}", "{{/* */"} {
		_ = (&sourceMap{source: broken}).line([]string{"<p>"}) // comes to an end
	}
}

func TestDarkRules(t *testing.T) {
	t.Parallel()
	rules := darkRules(`.ink { color: #111111; } @media screen and (prefers-color-scheme:dark) and (min-width: 1px) { .a, h1 { color: #222222 !important; }
 .b { background: #333333 } } .c { color: #444444; }`)
	want := []darkRule{{".a", map[string]string{"color": "#222222"}}, {"h1", map[string]string{"color": "#222222"}}, {".b", map[string]string{"background": "#333333"}}}
	if len(rules) != len(want) {
		t.Fatalf("rules are %v, want %v", rules, want)
	}
	for i, rule := range rules {
		for name, value := range want[i].style {
			if rule.selector != want[i].selector || rule.style[name] != value || len(rule.style) != 1 {
				t.Errorf("rule %d is %v, want %v", i, rule, want[i])
			}
		}
	}
	for _, sheet := range []string{"", "@media (prefers-color-scheme: light) { .a { color: #222222; } }", "@media (prefers-color-scheme: dark) {", "@media (prefers-color-scheme: dark) { .a {"} {
		if rules := darkRules(sheet); len(rules) > 0 {
			t.Errorf("%q has the rules %v", sheet, rules)
		}
	}
}

func TestKeysAndTheirLines(t *testing.T) {
	t.Parallel()
	const document = "{\n\t\"a\\/b\": [{\"x\": 1}, {\"x\": 2}],\n\t\"c\": {\n\t\t\"\\ud83d\\ude00\": null, \"d\": \"{\\\"e\\\"\"\n\t},\n\t\"f\": {\"d\": true}\n}"
	lines := jsonLines([]byte(document))
	for _, tt := range []struct {
		keys []string
		want int
	}{
		{nil, 1}, {[]string{"a/b"}, 2}, {[]string{"c"}, 3}, {[]string{"c", "d"}, 4}, {[]string{"c", "none"}, 3}, {[]string{"f", "d"}, 6}, {[]string{"none", "d"}, 1},
	} {
		if got := lines.of(tt.keys...); got != tt.want {
			t.Errorf("%v is in line %d, want %d", tt.keys, got, tt.want)
		}
	}
	if fault := repeatedKey([]byte(`{"a": {"b": 1},` + "\n" + `"c": {"b": 1, "b": 2}, "c": 0}`)); fault == nil || fault.line != 2 || fault.what != "b is given twice" {
		t.Errorf("twice is %+v", fault)
	}
	if fault := repeatedKey([]byte(`{"a": {"b": 1}, "b": {"a": 1}}`)); fault != nil {
		t.Errorf("once is %+v", fault)
	}
	if got := yamlLines([]byte("a:\n  b: {c: 1}\nd: [x]")).of("a", "b", "c"); got != 2 {
		t.Errorf("YAML: line %d", got)
	}
}

// Four digits in a row are another number, whatever script they are in.
func TestLikeACode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": -1, "123 456": -1, "a 1234": 5, "x٢٠٢٦": 7, "12a34": -1, "1234567": 3} {
		if got := likeACode(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// The engine drops comments and never writes a value into one. Should that change, the mail does not go out.
func TestValueInAComment(t *testing.T) {
	t.Parallel()
	var found findings
	checkHTML(&templateSet{files: map[string]setFile{}}, "<p><!-- "+string(slotApp)+" --></p>", view{}, &found)
	if told := found.problems().Error(); !strings.Contains(told, "a value stands in a comment") {
		t.Errorf("found %q", told)
	}
}
