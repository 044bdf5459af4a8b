package message

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// keyLines are the lines of a document's keys by the way to each, in one text.
type keyLines map[string]int

// way joins the keys that lead to a value.
func way(keys []string) string { return strings.Join(keys, "\x00") }

// of returns the line of the key at the end of a way, or of the nearest that there is around it, or 1.
func (lines keyLines) of(keys ...string) int {
	for ; len(keys) > 0; keys = keys[:len(keys)-1] {
		if line, ok := lines[way(keys)]; ok {
			return line
		}
	}
	return 1
}

// yamlLines finds the keys of a YAML document.
func yamlLines(document []byte) keyLines {
	lines := keyLines{}
	var root yaml.Node
	if yaml.Unmarshal(document, &root) == nil && len(root.Content) > 0 {
		lines.addYAML(root.Content[0], nil)
	}
	return lines
}

func (lines keyLines) addYAML(node *yaml.Node, around []string) {
	if node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		keys := append(slices.Clone(around), node.Content[i].Value)
		lines[way(keys)] = node.Content[i].Line
		lines.addYAML(node.Content[i+1], keys)
	}
}

// jsonLines finds the keys of a JSON document; not everything that may stand in one is YAML. Of a key that comes again the
// first counts.
func jsonLines(document []byte) keyLines {
	lines := keyLines{}
	eachKey(document, func(keys []string, line int) {
		if _, known := lines[way(keys)]; !known {
			lines[way(keys)] = line
		}
	})
	return lines
}

// repeatedKey tells the first key that one object of a JSON document gives twice: encoding/json takes the last of them.
func repeatedKey(document []byte) *fileFault {
	var fault *fileFault
	seen := map[string]bool{}
	eachKey(document, func(keys []string, line int) {
		if seen[way(keys)] && fault == nil {
			fault = &fileFault{line, keys[len(keys)-1] + " is given twice", "Keep one: the last would count, silently"}
		}
		seen[way(keys)] = true
	})
	return fault
}

// eachKey visits every key of a JSON document by the way to it. An array is no part of a way.
func eachKey(document []byte, visit func(keys []string, line int)) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	type level struct {
		key           string
		object, value bool // value is due next
	}
	var levels []level
	line, counted := 1, 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return
		}
		top := len(levels) - 1
		switch delim, isDelim := token.(json.Delim); {
		case isDelim && (delim == '{' || delim == '['):
			levels = append(levels, level{object: delim == '{'})
			continue
		case isDelim:
			levels, top = levels[:top], top-1
		case top >= 0 && levels[top].object && !levels[top].value:
			levels[top].key, _ = token.(string)
			levels[top].value = true
			var keys []string
			for _, l := range levels {
				if l.object {
					keys = append(keys, l.key)
				}
			}
			offset := int(decoder.InputOffset())
			line += bytes.Count(document[counted:offset], []byte("\n"))
			counted = offset
			visit(keys, line)
			continue
		}
		if top >= 0 {
			levels[top].value = false
		}
	}
}

// lineAt is the line of a byte, counted from 1.
func lineAt(document []byte, offset int) int {
	return 1 + strings.Count(string(document[:min(max(offset, 0), len(document))]), "\n")
}
