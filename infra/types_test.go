package infra_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The names, versions, properties and constants of every resource are those that Azure knows.
func TestResourcesFitTheirTypes(t *testing.T) {
	t.Parallel()
	c := typeChecker{t: t, library: openTypes(t)}
	resources := 0
	for file, tree := range parse(t) {
		for _, d := range declarations(tree)["resource"] {
			resources++
			for _, fault := range c.resource(d) {
				t.Errorf("%s:%s", file, fault)
			}
		}
	}
	if resources < 25 {
		t.Errorf("only %d resources", resources)
	}
}

// What is read of a resource is there to be read.
func TestResourcesAreAskedForWhatTheyHave(t *testing.T) {
	t.Parallel()
	c := typeChecker{t: t, library: openTypes(t)}
	asked := 0
	for file, tree := range parse(t) {
		faults, looked := c.reads(tree)
		asked += looked
		for _, fault := range faults {
			t.Errorf("%s:%s", file, fault)
		}
	}
	if asked < 8 {
		t.Errorf("only %d properties are read", asked)
	}
	text := "resource a 'Microsoft.Web/sites@2024-04-01' existing = {\n  name: 'a'\n}\noutput b string = a.properties.defaultHostNam\n"
	if faults, _ := c.reads(parseTexts(t, text)[0]); len(faults) != 1 || !strings.Contains(faults[0], "defaultHostNam") {
		t.Errorf("found %q", faults)
	}
}

// reads looks at each resource.properties.a.b of a file.
func (c typeChecker) reads(tree *node) (faults []string, looked int) {
	c.t.Helper()
	types := map[string]typeNode{}
	for _, d := range declarations(tree)["resource"] {
		name, _ := d.first("string").literal()
		types[d.name], _ = c.library.resource(c.t, name)
	}
	tree.walk(func(n *node) bool {
		if n.Type != "member_expression" {
			return true
		}
		path := strings.Split(flat(n), ".")
		kind, is := types[path[0]]
		if !is || len(path) < 3 || path[1] != "properties" {
			return true
		}
		looked++
		for _, name := range path[1:] {
			property, has := kind.Properties[name]
			if !has {
				faults = append(faults, fault(n, "%s is not known", name)...)
				return false
			}
			kind = c.library.get(c.t, kind.file, property.Type.Ref)
		}
		return false
	})
	return faults, looked
}

// A checker that finds nothing would be content with everything.
func TestResourcesThatDoNotFitAreFound(t *testing.T) {
	t.Parallel()
	c := typeChecker{t: t, library: openTypes(t)}
	const (
		open  = "resource a 'Microsoft.Storage/storageAccounts@2023-05-01' = {\n"
		start = open + "  name: 'a'\n  location: 'b'\n  kind: 'StorageV2'\n  sku: { name: 'Standard_LRS' }\n"
	)
	wrong := map[string]string{
		"resource a 'Microsoft.Storage/storageAccounts@1999-01-01' = {\n}\n": "no such type",
		open + "}\n": "kind is missing",
		start + "  properties: { allowSharedKeyAcess: false }\n}\n":                             "allowSharedKeyAcess is not known",
		start + "  properties: { allowSharedKeyAccess: 'no' }\n}\n":                             "is no boolean",
		start + "  properties: { networkAcls: { defaultAction: 'Perhaps' } }\n}\n":              "Perhaps is none of",
		start + "  properties: { networkAcls: { } }\n}\n":                                       "defaultAction is missing",
		start + "  properties: { primaryEndpoints: { } }\n}\n":                                  "primaryEndpoints is not for us to set",
		start + "  properties: { minimumTlsVersion: 12 }\n}\n":                                  "is no string",
		start + "  properties: { networkAcls: { defaultAction: 'Allow', ipRules: {} } }\n}\n":   "is no ArrayType",
		start + "  properties: { networkAcls: { defaultAction: 'Allow', ipRules: [{}] } }\n}\n": "value is missing",
		start + "  properties: true ? { a: 1 } : { }\n}\n":                                      "a is not known",
		start + "  properties: []\n}\n":                                                         "is no object",
	}
	texts := slices.Sorted(maps.Keys(wrong))
	for i, tree := range parseTexts(t, texts...) {
		want := wrong[texts[i]]
		faults := c.resource(declarations(tree)["resource"][0])
		if !slices.ContainsFunc(faults, func(fault string) bool { return strings.Contains(fault, want) }) {
			t.Errorf("found %q, want %q in\n%s", faults, want, texts[i])
		}
	}
}

type typeChecker struct {
	t       *testing.T
	library *typeLibrary
}

