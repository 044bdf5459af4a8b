package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"byoe/config"
)

// maxBrandsFile bounds BRANDS_FILE in bytes.
const maxBrandsFile = 1 << 20

// brands is BRANDS_FILE: YAML, of which JSON is a part.
type brands struct {
	Default brand            `yaml:"default"`
	Apps    map[string]brand `yaml:"apps"` // by clientServicePrincipal.appId, in lower case
}

// brandsFile is the file and what it says, for findings that tell the line.
type brandsFile struct {
	name string
	raw  []byte
	brands

	lines   keyLines          // of raw, once a finding asked for one
	written map[string]string // application ids in lower case, to how the file spells them
}

// readBrands reads the file. Without a name there is one brand, and nothing about it is special.
func readBrands(name string, found *findings) *brandsFile {
	f := &brandsFile{name: filepath.Base(name)}
	if name == "" {
		return f
	}
	raw, err := readBounded(name, maxBrandsFile)
	if err != nil {
		found.add(f.finding("cannot be read: "+reason(err), "Give the path of a YAML file that the program may read"))
		return f
	}
	f.raw = raw
	return f
}

// parse checks the file's form and takes what it says.
func (f *brandsFile) parse(found *findings) {
	decoder := yaml.NewDecoder(bytes.NewReader(f.raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f.brands); err != nil && !errors.Is(err, io.EOF) {
		f.addYAMLError(err, found)
		f.brands = brands{}
		return
	}
	if decoder.Decode(new(yaml.Node)) == nil {
		found.add(f.finding("has a second document", "Put everything into one document, without ---"))
	}
	f.lowerAppIDs(found)
}

// lowerAppIDs makes every key an application id in lower case, as the event is compared.
func (f *brandsFile) lowerAppIDs(found *findings) {
	apps := map[string]brand{}
	f.written = map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(f.Apps)) {
		lower := strings.ToLower(id)
		if !config.IsGUID(id) {
			found.add(f.finding("apps has a key that is no application id", "Give the application's client id, such as 00000000-0000-0000-0000-000000000000", "apps", id))
		} else if _, twice := apps[lower]; twice {
			found.add(f.finding("apps has one application twice, in two spellings", "Keep one", "apps", id))
		}
		apps[lower], f.written[lower] = f.Apps[id], id
	}
	f.Apps = apps
}

func (f *brandsFile) finding(what, remedy string, path ...string) Finding {
	finding := Finding{Setting: "BRANDS_FILE", File: f.name, What: what, Remedy: remedy, Stops: true}
	if len(path) > 0 {
		if f.lines == nil {
			f.lines = yamlLines(f.raw)
		}
		finding.Line = f.lines.of(path...)
	}
	return finding
}

// addYAMLError turns the library's text, "line 3: field nam not found in type message.brand", into findings. The texts of
// type errors quote values; only the line is taken from those.
func (f *brandsFile) addYAMLError(err error, found *findings) {
	var lines []string
	if typed, ok := errors.AsType[*yaml.TypeError](err); ok {
		lines = typed.Errors
	} else {
		lines = []string{err.Error()}
	}
	place := regexp.MustCompile(`line (\d+): (?:field (\S+) (not found|already set))?`)
	for _, text := range lines {
		finding := f.finding("not YAML of the form that the schema gives", "Compare with docs/brands.md and docs/brands.schema.json")
		if match := place.FindStringSubmatch(text); match != nil {
			finding.Line, _ = strconv.Atoi(match[1])
			switch match[3] {
			case "not found":
				finding.What = fmt.Sprintf("%q means nothing there", match[2])
			case "already set":
				finding.What = fmt.Sprintf("%q is given twice", match[2])
			}
		}
		found.add(finding)
	}
}

// readBounded reads a file, or fails where it is larger than most bytes. It opens nothing but files: to open a pipe is to
// wait for somebody who writes into it, and the start would never end.
func readBounded(name string, most int64) ([]byte, error) {
	if info, err := os.Stat(name); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("not a file")
	}
	file, err := os.Open(name) //nolint:gosec // the owner names the files
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	raw, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("larger than %d bytes", most)
	}
	return raw, err
}

// reason is an error without the path that [os.Open] puts before it: the finding names the file.
func reason(err error) string {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}
