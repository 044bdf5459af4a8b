package cli

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// versionCommand is byoe version.
type versionCommand struct{}

// Run prints which byoe this is.
func (versionCommand) Run(p *program) error {
	_, err := fmt.Fprintln(p.stdout, thisVersion())
	return err
}

// thisVersion reads what Go itself wrote into the program: no build can forget to stamp it, and it names a commit where
// nobody has given that a tag.
func thisVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "byoe, built without information about itself"
	}
	return describe(info)
}

func describe(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	version := info.Main.Version
	if version == "" {
		version = "(devel)"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "byoe %s, %s %s/%s", version, info.GoVersion, settings["GOOS"], settings["GOARCH"])
	if commit := settings["vcs.revision"]; commit != "" {
		fmt.Fprintf(&b, "\ncommit %s of %s", commit, settings["vcs.time"])
		if settings["vcs.modified"] == "true" {
			b.WriteString(", with changes that are not committed")
		}
	}
	return b.String()
}
