package message

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"byoe/internal/require"
)

const schemaFile = "../docs/brands.schema.json"

// The published schema knows the keys that the program knows, and no others.
func TestSchemaHasTheKeysOfTheFile(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]json.RawMessage
		Defs       map[string]json.RawMessage `json:"$defs"`
	}
	read := func(raw json.RawMessage) object {
		var o object
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	root := read(raw)
	inBrand := read(root.Defs["brand"]).Properties
	for name, tt := range map[string]struct {
		schema object
		of     reflect.Type
	}{
		"file": {root, reflect.TypeFor[brands]()}, "brand": {read(root.Defs["brand"]), reflect.TypeFor[brand]()},
		"colors": {read(inBrand["colors"]), reflect.TypeFor[colors]()}, "logo": {read(inBrand["logo"]), reflect.TypeFor[logo]()},
		"wording": {read(root.Defs["wording"]), reflect.TypeFor[wording]()}, "flow": {read(root.Defs["flowStrings"]), reflect.TypeFor[flowStrings]()},
		"hosted": {read(root.Defs["hosted"]), reflect.TypeFor[hosted]()},
	} {
		keys := map[string]bool{}
		for _, field := range reflect.VisibleFields(tt.of) {
			if key := field.Tag.Get("yaml"); key != "" {
				keys[key] = true
			}
		}
		for key := range tt.schema.Properties {
			if !keys[key] {
				t.Errorf("%s: the schema has %s", name, key)
			}
		}
		for key := range keys {
			if _, ok := tt.schema.Properties[key]; !ok {
				t.Errorf("%s: the schema lacks %s", name, key)
			}
		}
	}
}

// The example of the docs starts, and a validator that we did not write agrees with us about good and bad files.
func TestSchemaAgreesWithTheProgram(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/brands.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	files := map[string]bool{
		example:                                                           true,
		"default: {name: Contoso}":                                        true,
		"default: {label: Contoso}":                                       false,
		"default: {colors: {accent: red}}":                                false,
		"default: {logo: {url: 'https://x.y/z'}}":                         false,
		"apps: {shop: {name: Shop}}":                                      false,
		"default: {strings: {de: {flows: {up: {lead: x}}}}}":              false,
		"default: {templates: [{provider: sendgrid}]}":                    false,
		"default: {templates: [{provider: sendgrid, id: d, flow: else}]}": false,
	}
	dir := t.TempDir()
	validator := func(string) error { return nil }
	if _, err := exec.LookPath("jv"); err == nil {
		validator = func(file string) error { return exec.CommandContext(t.Context(), "jv", schemaFile, file).Run() }
	} else if require.Required(os.Getenv(require.Variable), "jv") {
		t.Fatal(errors.New("jv is required and not there"))
	}
	_, lookErr := exec.LookPath("jv")
	for content, good := range files {
		file := filepath.Join(dir, "brands.yaml")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		problems := Config{From: "no-reply@contoso.example", DefaultLocale: "en", BrandsFile: file}.Validate()
		if (len(problems) == 0) != good {
			t.Errorf("the program says of %q: %v", content, problems)
		}
		if err := validator(file); lookErr == nil && (err == nil) != good {
			t.Errorf("the validator says of %q: %v", content, err)
		}
	}
}
