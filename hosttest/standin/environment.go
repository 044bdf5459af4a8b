package standin

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// environment is a process's environment by name.
type environment map[string]string

// newEnvironment reads "NAME=value" entries; of two with one name the later counts, as in [os/exec].
func newEnvironment(entries []string) environment {
	env := make(environment, len(entries))
	for _, entry := range entries {
		if name, value, found := strings.Cut(entry, "="); found && name != "" {
			env[name] = value
		}
	}
	return env
}

// withDefaults adds what is not set yet. Core Tools skips a value of local.settings.json whose name the environment
// already has, and says so ("Skipping 'X' from local settings"), which is how a test steers a committed file.
func (e environment) withDefaults(values map[string]string) environment {
	merged := maps.Clone(e)
	for name, value := range values {
		if merged[name] == "" {
			merged[name] = value
		}
	}
	return merged
}

// with sets values.
func (e environment) with(values map[string]string) environment {
	merged := maps.Clone(e)
	maps.Copy(merged, values)
	return merged
}

// entries returns "NAME=value" entries in order of name.
func (e environment) entries() []string {
	entries := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		entries = append(entries, name+"="+e[name])
	}
	return entries
}

// expand replaces %NAME%; a name that is not set leaves nothing behind, as in the host.
func (e environment) expand(text string) string {
	return regexp.MustCompile(`%[^%]+%`).ReplaceAllStringFunc(text, func(name string) string {
		return e[strings.Trim(name, "%")]
	})
}
