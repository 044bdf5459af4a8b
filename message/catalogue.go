package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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
		if fault == nil && set.files[name].own {
			fault = repeatedKey(set.files[name].raw)
		}
		if fault != nil {
			found.add(set.finding(name, fault.line, fault.what, fault.remedy))
			continue
		}
		if faults := c.check(); len(faults) > 0 {
			lines := jsonLines(set.files[name].raw)
			for _, fault := range faults {
				found.add(set.finding(name, lines.of(fault.path...), fault.what, fault.remedy))
			}
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
		fault := jsonFault(raw, err)
		return nil, &fault
	}
	if dec.More() {
		return nil, &fileFault{lineAt(raw, int(dec.InputOffset())), "something stands behind the catalogue", "Take it out"}
	}
	return c, nil
}

// jsonFault says where a catalogue is none, in words of a catalogue: encoding/json's own are about Go.
func jsonFault(raw []byte, err error) fileFault {
	const remedy = "Compare with a built-in catalogue: byoe templates export writes them"
	if errors.Is(err, io.EOF) {
		return fileFault{1, "the file is empty", remedy}
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fileFault{lineAt(raw, int(syntax.Offset)-1), err.Error(), remedy}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fileFault{lineAt(raw, int(wrong.Offset)-1), or(wrong.Field, "the catalogue") + " cannot be: " + wrong.Value, remedy}
	}
	what := strings.TrimPrefix(err.Error(), "json: ")
	if name, ok := strings.CutPrefix(what, "unknown field "); ok {
		return fileFault{lineAt(raw, bytes.Index(raw, []byte(name))), what, remedy}
	}
	return fileFault{lineAt(raw, len(raw)), what, remedy}
}

// direction is the writing direction of the catalogue's script, for the dir attribute. The scripts are those from right to
// left that are in use today, by their ISO 15924 codes.
func (c *catalogue) direction() string {
	script, _ := c.tag.Script()
	switch script.String() {
	case "Arab", "Aran", "Hebr", "Syrc", "Syre", "Syrj", "Syrn", "Thaa", "Nkoo", "Adlm", "Rohg", "Samr", "Mand", "Yezi", "Mend", "Gara":
		return "rtl"
	default:
		return "ltr"
	}
}

// validity is the sentence for a number of minutes in the plural form that the language gives it.
func (c *catalogue) validity(minutes int) string {
	return c.Validity[pluralCategory(plural.Cardinal.MatchPlural(c.tag, minutes, 0, 0, 0, 0))]
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
