// Package config loads settings into the structs that their owners declare, and tells every error at once. It knows where
// each value came from and shows none that is secret. What a setting means, its owner knows.
package config

import (
	"errors"
	"maps"
	"os"
	"strings"

	"github.com/caarlos0/env/v11"
)

// maxSecretFile bounds what a …_FILE setting may point to, in bytes.
const maxSecretFile = 64 << 10

// Given is a value that something else than the setting's own name gives: an alias, the local tenant. A value under the
// setting's own name goes before it.
type Given struct {
	Setting, Value string
	// Source says where it came from, for byoe config.
	Source string
}

// Load fills each section, a pointer to a struct with `env` tags, from environ. Settings that are empty count as not set.
// The report is complete also where there are problems.
func Load(environ map[string]string, given []Given, sections ...any) (*Report, Problems) {
	// Never nil: the library would read the process's own environment.
	values := &values{environ: make(map[string]string, len(environ)), sources: map[string]string{}}
	maps.Copy(values.environ, environ)
	values.dropEmpty()
	for _, g := range given {
		values.give(g)
	}
	report := &Report{}
	var problems Problems
	for _, section := range sections {
		fields := fieldsOf(section)
		for _, f := range fields {
			problems = append(problems, values.prepare(f)...)
		}
		problems = append(problems, parse(section, fields, values.environ)...)
		report.add(section, fields, values)
	}
	return report, problems
}

// values is the environment on its way into the structs.
type values struct {
	environ map[string]string
	sources map[string]string // by setting; absent: the environment itself
}

func (v *values) dropEmpty() {
	maps.DeleteFunc(v.environ, func(_, value string) bool { return strings.TrimSpace(value) == "" })
}

func (v *values) give(g Given) {
	if _, set := v.environ[g.Setting]; set || g.Value == "" {
		return
	}
	v.environ[g.Setting] = g.Value
	v.sources[g.Setting] = g.Source
}

// prepare reads a secret's file form, and trims what people paste with a value.
func (v *values) prepare(f field) Problems {
	var problems Problems
	if f.secret {
		problems = v.readFile(f.setting)
	}
	value, set := v.environ[f.setting]
	if !set {
		return problems
	}
	switch {
	case f.secret:
		value = strings.Trim(value, "\r\n")
	case f.list:
		value = trimList(value)
	default:
		value = strings.TrimSpace(value)
	}
	v.environ[f.setting] = value
	if strings.HasPrefix(value, "@Microsoft.KeyVault(") {
		return append(problems, Problem{Setting: f.setting, What: "a Key Vault reference that the platform did not resolve", Remedy: "Grant the app's identity the role Key Vault Secrets User, and check the secret's name"})
	}
	return problems
}

// readFile takes the secret out of the file that NAME_FILE points to. The path is not repeated in an error: somebody may
// have put the secret itself there.
func (v *values) readFile(setting string) Problems {
	fileSetting := setting + "_FILE"
	path, set := v.environ[fileSetting]
	if !set {
		return nil
	}
	if _, both := v.environ[setting]; both {
		return Problems{{Setting: fileSetting, What: "set beside " + setting, Remedy: "Set only one of the two"}}
	}
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Size() > maxSecretFile {
		return Problems{{Setting: fileSetting, What: "no readable file of at most 64 KiB", Remedy: "Give the path of a file that holds the secret and nothing else"}}
	}
	content, err := os.ReadFile(path) //nolint:gosec // the owner's own setting names the file
	if err != nil {
		return Problems{{Setting: fileSetting, What: "the file cannot be read", Remedy: "Let the process's user read it"}}
	}
	v.environ[setting] = strings.TrimSpace(string(content))
	v.sources[setting] = fileSetting
	return nil
}

func trimList(list string) string {
	var kept []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			kept = append(kept, item)
		}
	}
	return strings.Join(kept, ",")
}

// parse lets the library fill one section and tells its errors without the values, which it would echo.
func parse(section any, fields []field, environ map[string]string) Problems {
	err := env.ParseWithOptions(section, env.Options{Environment: environ})
	if err == nil {
		return nil
	}
	aggregate, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return Problems{{Setting: "settings", What: "cannot be read"}}
	}
	var problems Problems
	for _, one := range aggregate.Errors {
		problems = append(problems, problemOf(one, fields))
	}
	return problems
}

func problemOf(err error, fields []field) Problem {
	if parseError, ok := errors.AsType[env.ParseError](err); ok {
		for _, f := range fields {
			if f.name == parseError.Name {
				return Problem{Setting: f.setting, What: "not " + f.form(), Remedy: "Give " + f.example()}
			}
		}
	}
	return Problem{Setting: "settings", What: "cannot be read"}
}
