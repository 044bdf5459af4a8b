package message

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed catalogues/*.json
var builtInCatalogues embed.FS

// catalogue is every sentence of one language. {app}, {code} and {minutes} stand for what the event brings.
type catalogue struct {
	tag language.Tag

	Flows      map[string]flowStrings `json:"flows"`
	CodeLabel  string                 `json:"codeLabel"`
	Validity   map[string]string      `json:"validity"` // by CLDR plural category of the minutes
	NeverShare string                 `json:"neverShare"`
	Ignore     string                 `json:"ignore"`
	SignOff    string                 `json:"signOff"`
}

// flowStrings is what differs between flows.
type flowStrings struct {
	Subject   string `json:"subject"`
	Preheader string `json:"preheader"`
	Heading   string `json:"heading"`
	Lead      string `json:"lead"`
}

// loadCatalogues reads every catalogue of a folder; a file's name is its language tag. A catalogue that lacks a string is
// an error: found at start, it costs a restart; found when a mail is due, it costs the mail.
func loadCatalogues(from fs.FS, folder string) ([]*catalogue, error) {
	names, err := fs.Glob(from, path.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	catalogues := make([]*catalogue, 0, len(names))
	for _, name := range names {
		c, err := loadCatalogue(from, name)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		catalogues = append(catalogues, c)
	}
	return catalogues, nil
}

func loadCatalogue(from fs.FS, name string) (*catalogue, error) {
	raw, err := fs.ReadFile(from, name)
	if err != nil {
		return nil, err
	}
	tag, err := language.Parse(strings.TrimSuffix(path.Base(name), ".json"))
	if err != nil {
		return nil, fmt.Errorf("the file's name is no language tag: %w", err)
	}
	c := &catalogue{tag: tag}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(c); err != nil {
		return nil, err
	}
	return c, c.check()
}

// direction is the writing direction of the catalogue's script, for the dir attribute.
func (c *catalogue) direction() string {
	script, _ := c.tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm":
		return "rtl"
	default:
		return "ltr"
	}
}

// validity is the sentence for a number of minutes in the plural form that the language gives it.
func (c *catalogue) validity(minutes int) string {
	form := plural.Cardinal.MatchPlural(c.tag, minutes, 0, 0, 0, 0)
	if sentence := c.Validity[pluralCategory(form)]; sentence != "" {
		return sentence
	}
	return c.Validity["other"]
}

// pluralCategory is the CLDR name of a plural form.
func pluralCategory(form plural.Form) string {
	switch form {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	case plural.Other:
		return "other"
	default:
		return "other"
	}
}
