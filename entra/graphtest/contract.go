package graphtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"byoe/internal/require"
)

// contractsVariable names the folder with the services' own descriptions.
const contractsVariable = "BYOE_CONTRACTS"

// RequireContracts skips t where there are no descriptions to hold requests against, or fails it where they are required.
func RequireContracts(t testing.TB) {
	t.Helper()
	require.Component(t, "contracts", func() error {
		folder := os.Getenv(contractsVariable)
		if folder == "" {
			return errors.New(contractsVariable + " does not name the folder with the API descriptions")
		}
		_, err := os.Stat(filepath.Join(folder, "graph", "graph-v1.0.json")) //nolint:gosec // the folder is the tester's own choice
		return err
	})
}

// contract is Graph's descriptions (OpenAPI 3.1), or nothing.
type contract struct {
	versions map[string]Object
}

func loadContract(t testing.TB) *contract {
	folder := os.Getenv(contractsVariable)
	c := &contract{versions: map[string]Object{}}
	if folder == "" {
		return c
	}
	for version, file := range map[string]string{"v1.0": "graph-v1.0.json", "beta": "graph-beta.json"} {
		raw, err := os.ReadFile(filepath.Join(folder, "graph", file)) //nolint:gosec // the same
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		var description Object
		if err == nil {
			err = json.Unmarshal(raw, &description)
		}
		if err != nil {
			t.Fatal(err)
		}
		c.versions[version] = description
	}
	return c
}

// check fails t where a request breaks the description.
func (c *contract) check(t testing.TB, method, path string, raw []byte) {
	version, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	description := c.versions[version]
	if description == nil {
		return
	}
	for _, problem := range problemsOf(description, method, path, raw) {
		t.Errorf("%s %s breaks Graph's description: %s\n%s", method, path, problem, raw)
	}
}

func problemsOf(description Object, method, request string, raw []byte) []string {
	operation := operationOf(description, method, request)
	if operation == nil {
		return []string{"there is no such operation"}
	}
	var body any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &body); err != nil {
			return []string{err.Error()}
		}
	}
	content, ok := path(operation, "requestBody", "content", "application/json", "schema")
	if !ok {
		if body != nil {
			return []string{"it has a body, where none is described"}
		}
		return nil
	}
	return checker{description}.check(content, body, "")
}

func operationOf(description Object, method, request string) Object {
	paths, _ := description["paths"].(Object)
	for template, item := range paths {
		if !fits(template, request) {
			continue
		}
		// A template with a parameter matches names of actions too: validateAuthenticationConfiguration is no id.
		operations, _ := item.(Object)
		if operation, ok := operations[strings.ToLower(method)].(Object); ok {
			return operation
		}
	}
	return nil
}

// fits says whether a path is of a template's form. A parameter takes everything up to the end of its segment, or of the
// quotes that it stands in. It is asked for every template at every request: as regular expressions this took half of the
// time of all set-up tests.
func fits(template, request string) bool {
	for template != "" {
		literal, rest, parameter := strings.Cut(template, "{")
		after, found := strings.CutPrefix(request, literal)
		if !found || !parameter {
			return found && after == ""
		}
		end := strings.IndexAny(after+"/", "/'")
		if end == 0 {
			return false
		}
		_, template, _ = strings.Cut(rest, "}")
		request = after[end:]
	}
	return request == ""
}

// checker knows those words of JSON Schema that the descriptions use; another one is a problem, so that none is passed over.
type checker struct{ description Object }

func (c checker) check(schema, value any, at string) []string {
	words, ok := schema.(Object)
	if !ok {
		return []string{fmt.Sprintf("%s: the description has no schema here", at)}
	}
	var problems []string
	for word, rule := range words {
		problems = append(problems, c.word(word, rule, words, value, at)...)
	}
	return problems
}

