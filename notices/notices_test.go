package notices_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"byoe/notices"
)

var update = flag.Bool("update", false, "write THIRD_PARTY_NOTICES.md")

// page is the file that is compared.
const page = "THIRD_PARTY_NOTICES.md"

// A dependency that comes or goes, or changes its licence, changes the page.
func TestTheNoticesAreThoseOfWhatIsLinked(t *testing.T) {
	t.Parallel()
	texts := map[string]*licence{}
	for _, goos := range []string{"linux", "windows", "darwin"} {
		for _, linked := range listLinked(t, goos) {
			addLicences(t, texts, linked)
		}
	}
	want := render(texts)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := strings.ReplaceAll(notices.Text(), "\r\n", "\n"); got != want {
		t.Errorf("%s is not what is linked: run go test ./notices -update", page)
	}
}

// linked is one package of the program.
type linked struct {
	Dir      string
	Standard bool
	Module   *module
}

type module struct {
	Path, Version, Dir string
	Main               bool
}

// listLinked asks Go for every package of the program on a system.
func listLinked(t *testing.T, goos string) []linked {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,Standard,Module", ".")
	list.Dir = ".."
	list.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []linked
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var one linked
		switch err := decoder.Decode(&one); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		if one.Module == nil || !one.Module.Main {
			all = append(all, one)
		}
	}
}

// licence is a text, and what is under it.
type licence struct {
	text string
	of   map[string]bool
}

// addLicences reads the texts of the package's module, and those on the way from there to the package: parts that were taken
// over from elsewhere bring their own. A module without any is an error: nobody has allowed to hand it on.
func addLicences(t *testing.T, texts map[string]*licence, one linked) {
	t.Helper()
	if one.Standard {
		one.Module = &module{Path: "Go,", Version: "standard library", Dir: goRoot(t)}
		one.Dir = one.Module.Dir
	}
	name := one.Module.Path + " " + one.Module.Version
	found := 0
	for dir := one.Dir; ; dir = filepath.Dir(dir) {
		for _, text := range licencesIn(t, dir) {
			found++
			key := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
			if texts[key] == nil {
				texts[key] = &licence{text: text, of: map[string]bool{}}
			}
			texts[key].of[name] = true
		}
		if dir == one.Module.Dir {
			break
		}
	}
	if found == 0 {
		t.Errorf("%s has no licence", name)
	}
}

func goRoot(t *testing.T) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(output))
}

// licencesIn reads the texts in one folder.
func licencesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|third.?party)[^/]*$`)
	var texts []string
	for _, entry := range entries {
		if entry.IsDir() || !file.MatchString(entry.Name()) || filepath.Ext(entry.Name()) == ".go" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n")))
	}
	return texts
}

// render writes the page: each text once, under the names of what it covers.
func render(texts map[string]*licence) string {
	headed := map[string]string{}
	for _, one := range texts {
		heading := strings.Join(slices.Sorted(maps.Keys(one.of)), "\n\n## ")
		headed[heading+"\n"+one.text] = "\n## " + heading + "\n\n````\n" + one.text + "\n````\n"
	}
	var b strings.Builder
	b.WriteString("# Third-party notices\n\nWhat is linked into byoe on Linux, Windows or macOS, and under which licences. Written by `go test ./notices -update`;\n`byoe notices` prints it.\n")
	for _, key := range slices.Sorted(maps.Keys(headed)) {
		b.WriteString(headed[key])
	}
	return b.String()
}
