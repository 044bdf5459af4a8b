package infra_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"byoe/app"
)

func TestTheTemplatesParse(t *testing.T) {
	t.Parallel()
	for file, tree := range parse(t) {
		tree.walk(func(n *node) bool {
			if n.Broken {
				t.Errorf("%s:%d: does not parse", file, n.Line)
			}
			return !n.Broken
		})
	}
	broken := false
	parseTexts(t, "param a string\nresource = {\n")[0].walk(func(n *node) bool { broken = broken || n.Broken; return true })
	if !broken {
		t.Error("what is broken parses too")
	}
}

// functions are those of Bicep that the templates call.
func functions() []string {
	return []string{
		"concat", "empty", "filter", "guid", "items", "loadTextContent", "map", "max", "replace", "resourceGroup", "split", "string",
		"subscription", "subscriptionResourceId", "toObject", "trim", "union", "uniqueString",
	}
}

// names resolves the identifiers of a file, and says which are unknown and which are of no use.
func names(tree *node) (unknown, unused []string) {
	declared := map[string]int{}
	for _, kind := range []string{"resource", "module", "parameter", "variable"} {
		for _, d := range declarations(tree)[kind] {
			declared[d.name] = 0
		}
	}
	var visit func(n *node, local []string)
	visit = func(n *node, local []string) {
		children := n.Children
		switch {
		case n.Type == "decorator", n.Type == "type":
			return
		case strings.HasSuffix(n.Type, "_declaration"):
			children = slices.DeleteFunc(slices.Clone(children), func(c *node) bool { return c == n.first("identifier") })
		case n.Type == "object_property" && n.Children[0].Type == "identifier":
			children = children[1:]
		case n.Type == "lambda_expression":
			local = append(slices.Clip(local), n.Children[0].Text)
			children = children[1:]
		case n.Type == "member_expression" && n.Children[0].Type == "lambda_expression": // so the grammar reads a => a.b
			local = append(slices.Clip(local), n.Children[0].Children[0].Text)
		case n.Type == "for_statement":
			local = append(slices.Clip(local), n.first("identifier").Text)
		case n.Type == "identifier" && n.Field == "function":
			if !slices.Contains(functions(), n.Text) {
				unknown = append(unknown, n.Text)
			}
		case n.Type == "identifier" && !slices.Contains(local, n.Text):
			if _, known := declared[n.Text]; !known {
				unknown = append(unknown, n.Text)
			}
			declared[n.Text]++
		}
		for _, child := range children {
			visit(child, local)
		}
	}
	visit(tree, nil)
	for _, kind := range []string{"parameter", "variable"} {
		for _, d := range declarations(tree)[kind] {
			if declared[d.name] == 0 {
				unused = append(unused, d.name)
			}
		}
	}
	return unknown, unused
}

func TestNamesAreKnownAndUsed(t *testing.T) {
	t.Parallel()
	for file, tree := range parse(t) {
		unknown, unused := names(tree)
		if len(unknown) > 0 || len(unused) > 0 {
			t.Errorf("%s: unknown %q, unused %q", file, unknown, unused)
		}
	}
	unknown, unused := names(parseTexts(t, "param a string\nvar b = map(['x'], y => y.z)\noutput c string = d(e)\n")[0])
	if !slices.Equal(unknown, []string{"d", "e"}) || !slices.Equal(unused, []string{"a", "b"}) {
		t.Errorf("unknown %q, unused %q", unknown, unused)
	}
}

// A module gets every parameter that has no default, none that it has not, and is asked only for outputs that it has.
func TestModulesAreCalledAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	trees := parse(t)
	outputs := map[string]map[string]bool{}
	for _, module := range declarations(trees["main.bicep"])["module"] {
		file, _ := module.first("string").literal()
		callee := trees[file]
		if callee == nil {
			t.Errorf("no file %s", file)
			continue
		}
		compareParameters(t, file, module.value().properties()["params"].properties(), callee)
		outputs[module.name] = map[string]bool{}
		for _, output := range declarations(callee)["output"] {
			outputs[module.name][output.name] = true
		}
	}
	asked := 0
	trees["main.bicep"].walk(func(n *node) bool {
		if n.Type == "member_expression" && strings.HasSuffix(flat(n.Children[0]), ".outputs") {
			asked++
			module := strings.TrimSuffix(strings.TrimSuffix(flat(n.Children[0]), ".outputs"), "!")
			if !outputs[module][n.Children[len(n.Children)-1].Text] {
				t.Errorf("main.bicep:%d: %s has no output %s", n.Line, module, n.Children[len(n.Children)-1].Text)
			}
		}
		return true
	})
	if asked < 10 {
		t.Errorf("only %d outputs are used", asked)
	}
}

func compareParameters(t *testing.T, file string, given map[string]*node, callee *node) {
	t.Helper()
	wanted := map[string]bool{}
	for _, parameter := range declarations(callee)["parameter"] {
		wanted[parameter.name] = true
		if given[parameter.name] == nil && parameter.first("=") == nil {
			t.Errorf("%s does not get %s", file, parameter.name)
		}
	}
	for name := range given {
		if !wanted[name] {
			t.Errorf("%s has no parameter %s", file, name)
		}
	}
}

// flat is the node's text without what is between its tokens.
func flat(n *node) string {
	text := n.Text
	for _, child := range n.Children {
		text += flat(child)
	}
	return text
}