func (c checker) word(word string, rule any, words Object, value any, at string) []string {
	switch word {
	case "description", "title", "example", "examples", "patternProperties", "readOnly", "deprecated", "default":
		return nil // patternProperties is looked at with additionalProperties; what it allows has no rule
	case "$ref":
		return c.check(c.resolve(rule), value, at)
	case "type":
		return checkType(rule, value, at)
	case "enum":
		return checkEnum(rule, value, at)
	case "format":
		return checkFormat(rule, value, at)
	case "allOf":
		var problems []string
		for _, part := range items(rule) {
			problems = append(problems, c.check(part, value, at)...)
		}
		return problems
	case "anyOf", "oneOf":
		return c.some(rule, value, at, word == "oneOf")
	case "required":
		return checkRequired(rule, value, at)
	case "properties":
		return c.properties(rule, value, at)
	case "additionalProperties":
		return checkAdditional(rule, words, value, at)
	case "items":
		var problems []string
		for i, item := range items(value) {
			problems = append(problems, c.check(rule, item, fmt.Sprintf("%s/%d", at, i))...)
		}
		return problems
	default:
		return []string{at + ": the description says " + word + ", which is not understood here"}
	}
}

func (c checker) resolve(reference any) any {
	name, _ := strings.CutPrefix(fmt.Sprint(reference), "#/components/schemas/")
	schemas, _ := path(c.description, "components", "schemas")
	return schemas[name]
}

func (c checker) some(rule, value any, at string, one bool) []string {
	var problems []string
	fits := 0
	for _, part := range items(rule) {
		found := c.check(part, value, at)
		if len(found) == 0 {
			fits++
		}
		problems = append(problems, found...)
	}
	if fits == 0 || one && fits > 1 {
		return append(problems, at+": fits none, or too many, of what is possible")
	}
	return nil
}

func (c checker) properties(rule, value any, at string) []string {
	o, ok := value.(Object)
	if !ok {
		return nil
	}
	var problems []string
	known, _ := rule.(Object)
	for name, member := range o {
		if schema, ok := known[name]; ok {
			problems = append(problems, c.check(schema, member, at+"/"+name)...)
		}
	}
	return problems
}

func checkAdditional(rule any, words Object, value any, at string) []string {
	o, ok := value.(Object)
	if !ok || rule != false {
		return nil
	}
	known, _ := words["properties"].(Object)
	patterns, _ := words["patternProperties"].(Object)
	var problems []string
	for name := range o {
		_, allowed := known[name]
		for pattern := range patterns {
			allowed = allowed || regexp.MustCompile(pattern).MatchString(name)
		}
		if !allowed {
			problems = append(problems, at+"/"+name+": there is no such property")
		}
	}
	return problems
}

func checkRequired(rule, value any, at string) []string {
	o, ok := value.(Object)
	if !ok {
		return nil
	}
	var problems []string
	for _, name := range texts(rule) {
		if _, ok := o[name]; !ok {
			problems = append(problems, at+"/"+name+": is required")
		}
	}
	return problems
}

func checkEnum(rule, value any, at string) []string {
	for _, known := range items(rule) {
		if known == value {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: %v is none of the known values", at, value)}
}

func checkType(rule, value any, at string) []string {
	types := texts(rule)
	if one, ok := rule.(string); ok {
		types = []string{one}
	}
	for _, name := range types {
		if isType(name, value) {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: is not %s", at, strings.Join(types, " or "))}
}

func isType(name string, value any) bool {
	switch v := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	case Object:
		return name == "object"
	default:
		return false
	}
}

func checkFormat(rule, value any, at string) []string {
	s, ok := value.(string)
	if !ok {
		return nil
	}
	pattern, known := map[any]string{
		"uuid":      `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`,
		"date-time": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`,
	}[rule]
	if known && !regexp.MustCompile(pattern).MatchString(s) {
		return []string{fmt.Sprintf("%s: is no %v", at, rule)}
	}
	return nil
}

func items(value any) []any {
	list, _ := value.([]any)
	return list
}
