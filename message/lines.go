package message

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// lineOf returns the line of a YAML or JSON document where the value at path stands, or of the nearest that there is around
// it; 0 where there is none.
func lineOf(document []byte, path ...string) int {
	var root yaml.Node
	if yaml.Unmarshal(document, &root) != nil || len(root.Content) == 0 {
		return 0
	}
	node := root.Content[0]
	line := node.Line
	for _, step := range path {
		key, value := member(node, step)
		if key == nil {
			return line
		}
		node, line = value, key.Line
	}
	return line
}

func member(node *yaml.Node, name string) (key, value *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}

// lineAt is the line of a byte, counted from 1.
func lineAt(document []byte, offset int) int {
	return 1 + strings.Count(string(document[:min(max(offset, 0), len(document))]), "\n")
}
