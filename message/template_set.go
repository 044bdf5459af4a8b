package message

import (
	"embed"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// The files of a template set, by their names in MAIL_TEMPLATES_DIR.
const (
	htmlFile        = "mail.html"
	textFile        = "mail.txt"
	cataloguesIn    = "catalogues"
	maxTemplateFile = 256 << 10 // bytes
	maxSetFiles     = 500
)

//go:embed mail.html mail.txt catalogues/*.json
var builtIn embed.FS

// templateSet is the two layouts and the catalogues: the built-in ones, each of which a file of MAIL_TEMPLATES_DIR may
// replace, and the catalogues that it adds.
type templateSet struct {
	files map[string]setFile // by slash-separated name
}

type setFile struct {
	raw []byte
	own bool // out of MAIL_TEMPLATES_DIR
}

// BuiltInTemplates is the set that is compiled in, in the layout of MAIL_TEMPLATES_DIR.
func BuiltInTemplates() fs.FS { return builtIn }

// readTemplateSet reads the built-in set and, over it, the files of dir, which may be empty.
func readTemplateSet(dir string, found *findings) *templateSet {
	set := &templateSet{files: map[string]setFile{}}
	_ = fs.WalkDir(builtIn, ".", func(name string, entry fs.DirEntry, _ error) error { // what is compiled in can be read
		if !entry.IsDir() {
			raw, _ := builtIn.ReadFile(name)
			set.files[name] = setFile{raw: raw}
		}
		return nil
	})
	if dir != "" {
		set.overlay(dir, found)
	}
	return set
}

// overlay takes the files of a folder. One that means nothing is a finding: a catalogue in a folder "catalogs" would
// otherwise be ignored until somebody gets English.
func (s *templateSet) overlay(dir string, found *findings) {
	add := func(name, what, remedy string) { found.add(s.finding(name, 0, what, remedy)) }
	count := 0
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		switch {
		case name == ".":
			return nil
		case strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_"):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			if name != cataloguesIn {
				add(name, "a folder that means nothing in a template set", "Call it catalogues, or begin its name with a dot to have it ignored")
				return fs.SkipDir
			}
			return nil
		case strings.EqualFold(path.Ext(name), ".md"):
			return nil
		case name != htmlFile && name != textFile && (path.Dir(name) != cataloguesIn || path.Ext(name) != ".json"):
			add(name, "a file that means nothing in a template set", "There are mail.html, mail.txt and catalogues/<language>.json; begin a name with a dot to have it ignored")
			return nil
		}
		if count++; count > maxSetFiles {
			add(name, "more files than a template set has", "Point MAIL_TEMPLATES_DIR to the folder of the set alone")
			return fs.SkipAll
		}
		raw, err := readBounded(file, maxTemplateFile)
		if err != nil {
			add(name, "cannot be read: "+reason(err), "Make it readable for the program, and no larger than 256 KiB")
			return nil
		}
		if !utf8.Valid(raw) {
			add(name, "not UTF-8", "Save it in UTF-8")
			return nil
		}
		s.files[name] = setFile{raw: raw, own: true}
		return nil
	})
	if err != nil {
		add(filepath.Base(dir), "cannot be read: "+reason(err), "Give the path of a folder; byoe templates export writes one to start from")
		return
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		add(filepath.Base(dir), "not a folder", "Give the path of a folder; byoe templates export writes one to start from")
	}
}

// catalogues are the names of the catalogues in order.
func (s *templateSet) catalogues() []string {
	var names []string
	for name := range s.files {
		if path.Dir(name) == cataloguesIn {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s *templateSet) finding(name string, line int, what, remedy string) Finding {
	return Finding{Setting: "MAIL_TEMPLATES_DIR", File: name, Line: line, What: what, Remedy: remedy, Stops: true}
}
