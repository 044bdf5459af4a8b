package config

import (
	"fmt"
	"reflect"
	"strings"

	"byoe/redact"
)

// Setting is one line of a [Report].
type Setting struct {
	Name string
	// Value is what is in force, masked where it is secret; "" where nothing is set.
	Value string
	// Source is where the value came from: "environment", "default", a …_FILE setting, an alias, or "".
	Source      string
	Default     string
	Description string
	Secret      bool
}

// Report is every setting of every section, in the order of declaration.
type Report struct {
	Settings []Setting
}

func (r *Report) add(section any, fields []field, v *values) {
	structValue := reflect.ValueOf(section).Elem()
	for _, f := range fields {
		r.Settings = append(r.Settings, Setting{
			Name:        f.setting,
			Value:       shown(structValue.FieldByName(f.name).Interface()),
			Source:      v.source(f),
			Default:     f.fallback,
			Description: f.description,
			Secret:      f.secret,
		})
	}
}

func (v *values) source(f field) string {
	if source, derived := v.sources[f.setting]; derived {
		return source
	}
	if _, set := v.environ[f.setting]; set {
		return "environment"
	}
	if f.fallback != "" {
		return "default"
	}
	return ""
}

// shown prints a value as it would be written into the environment. A secret prints its mask by itself.
func shown(value any) string {
	switch v := value.(type) {
	case []string:
		return strings.Join(v, ",")
	case redact.Secret:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// Markdown is the reference page of all settings. It holds no values, only names, defaults and meanings.
func (r *Report) Markdown() string {
	var b strings.Builder
	b.WriteString("| setting | default | meaning |\n|---|---|---|\n")
	for _, s := range r.Settings {
		name := "`" + s.Name + "`"
		if s.Secret {
			name += ", `" + s.Name + "_FILE`"
		}
		fallback := "–"
		if s.Default != "" {
			fallback = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, fallback, strings.ReplaceAll(s.Description, "|", "\\|"))
	}
	return b.String()
}