func TestLoadedFilesAreThere(t *testing.T) {
	t.Parallel()
	loaded := map[string]bool{}
	for file, tree := range parse(t) {
		tree.walk(func(n *node) bool {
			if n.Type == "call_expression" && n.Children[0].Text == "loadTextContent" {
				name, _ := n.first("arguments").first("string").literal()
				name = path.Join(path.Dir(file), name)
				loaded[name] = true
				if _, err := os.Stat(filepath.FromSlash(name)); err != nil {
					t.Errorf("%s:%d: %v", file, n.Line, err)
				}
			}
			return true
		})
	}
	queries, err := filepath.Glob("queries/*.kql")
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range queries {
		if name := filepath.ToSlash(query); !loaded[name] && name != "queries/one-sign-in.kql" { // which is for people
			t.Errorf("nobody uses %s", name)
		}
	}
}

// Whoever may read a deployment may read its outputs, and what functions like listKeys return is not to be had without a key.
func TestNothingHandsASecretOut(t *testing.T) {
	t.Parallel()
	for file, tree := range parse(t) {
		tree.walk(func(n *node) bool {
			if n.Type == "call_expression" && strings.HasPrefix(n.Children[0].Text, "list") {
				t.Errorf("%s:%d: reads keys", file, n.Line)
			}
			return true
		})
		for _, output := range declarations(tree)["output"] {
			text := strings.ToLower(flat(output.node))
			for _, word := range []string{"connectionstring", "secret", "password", "accountkey", "instrumentationkey"} {
				if strings.Contains(text, word) {
					t.Errorf("%s:%d: hands out a %s", file, output.Line, word)
				}
			}
		}
	}
}

func TestParametersOfMainAreDescribed(t *testing.T) {
	t.Parallel()
	main := parse(t)["main.bicep"]
	for i, child := range main.Children {
		if child.Type == "parameter_declaration" && !strings.HasPrefix(flat(main.Children[i-1]), "@description(") {
			t.Errorf("main.bicep:%d: nobody knows what this parameter is", child.Line)
		}
	}
}

// What is off, stays off; what must be there, is there.
func TestSafeDefaults(t *testing.T) {
	t.Parallel()
	trees := parse(t)
	for _, want := range []struct{ file, resource, property, value string }{
		{"modules/storage.bicep", "account", "properties.allowSharedKeyAccess", "false"},
		{"modules/storage.bicep", "account", "properties.allowBlobPublicAccess", "false"},
		{"modules/storage.bicep", "account", "properties.minimumTlsVersion", "'TLS1_2'"},
		{"modules/storage.bicep", "packages", "properties.publicAccess", "'None'"},
		{"modules/vault.bicep", "vault", "properties.enableRbacAuthorization", "true"},
		{"modules/vault.bicep", "vault", "properties.enablePurgeProtection", "true"},
		{"modules/monitoring.bicep", "component", "properties.DisableLocalAuth", "true"},
		{"modules/monitoring.bicep", "workspace", "properties.features.disableLocalAuth", "true"},
		{"modules/functionapp.bicep", "app", "properties.httpsOnly", "true"},
		{"modules/functionapp.bicep", "app", "properties.siteConfig.minTlsVersion", "'1.2'"},
		{"modules/functionapp.bicep", "app", "properties.functionAppConfig.runtime.name", "'custom'"},
		{"modules/functionapp.bicep", "app", "properties.functionAppConfig.runtime.version", "'1.0'"},
		{"modules/functionapp.bicep", "plan", "sku.name", "'FC1'"},
		{"modules/functionapp.bicep", "plan", "properties.reserved", "true"},
		{"modules/functionapp.bicep", "noPasswordOverFtp", "properties.allow", "false"},
		{"modules/functionapp.bicep", "noPasswordOverScm", "properties.allow", "false"},
	} {
		value := property(trees[want.file], want.resource, want.property)
		if value == nil || flat(value) != want.value {
			t.Errorf("%s: %s of %s is not %s", want.file, want.property, want.resource, want.value)
		}
	}
	ready := property(trees["modules/functionapp.bicep"], "app", "properties.functionAppConfig.scaleAndConcurrency.alwaysReady")
	if got := flat(ready); got != "[{name:'http',instanceCount:alwaysReadyInstances}]" {
		t.Errorf("always ready: %s", got)
	}
}

// property finds a resource's property by its path.
func property(tree *node, resource, path string) *node {
	for _, d := range declarations(tree)["resource"] {
		if d.name != resource {
			continue
		}
		value := d.value()
		for name := range strings.SplitSeq(path, ".") {
			if value == nil {
				return nil
			}
			value = value.properties()[name]
		}
		return value
	}
	return nil
}

// The settings that the templates give are settings that byoe has; the rest are the host's.
func TestSettingsAreKnown(t *testing.T) {
	t.Parallel()
	_, report, _ := app.Load(map[string]string{}) // what is required is of no interest here
	known := map[string]bool{}
	for _, setting := range report.Settings {
		known[setting.Name] = true
	}
	looked := 0
	for file, tree := range parse(t) {
		for _, variable := range declarations(tree)["variable"] {
			object := variable.value()
			if object.Type == "ternary_expression" {
				object = object.Children[len(object.Children)-1]
			}
			if !strings.HasSuffix(variable.name, "Settings") || object.Type != "object" {
				continue
			}
			for name := range object.properties() {
				looked++
				hosts := strings.HasPrefix(name, "APPLICATIONINSIGHTS_") || strings.HasPrefix(name, "AzureFunctionsJobHost__") || name == "AzureWebJobsStorage__credential"
				if !hosts && !known[name] {
					t.Errorf("%s sets %s, which byoe does not know", file, name)
				}
			}
		}
	}
	if looked < 10 {
		t.Errorf("only %d settings", looked)
	}
}
