package standin

import "strings"

// overridePrefix starts an environment variable that overrides a setting of host.json: its path follows, joined by
// two underscores.
const overridePrefix = "AzureFunctionsJobHost__"

// override puts every override of env into the tree of host.json. The host's configuration has no types before it is
// bound, so "true" and "false" become booleans here.
func override(tree map[string]any, env environment) {
	for name, value := range env {
		if len(name) <= len(overridePrefix) || !strings.EqualFold(name[:len(overridePrefix)], overridePrefix) {
			continue
		}
		put(tree, strings.Split(name[len(overridePrefix):], "__"), value)
	}
}

// put sets the value at path, without regard to the case of the keys, and makes the objects on the way.
func put(tree map[string]any, path []string, value string) {
	key := existingKey(tree, path[0])
	if len(path) == 1 {
		tree[key] = typed(value)
		return
	}
	child, isObject := tree[key].(map[string]any)
	if !isObject {
		child = map[string]any{}
		tree[key] = child
	}
	put(child, path[1:], value)
}

// existingKey returns the spelling that the tree already has, else the given one.
func existingKey(tree map[string]any, key string) string {
	for existing := range tree {
		if strings.EqualFold(existing, key) {
			return existing
		}
	}
	return key
}

func typed(value string) any {
	switch {
	case strings.EqualFold(value, "true"):
		return true
	case strings.EqualFold(value, "false"):
		return false
	default:
		return value
	}
}