// resource checks a declaration. One that is there already has a name and nothing else.
func (c typeChecker) resource(d declaration) []string {
	c.t.Helper()
	name, _ := d.first("string").literal()
	body, found := c.library.resource(c.t, name)
	if !found {
		return []string{fmt.Sprintf("%d: no such type: %s", d.Line, name)}
	}
	if d.first("existing") != nil {
		return nil
	}
	return c.check(d.value(), body, true)
}

// check compares what is written with the type. What is computed is not known here, and fits.
func (c typeChecker) check(value *node, kind typeNode, top bool) []string {
	c.t.Helper()
	switch value.Type {
	case "ternary_expression":
		branches := value.Children[len(value.Children)-3:] // a : b
		return slices.Concat(c.check(branches[0], kind, top), c.check(branches[2], kind, top))
	case "object":
		return c.object(value, kind, top)
	case "array":
		return c.array(value, kind)
	case "string", "number", "boolean":
		return c.scalar(value, kind)
	default:
		return nil
	}
}

func fault(value *node, format string, arguments ...any) []string {
	return []string{fmt.Sprintf("%d: %s", value.Line, fmt.Sprintf(format, arguments...))}
}

func (c typeChecker) object(value *node, kind typeNode, top bool) []string {
	c.t.Helper()
	known := kind.Properties
	switch kind.Kind {
	case "AnyType":
		return nil
	case "ObjectType":
	case "DiscriminatedObjectType":
		known = c.discriminated(value, kind)
	default:
		return fault(value, "an object is no %s", kind.Kind)
	}
	var faults []string
	given := value.properties()
	for name, inner := range given {
		property, is := known[name]
		switch {
		case top && slices.Contains([]string{"parent", "scope", "dependsOn"}, name): // Bicep's own
		case !is && kind.AdditionalProperties == nil:
			faults = append(faults, fault(inner, "%s is not known", name)...)
		case is && property.Flags&2 != 0:
			faults = append(faults, fault(inner, "%s is not for us to set", name)...)
		case is:
			faults = append(faults, c.check(inner, c.library.get(c.t, kind.file, property.Type.Ref), false)...)
		}
	}
	for name, property := range known {
		if property.Flags&1 != 0 && property.Flags&2 == 0 && given[name] == nil {
			faults = append(faults, fault(value, "%s is missing", name)...)
		}
	}
	return faults
}

// discriminated are the properties of the variant that the object chooses.
func (c typeChecker) discriminated(value *node, kind typeNode) map[string]typeProperty {
	c.t.Helper()
	known := map[string]typeProperty{}
	for name, property := range kind.BaseProperties {
		known[name] = property
	}
	var variants map[string]reference
	if err := json.Unmarshal(kind.Elements, &variants); err != nil {
		c.t.Fatal(err)
	}
	chosen, _ := value.properties()[kind.Discriminator].literal()
	if variant, is := variants[chosen]; is {
		for name, property := range c.library.get(c.t, kind.file, variant.Ref).Properties {
			known[name] = property
		}
	}
	return known
}

func (c typeChecker) array(value *node, kind typeNode) []string {
	c.t.Helper()
	if kind.Kind == "AnyType" {
		return nil
	}
	if kind.Kind != "ArrayType" {
		return fault(value, "is no object")
	}
	item := c.library.get(c.t, kind.file, kind.ItemType.Ref)
	var faults []string
	for _, child := range value.Children {
		faults = append(faults, c.check(child, item, false)...)
	}
	return faults
}

func (c typeChecker) scalar(value *node, kind typeNode) []string {
	c.t.Helper()
	wants := map[string]string{"StringType": "string", "IntegerType": "number", "BooleanType": "boolean"}
	switch kind.Kind {
	case "AnyType":
		return nil
	case "ArrayType":
		return fault(value, "is no list")
	case "StringLiteralType", "UnionType":
		return c.constant(value, kind)
	}
	want, is := wants[kind.Kind]
	if !is || want != value.Type {
		return fault(value, "is no %s", want)
	}
	return nil
}

// constant wants one of the words that the type lists.
func (c typeChecker) constant(value *node, kind typeNode) []string {
	c.t.Helper()
	text, literal := value.literal()
	switch {
	case value.Type != "string":
		return fault(value, "is no string")
	case !literal:
		return nil
	}
	elements := []reference{}
	if kind.Kind == "UnionType" {
		if err := json.Unmarshal(kind.Elements, &elements); err != nil {
			c.t.Fatal(err)
		}
	}
	words := []string{}
	if kind.Kind == "StringLiteralType" {
		words = append(words, kind.Value)
	}
	for _, element := range elements {
		one := c.library.get(c.t, kind.file, element.Ref)
		if one.Kind == "StringType" {
			return nil
		}
		words = append(words, one.Value)
	}
	if !slices.Contains(words, text) {
		return fault(value, "%s is none of %q", text, words)
	}
	return nil
}
