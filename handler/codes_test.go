package handler_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRunbookListsEveryCode: who finds a code in a log looks it up in the runbook. It must have each that the handler can
// answer, and none that it cannot.
func TestRunbookListsEveryCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## byoe's codes\n")
	if !found {
		t.Fatal("the runbook has no section byoe's codes")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(section, -1) {
		listed[row[1]] = true
	}
	if got, want := slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(codes(t))); !slices.Equal(got, want) {
		t.Errorf("the runbook lists\n%v, the handler answers\n%v", got, want)
	}
}

// codes are those in the package's replies, read from its source: a list kept by hand would be the next to be forgotten.
func codes(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if literal, ok := n.(*ast.CompositeLit); ok {
				if name, ok := literal.Type.(*ast.Ident); ok && name.Name == "reply" {
					if code := codeOf(t, literal); code != "" {
						found[code] = true
					}
				}
			}
			return true
		})
	}
	if len(found) < 15 {
		t.Fatalf("only %v were found: the test has gone blind", found)
	}
	return found
}

// codeOf reads a reply's code: its second value, or the one that is named so.
func codeOf(t *testing.T, literal *ast.CompositeLit) string {
	t.Helper()
	for i, element := range literal.Elts {
		value := element
		if pair, keyed := element.(*ast.KeyValueExpr); keyed {
			if name, ok := pair.Key.(*ast.Ident); !ok || name.Name != "code" {
				continue
			}
			value = pair.Value
		} else if i != 1 {
			continue
		}
		text, ok := value.(*ast.BasicLit)
		if !ok {
			t.Fatal("a reply's code is not written out where it is made: this test cannot read it")
		}
		code, err := strconv.Unquote(text.Value)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	return ""
}
