package message_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byoe/message"
)

// link makes a symbolic link, or ends the test where the system has none for everybody.
func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

// A template set behind a link is that set. It was ignored once, and nothing told.
func TestTemplateSetBehindALink(t *testing.T) {
	t.Parallel()
	c := edited(t, change{layout, `{{.Code}}`, ``})
	name := filepath.Join(t.TempDir(), "set")
	link(t, c.TemplatesDir, name)
	c.TemplatesDir = name
	if problems := c.Validate(); len(problems) != 1 || !strings.Contains(problems.Error(), "the code stands 0 times") {
		t.Errorf("the start says %v", problems)
	}
}

// A mounted configuration is a folder of links into another one, whose name begins with a dot.
func TestTemplateSetOfLinks(t *testing.T) {
	t.Parallel()
	c := edited(t, change{layout, `{{.Lead}}`, `<b>{{.Lead}}</b>`}, change{german, `"heading": "E-Mail-Adresse bestätigen"`, `"heading": "Willkommen"`})
	dir := t.TempDir()
	if err := os.Rename(c.TemplatesDir, filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{layout, "catalogues"} {
		link(t, filepath.Join("..data", name), filepath.Join(dir, name))
	}
	c.TemplatesDir = dir
	if m := compose(t, c, of("", "de")); !strings.Contains(m.HTML, "<b>Um") || !strings.Contains(m.Text, "Willkommen") {
		t.Errorf("the set is not used:\n%s", m.HTML)
	}
}

// Nothing that stands in a folder holds up the start: not a pipe that nobody writes into, not a file without end.
func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(t *testing.T, file string){
		"pipe": func(t *testing.T, file string) {
			t.Helper()
			if err := exec.CommandContext(t.Context(), "mkfifo", file).Run(); err != nil {
				t.Skipf("no pipes here: %v", err)
			}
		},
		"device":    func(t *testing.T, file string) { t.Helper(); link(t, os.DevNull, file) },
		"endless":   func(t *testing.T, file string) { t.Helper(); link(t, "/dev/zero", file) },
		"dead link": func(t *testing.T, file string) { t.Helper(); link(t, "nowhere", file) },
		"huge": func(t *testing.T, file string) {
			t.Helper()
			if err := os.WriteFile(file, make([]byte, 256<<10+1), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"folder": func(t *testing.T, file string) {
			t.Helper()
			if err := os.Mkdir(file, 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, file := range []string{layout, text, german, "catalogues"} {
			t.Run(name+" "+file, func(t *testing.T) {
				t.Parallel()
				if name == "folder" && file == "catalogues" {
					t.Skip("it is one")
				}
				c := settings()
				c.TemplatesDir = t.TempDir()
				if file == german {
					if err := os.Mkdir(filepath.Join(c.TemplatesDir, "catalogues"), 0o700); err != nil {
						t.Fatal(err)
					}
				}
				put(t, filepath.Join(c.TemplatesDir, file))
				done := make(chan string, 1)
				go func() { done <- c.Validate().Error() }()
				select {
				case told := <-done:
					if !strings.Contains(told, file+": ") {
						t.Errorf("the start says %q", told)
					}
				case <-time.After(10 * time.Second):
					t.Error("the start hangs")
				}
			})
		}
	}
	c := settings()
	c.BrandsFile = t.TempDir()
	if told := c.Validate().Error(); !strings.Contains(told, "not a file") {
		t.Errorf("a folder for a brand file: %q", told)
	}
}

// Editors on Windows write a byte order mark and carriage returns. Neither gets into a mail, and neither is a fault.
func TestFilesFromWindows(t *testing.T) {
	t.Parallel()
	fromWindows := func(name string) change {
		return change{name, "", "\ufeff" + strings.ReplaceAll(builtInFile(t, name), "\n", "\r\n")}
	}
	c := edited(t, fromWindows(layout), fromWindows(text), fromWindows(german))
	c.BrandsFile = withBrands(t, "\ufeffdefault:\r\n  name: Contoso\r\n").BrandsFile
	for _, f := range message.Lint(c) {
		t.Errorf("%s: %s", f.Place(), f.What)
	}
	own, builtIn := compose(t, c, of("", "de")), compose(t, withBrands(t, "default: {name: Contoso}"), of("", "de"))
	if own.Text != builtIn.Text || own.HTML != builtIn.HTML {
		t.Errorf("another mail:\n%q\n%q", own.Text, builtIn.Text)
	}
}

func TestFolderThatIsNoTemplateSet(t *testing.T) {
	t.Parallel()
	c := settings()
	for _, in := range []string{"", "catalogues"} {
		c.TemplatesDir = t.TempDir()
		if err := os.MkdirAll(filepath.Join(c.TemplatesDir, in), 0o700); err != nil {
			t.Fatal(err)
		}
		for i := range 501 {
			if err := os.WriteFile(filepath.Join(c.TemplatesDir, in, fmt.Sprint(i)), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if problems := c.Validate(); len(problems) != 1 || !strings.Contains(problems[0].What, "more files than") {
			t.Errorf("%d problems, the first %v", len(problems), problems[0])
		}
	}
	c.TemplatesDir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(c.TemplatesDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if problems := c.Validate(); len(problems) != 1 || problems[0].Remedy == "" {
		t.Errorf("a file for a folder: %v", problems)
	}
	c = edited(t, change{"catalogues/de.yaml", "", ""})
	if problems := c.Validate(); len(problems) != 1 || !strings.Contains(problems[0].What, "catalogues/de.yaml: a file that means nothing") {
		t.Errorf("a catalogue in another format: %v", problems)
	}
}

// Whatever an owner's files are, the start tells what is wrong soon, and not more of it than anybody reads.
func TestHostileFilesAreToldSoon(t *testing.T) {
	t.Parallel()
	insert := func(more string) message.Config { return edited(t, change{layout, `{{.Lead}}`, `{{.Lead}}` + more}) }
	var doubling, flows, apps strings.Builder
	for i := range 40 {
		_, _ = fmt.Fprintf(&doubling, `{{define "t%d"}}{{template "t%d" .}}{{template "t%d" .}}{{end}}`, i, i+1, i+1) // a builder takes everything
	}
	for i := range 5000 {
		_, _ = fmt.Fprintf(&flows, `"f%d": {}, `, i)
		_, _ = fmt.Fprintf(&apps, "  app%d: {footer: '{x}', logo: {url: x}, colors: {accent: red}}\n", i)
	}
	for name, c := range map[string]message.Config{
		"nested":     insert(strings.Repeat("{{if .App}}", 9000) + strings.Repeat("{{end}}", 9000)),
		"doubling":   insert(doubling.String() + `{{define "t40"}}x{{end}}{{template "t0" .}}`),
		"writing":    insert(`{{define "x"}}` + strings.Repeat("x", 100_000) + `{{end}}` + strings.Repeat(`{{template "x" .}}`, 2000)),
		"brackets":   insert("{{if " + strings.Repeat("(", 60000) + ".App" + strings.Repeat(")", 60000) + "}}{{end}}"),
		"deep":       insert(strings.Repeat("<div>", 20000) + strings.Repeat("</div>", 20000)),
		"many flows": edited(t, change{german, `"flows": {`, `"flows": {` + flows.String()}),
		"many apps":  withBrands(t, "apps:\n"+apps.String()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			problems := c.Validate()
			if took := time.Since(began); len(problems) == 0 || len(problems) > 300 || took > time.Minute { // doubling would take for ever
				t.Errorf("%d problems after %v", len(problems), took)
			}
		})
	}
}
