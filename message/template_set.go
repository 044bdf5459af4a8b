package message

import (
	"bytes"
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
			set.files[name] = setFile{raw: withoutMarks(raw)} // git may have checked them out for Windows
		}
		return nil
	})
	if dir != "" {
		set.overlay(dir, found)
	}
	return set
}

// overlay takes the files of a folder and of its folder of catalogues. One that means nothing is a finding: a catalogue in a
// folder "catalogs" would otherwise be ignored until somebody gets English. Links are followed, because a mounted
// configuration is nothing but links.
func (s *templateSet) overlay(dir string, found *findings) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		found.add(s.finding(filepath.Base(dir), 0, "cannot be read: "+reason(err), "Give the path of a folder; byoe templates export writes one to start from"))
		return
	}
	if len(entries) > maxSetFiles {
		found.add(s.tooMany(filepath.Base(dir)))
		return
	}
	for _, entry := range entries {
		name := entry.Name()
		info, err := os.Stat(filepath.Join(dir, name))
		switch isFolder := err == nil && info.IsDir(); {
		case ignored(name):
		case isFolder && name == cataloguesIn:
			s.overlayCatalogues(dir, found)
		case isFolder:
			found.add(s.finding(name, 0, "a folder that means nothing in a template set", "Call it catalogues, or begin its name with a dot to have it ignored"))
		case name == htmlFile || name == textFile:
			s.overlayFile(dir, name, found)
		default:
			found.add(s.meaningless(name))
		}
	}
}

func (s *templateSet) overlayCatalogues(dir string, found *findings) {
	entries, err := os.ReadDir(filepath.Join(dir, cataloguesIn))
	if err != nil {
		found.add(s.finding(cataloguesIn, 0, "cannot be read: "+reason(err), "Make the folder readable for the program"))
		return
	}
	if len(entries) > maxSetFiles {
		found.add(s.tooMany(cataloguesIn))
		return
	}
	for _, entry := range entries {
		switch name := path.Join(cataloguesIn, entry.Name()); {
		case ignored(entry.Name()):
		case path.Ext(name) != ".json":
			found.add(s.meaningless(name))
		default:
			s.overlayFile(dir, name, found)
		}
	}
}

func (s *templateSet) overlayFile(dir, name string, found *findings) {
	raw, err := readBounded(filepath.Join(dir, filepath.FromSlash(name)), maxTemplateFile)
	switch {
	case err != nil:
		found.add(s.finding(name, 0, "cannot be read: "+reason(err), "Make it a file that the program may read, of no more than 256 KiB"))
	case !utf8.Valid(raw):
		found.add(s.finding(name, 0, "not UTF-8", "Save it in UTF-8"))
	default:
		s.files[name] = setFile{raw: withoutMarks(raw), own: true}
	}
}

// withoutMarks takes out what editors on Windows put into a file: the byte order mark, which no JSON may begin with and which
// would stand in the mail, and the carriage returns.
func withoutMarks(raw []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(raw, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
}

// ignored are the files beside a template set that may be there.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || strings.EqualFold(path.Ext(name), ".md")
}

func (s *templateSet) meaningless(name string) Finding {
	return s.finding(name, 0, "a file that means nothing in a template set", "There are mail.html, mail.txt and catalogues/<language>.json; begin a name with a dot to have it ignored")
}

func (s *templateSet) tooMany(name string) Finding {
	return s.finding(name, 0, "more files than a template set has", "Point MAIL_TEMPLATES_DIR to the folder of the set alone")
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
