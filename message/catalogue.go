package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

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
	Subject   string `json:"subject" yaml:"subject"`
	Preheader string `json:"preheader" yaml:"preheader"`
	Heading   string `json:"heading" yaml:"heading"`
	Lead      string `json:"lead" yaml:"lead"`
}

// readCatalogues reads every catalogue of a template set. A file's name is its language tag. A catalogue that lacks a
// string is a finding that stops: found at start, it costs a restart; found when a mail is due, it costs the mail.
func readCatalogues(set *templateSet, found *findings) []*catalogue {
	var catalogues []*catalogue
	for _, name := range set.catalogues() {
		c, fault := readCatalogue(name, set.files[name].raw)
		if fault != nil {
			found.add(set.finding(name, fault.line, fault.what, fault.remedy))
			continue
		}
		for _, fault := range c.check() {
			found.add(set.finding(name, lineOf(set.files[name].raw, fault.path...), fault.what, fault.remedy))
		}
		catalogues = append(catalogues, c)
	}
	return catalogues
}

// fileFault is what is wrong with a file as a whole, or with one line of it.
type fileFault struct {
	line         int
	what, remedy string
}

func readCatalogue(file string, raw []byte) (*catalogue, *fileFault) {
	tag, err := language.Parse(strings.TrimSuffix(path.Base(file), ".json"))
	if err != nil {
		return nil, &fileFault{0, "the file's name is no language tag", "Name it after its language, such as de.json or pt-BR.json"}
	}
	if name := tag.String() + ".json"; name != path.Base(file) { // one language, one file
		return nil, &fileFault{0, "the file's name is another spelling of " + tag.String(), "Name it " + name}
	}
	c := &catalogue{tag: tag}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(c); err != nil {
		line := lineAt(raw, int(dec.InputOffset()))
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line = lineAt(raw, int(syntax.Offset))
		}
		return nil, &fileFault{line, strings.TrimPrefix(err.Error(), "json: "), "Compare with a built-in catalogue: byoe templates export writes them"}
	}
	if dec.More() {
		return nil, &fileFault{lineAt(raw, int(dec.InputOffset())), "something stands behind the catalogue", "Take it out"}
	}
	return c, nil
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
