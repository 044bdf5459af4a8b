// Package infra_test checks the templates without the Bicep compiler: a grammar parses them, names and modules are resolved here,
// and each resource is held against Microsoft's own description of its type. What the compiler and Azure know beyond that is not
// checked.
package infra_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"byoe/internal/require"
)

// node is one node of a file's tree; see testdata/bicep.cjs.
type node struct {
	Type     string
	Line     int
	Text     string
	Field    string
	Broken   bool
	Children []*node
}

// runNode runs one of the scripts, with a module that it needs, and decodes what it prints.
func runNode(t *testing.T, module, script string, stdin []byte, into any, arguments ...string) {
	t.Helper()
	require.Component(t, filepath.Base(module), func() error {
		if _, err := os.Stat(filepath.Join(os.Getenv("BYOE_NODE_MODULES"), module)); err != nil || os.Getenv("BYOE_NODE_MODULES") == "" {
			return errors.New("BYOE_NODE_MODULES does not name a node_modules folder that holds it; npm ci --prefix .ci/npm makes one")
		}
		return nil
	})
	command := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join("testdata", script)}, arguments...)...)
	command.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, &stderr)
	}
	if err := json.Unmarshal(output, into); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// parsed are the trees of the Bicep files; nobody changes them.
var parsed struct {
	sync.Mutex

	trees map[string]*node
}

// parse returns the tree of each Bicep file, by its path from here.
func parse(t *testing.T) map[string]*node {
	t.Helper()
	parsed.Lock()
	defer parsed.Unlock()
	if parsed.trees != nil {
		return parsed.trees
	}
	modules, err := filepath.Glob("modules/*.bicep")
	if err != nil || len(modules) == 0 {
		t.Fatalf("no modules: %v", err)
	}
	trees := map[string]*node{}
	runNode(t, "tree-sitter-bicep", "bicep.cjs", nil, &trees, append(modules, "main.bicep")...)
	parsed.trees = trees
	return trees
}

// parseTexts returns the trees of files with these texts, in their order. Node takes its time to start: one run for all.
func parseTexts(t *testing.T, texts ...string) []*node {
	t.Helper()
	dir := t.TempDir()
	files := make([]string, len(texts))
	for i, text := range texts {
		files[i] = filepath.Join(dir, strconv.Itoa(i)+".bicep")
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trees := map[string]*node{}
	runNode(t, "tree-sitter-bicep", "bicep.cjs", nil, &trees, files...)
	ordered := make([]*node, len(texts))
	for i, file := range files {
		ordered[i] = trees[file]
	}
	return ordered
}

// walk visits the node and everything below it. visit says whether to go on below.
func (n *node) walk(visit func(*node) bool) {
	if !visit(n) {
		return
	}
	for _, child := range n.Children {
		child.walk(visit)
	}
}

// first is the first child of one of the types, nil where there is none.
func (n *node) first(types ...string) *node {
	for _, child := range n.Children {
		for _, want := range types {
			if child.Type == want {
				return child
			}
		}
	}
	return nil
}

// all are the children of the type.
func (n *node) all(kind string) []*node {
	var found []*node
	for _, child := range n.Children {
		if child.Type == kind {
			found = append(found, child)
		}
	}
	return found
}

// literal is the text of a string without interpolation.
func (n *node) literal() (string, bool) {
	if n == nil || n.Type != "string" || n.first("interpolation") != nil {
		return "", false
	}
	var text strings.Builder
	for _, child := range n.Children {
		switch child.Type {
		case "string_content":
			text.WriteString(child.Text)
		case "escape_sequence":
			text.WriteString(strings.TrimPrefix(child.Text, `\`))
		}
	}
	return text.String(), true
}

// properties are those of an object, with the node of each value. A key that is computed has the name "".
func (n *node) properties() map[string]*node {
	found := map[string]*node{}
	for _, property := range n.all("object_property") {
		key, value := property.Children[0], property.Children[len(property.Children)-1]
		name := key.Text
		if key.Type == "string" {
			name, _ = key.literal()
		}
		found[name] = value
	}
	return found
}

// declaration is a resource, module, parameter, variable or output.
type declaration struct {
	*node

	name string
}

// declarations are the file's, by kind: resource, module, parameter, variable, output.
func declarations(tree *node) map[string][]declaration {
	found := map[string][]declaration{}
	for _, child := range tree.Children {
		kind, is := strings.CutSuffix(child.Type, "_declaration")
		if is {
			found[kind] = append(found[kind], declaration{node: child, name: child.first("identifier").Text})
		}
	}
	return found
}

// value is what stands after the equals sign, without a condition or a loop around it.
func (d declaration) value() *node {
	value := d.Children[len(d.Children)-1]
	for value.Type == "if_statement" || value.Type == "for_statement" {
		inner := value.first("object")
		if inner == nil {
			return value
		}
		value = inner
	}
	return value
}
