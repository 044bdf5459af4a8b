package deployment

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
)

// listFile says what is deployed. Core Tools reads it too, so that both publish the same.
const listFile = ".funcignore"

// readList returns the names at the root that are deployed. The file must be a list of exceptions: everything is left out but
// for what is named. More of gitignore's language is refused, because what is misread here is published.
func readList(root fs.FS) ([]string, error) {
	raw, err := fs.ReadFile(root, listFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read what is deployed: %w", err)
	}
	var names []string
	everything := false
	for line := range bytes.Lines(raw) {
		pattern := strings.TrimSpace(string(line)) // Windows may have checked the file out with carriage returns
		name, listed := strings.CutPrefix(pattern, "!/")
		switch {
		case pattern == "" || strings.HasPrefix(pattern, "#"):
		case pattern == "/*" && len(names) == 0:
			everything = true
		case everything && listed && fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, `/*?[\!`):
			names = append(names, name)
		default:
			return nil, fmt.Errorf("%s: %q is not understood: it must be /* and then a line !/NAME for each file and folder that is deployed", listFile, pattern)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s lists nothing that is deployed", listFile)
	}
	return names, nil
}
