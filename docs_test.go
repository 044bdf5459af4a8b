package main

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// page is a Markdown file: its text without code, and the anchors that its headings make.
type page struct {
	prose   string
	anchors map[string]bool
}

// pages are the project's Markdown files by path.
func pages(t *testing.T) map[string]page {
	t.Helper()
	all := map[string]page{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Ext(path) == ".md":
			text, err := os.ReadFile(path)
			all[path] = readPage(string(text))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// readPage leaves out what only looks like a link or a heading: blocks and spans of code.
func readPage(text string) page {
	p := page{anchors: map[string]bool{}}
	span := regexp.MustCompile("`[^`]*`")
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if fenced || strings.HasPrefix(line, "    ") {
			continue
		}
		if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
			p.anchors[anchor(title)] = true
		}
		p.prose += span.ReplaceAllString(line, "")
	}
	return p
}

// anchor is what GitHub makes of a heading: letters, digits, hyphens and underscores, in lower case, a hyphen for each space.
func anchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, strings.TrimSpace(title))
}

// TestLinksInDocs: a page that was renamed, or a heading that was reworded, otherwise leaves links to nowhere behind.
func TestLinksInDocs(t *testing.T) {
	t.Parallel()
	all := pages(t)
	link := regexp.MustCompile(`\]\(<?([^)>\s]+)>?\)`)
	checked := 0
	for path, p := range all {
		for _, found := range link.FindAllStringSubmatch(p.prose, -1) {
			target, err := url.Parse(found[1])
			if err != nil {
				t.Errorf("%s: %s is no link: %v", path, found[1], err)
				continue
			}
			if target.Scheme != "" || target.Host != "" {
				continue // somebody else's
			}
			checked++
			to := path
			if target.Path != "" {
				to = filepath.Join(filepath.Dir(path), filepath.FromSlash(target.Path))
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: %s is not there", path, found[1])
				continue
			}
			if target.Fragment != "" && !all[to].anchors[target.Fragment] {
				t.Errorf("%s: %s has no heading #%s", path, to, target.Fragment)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d links were found: the test has gone blind", checked)
	}
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	p := readPage("# The way, of a `code`\n```\n# no heading\n```\n## 鍵 2\n    # code\n[a](b) `[c](d)`\n")
	for _, want := range []string{"the-way-of-a-code", "鍵-2"} {
		if !p.anchors[want] {
			t.Errorf("no anchor %s: %v", want, p.anchors)
		}
	}
	if len(p.anchors) != 2 || !strings.Contains(p.prose, "[a](b)") || strings.Contains(p.prose, "[c](d)") {
		t.Errorf("anchors %v, prose %q", p.anchors, p.prose)
	}
}

// TestTestsInDocsExist: a page that says which test holds what it claims is worth as much as the test is there.
func TestTestsInDocsExist(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(text, -1) {
			known[string(found[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for path := range pages(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile("`(Test[A-Z]\\w+)`").FindAllSubmatch(text, -1) {
			named++
			if !known[string(found[1])] {
				t.Errorf("%s: there is no %s", path, found[1])
			}
		}
	}
	if named < 20 {
		t.Errorf("only %d tests were found in the docs: the test has gone blind", named)
	}
}
