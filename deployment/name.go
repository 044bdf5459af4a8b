package deployment

import (
	"slices"
	"strings"
)

// checkName says what is wrong with a name in a zip. seen remembers the names by their small letters.
func checkName(name string, seen map[string]string) (Finding, bool) {
	what := nameFault(name)
	small := strings.ToLower(strings.TrimSuffix(name, "/"))
	other, twice := seen[small]
	seen[small] = name
	switch {
	case what != "":
	case twice && other == name:
		what = "is in the zip twice: which one is unpacked depends on the tool"
	case twice:
		what = "differs from " + other + " in capital letters only: on Linux these are two"
	default:
		return Finding{}, false
	}
	return Finding{Entry: name, What: what, Remedy: remake}, true
}

// nameFault is "" for a name that every tool unpacks to the same place.
func nameFault(name string) string {
	elements := strings.Split(strings.TrimSuffix(name, "/"), "/")
	switch {
	case strings.Contains(name, `\`):
		return "has backslashes in its name: Linux makes one file of it, not a folder and a file"
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':':
		return "is an absolute path"
	case slices.Contains(elements, ".."), slices.Contains(elements, "."), slices.Contains(elements, ""):
		return "is no plain path"
	default:
		return ""
	}
}
