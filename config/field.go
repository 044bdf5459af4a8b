package config

import (
	"reflect"
	"time"

	"byoe/redact"
)

// field is one setting as its owner's struct declares it.
type field struct {
	name        string // of the struct's field
	setting     string
	fallback    string // the default
	description string
	secret      bool
	list        bool
	kind        reflect.Type
}

// fieldsOf reads the tags of a section: env, envDefault, desc.
func fieldsOf(section any) []field {
	structType := reflect.TypeOf(section).Elem()
	var fields []field
	for structField := range structType.Fields() {
		setting, tagged := structField.Tag.Lookup("env")
		if !tagged {
			continue
		}
		fields = append(fields, field{
			name:        structField.Name,
			setting:     setting,
			fallback:    structField.Tag.Get("envDefault"),
			description: structField.Tag.Get("desc"),
			secret:      structField.Type == reflect.TypeFor[redact.Secret](),
			list:        structField.Type.Kind() == reflect.Slice,
			kind:        structField.Type,
		})
	}
	return fields
}

// form names what a value must be.
func (f field) form() string {
	if f.kind == reflect.TypeFor[time.Duration]() {
		return "a duration"
	}
	switch f.kind.Kind() { //nolint:exhaustive // the other kinds are no settings
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint16:
		return "a number"
	default:
		return "a value that byoe knows"
	}
}

// example shows a right value.
func (f field) example() string {
	if f.fallback != "" {
		return "a value such as " + f.fallback
	}
	return f.form()
}
