package infra_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type hook struct {
	Shell       string `yaml:"shell"`
	Run         string `yaml:"run"`
	Interactive bool   `yaml:"interactive"`
}

type azureYAML struct {
	Name  string `yaml:"name"`
	Infra struct {
		Provider string `yaml:"provider"`
		Path     string `yaml:"path"`
		Module   string `yaml:"module"`
	} `yaml:"infra"`
	Workflows map[string]struct {
		Steps []map[string]string `yaml:"steps"`
	} `yaml:"workflows"`
	Services map[string]struct {
		Project  string `yaml:"project"`
		Host     string `yaml:"host"`
		Language string `yaml:"language"`
		Dist     string `yaml:"dist"`
	} `yaml:"services"`
	Hooks map[string]struct {
		Posix   hook `yaml:"posix"`
		Windows hook `yaml:"windows"`
	} `yaml:"hooks"`
}

func readAzureYAML(t *testing.T) azureYAML {
	t.Helper()
	file, err := os.Open("../azure.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	var a azureYAML
	if err := decoder.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// Provision, set up, set, deploy: each step needs what the one before it has made.
func TestAzdKeepsTheOrder(t *testing.T) {
	t.Parallel()
	a := readAzureYAML(t)
	steps := a.Workflows["up"].Steps
	if len(steps) != 2 || steps[0]["azd"] != "provision" || !strings.HasPrefix(steps[1]["azd"], "deploy webhook --from-package byoe.zip") {
		t.Errorf("azd up does %v", steps)
	}
	if _, err := os.Stat(filepath.Join("..", a.Infra.Path, a.Infra.Module+".bicep")); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"postprovision", "predeploy", "postdeploy"} {
		h := a.Hooks[want]
		for script, shell := range map[string]string{h.Posix.Run: h.Posix.Shell, h.Windows.Run: h.Windows.Shell} {
			extension := map[string]string{"sh": ".sh", "pwsh": ".ps1"}[shell]
			info, err := os.Stat(filepath.Join("..", script))
			if err != nil || extension == "" || filepath.Ext(script) != extension || !strings.Contains(script, want) {
				t.Errorf("%s: %s with %s: %v", want, script, shell, err)
				continue
			}
			if info.Size() == 0 {
				t.Errorf("%s is empty", script)
			}
		}
	}
	service := a.Services["webhook"]
	if service.Host != "function" || service.Dist != "byoe.zip" {
		t.Errorf("service %+v", service)
	}
	if tag := flat(property(parse(t)["modules/functionapp.bicep"], "app", "tags")); !strings.Contains(tag, "'azd-service-name':'webhook'") {
		t.Errorf("azd will not find the app: %s", tag)
	}
}

// What azd hands to the templates are parameters that they have, and all that have no default.
func TestParametersOfAzd(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("main.parameters.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Parameters map[string]struct{ Value string }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	given := map[string]*node{}
	for name, parameter := range file.Parameters {
		given[name] = &node{Type: "string", Text: parameter.Value}
	}
	compareParameters(t, "main.bicep", given, parse(t)["main.bicep"])
}

// The hooks read variables that azd gives them: outputs of main.bicep, and what the owner sets.
func TestHooksReadWhatThereIs(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"LASTEXITCODE": true}
	for _, output := range declarations(parse(t)["main.bicep"])["output"] {
		known[output.name] = true
	}
	for _, name := range []string{"AZURE_TENANT_ID", "ENTRA_TENANT_ID", "ENTRA_AUDIENCE", "BYOE_SIGN_IN"} {
		known[name] = true
	}
	scripts, err := filepath.Glob("hooks/*")
	if err != nil || len(scripts) != 6 {
		t.Fatalf("%v, %v", scripts, err)
	}
	variable := regexp.MustCompile(`\$(?:env:|\{env:|\{)?([A-Z][A-Z_]+)`)
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range variable.FindAllStringSubmatch(string(text), -1) {
			if !known[found[1]] {
				t.Errorf("%s reads %s, which nobody sets", script, found[1])
			}
		}
	}
}
