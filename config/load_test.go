package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/config"
	"byoe/redact"
)

type section struct {
	Name  string        `env:"T_NAME" desc:"A name | with a bar"`
	List  []string      `env:"T_LIST"`
	Port  uint16        `env:"T_PORT" envDefault:"587" desc:"A port"`
	Wait  time.Duration `env:"T_WAIT" envDefault:"5s"`
	On    bool          `env:"T_ON" envDefault:"true"`
	Key   redact.Secret `env:"T_KEY" desc:"A key"`
	Other int           // no setting
}

func load(environ map[string]string, given ...config.Given) (section, *config.Report, config.Problems) {
	var s section
	report, problems := config.Load(environ, given, &s)
	return s, report, problems
}

func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadFillsEveryKind(t *testing.T) {
	t.Parallel()
	got, _, problems := load(map[string]string{
		"T_NAME": " Contoso ", "T_LIST": "a, b ,,c", "T_PORT": "25", "T_WAIT": "1m", "T_ON": "false", "T_KEY": "hunter2\n",
	})
	want := section{Name: "Contoso", List: []string{"a", "b", "c"}, Port: 25, Wait: time.Minute, Key: redact.NewSecret("hunter2")}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(section{}, redact.Secret{})); diff != "" || len(problems) != 0 {
		t.Errorf("problems %v, -want +got:\n%s", problems, diff)
	}
}

func TestLoadTakesDefaultsForEmpty(t *testing.T) {
	t.Parallel()
	got, _, problems := load(map[string]string{"T_PORT": "", "T_WAIT": " ", "T_LIST": " , "})
	if got.Port != 587 || got.Wait != 5*time.Second || !got.On || len(got.List) != 0 || len(problems) != 0 {
		t.Errorf("%+v, problems %v", got, problems)
	}
}

func TestLoadTellsEveryProblemAtOnceAndNoValue(t *testing.T) {
	t.Parallel()
	_, _, problems := load(map[string]string{"T_PORT": "hunter2", "T_WAIT": "hunter2", "T_ON": "hunter2", "T_KEY": "@Microsoft.KeyVault(SecretUri=hunter2)"})
	want := []string{
		"T_KEY: a Key Vault reference that the platform did not resolve. Grant",
		"T_PORT: not a number. Give a value such as 587",
		"T_WAIT: not a duration. Give a value such as 5s",
		"T_ON: not true or false. Give a value such as true",
	}
	lines := strings.Split(problems.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("problems are:\n%v", problems)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("problem is %q, want %q", lines[i], want[i])
		}
	}
	if strings.Contains(problems.Error(), "hunter2") {
		t.Errorf("a value is told: %v", problems)
	}
}

func TestSecretFile(t *testing.T) {
	t.Parallel()
	got, report, problems := load(map[string]string{"T_KEY_FILE": secretFile(t, "hunter2\n")})
	if got.Key.Reveal() != "hunter2" || len(problems) != 0 {
		t.Errorf("key is %d bytes, problems %v", len(got.Key.Reveal()), problems)
	}
	if source := settingOf(t, report, "T_KEY").Source; source != "T_KEY_FILE" {
		t.Errorf("source is %q", source)
	}
	for name, environ := range map[string]map[string]string{
		"set beside T_KEY":        {"T_KEY": "a", "T_KEY_FILE": secretFile(t, "b")},
		"no readable file":        {"T_KEY_FILE": "/nowhere/hunter2"},
		"no readable file of":     {"T_KEY_FILE": t.TempDir()},
		"no readable file of at ": {"T_KEY_FILE": secretFile(t, strings.Repeat("x", 64<<10+1))},
	} {
		_, _, problems := load(environ)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].What, name) || strings.Contains(problems.Error(), "hunter2") {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestGivenValuesGoBehindTheEnvironment(t *testing.T) {
	t.Parallel()
	given := []config.Given{{Setting: "T_NAME", Value: "Alias", Source: "t_alias"}, {Setting: "T_PORT", Value: "", Source: "t_alias"}}
	got, report, _ := load(nil, given...)
	if got.Name != "Alias" || settingOf(t, report, "T_NAME").Source != "t_alias" || settingOf(t, report, "T_PORT").Source != "default" {
		t.Errorf("%+v, %+v", got, report.Settings)
	}
	got, report, _ = load(map[string]string{"T_NAME": "Own"}, given...)
	if got.Name != "Own" || settingOf(t, report, "T_NAME").Source != "environment" {
		t.Errorf("%+v", got)
	}
}

func settingOf(t *testing.T, r *config.Report, name string) config.Setting {
	t.Helper()
	for _, s := range r.Settings {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no setting %s", name)
	return config.Setting{}
}

func TestReportMasksSecrets(t *testing.T) {
	t.Parallel()
	_, report, _ := load(map[string]string{"T_KEY": "hunter2", "T_LIST": "a,b"})
	if got := settingOf(t, report, "T_KEY").Value; got != redact.Mask {
		t.Errorf("the key shows as %q", got)
	}
	if got := settingOf(t, report, "T_LIST").Value; got != "a,b" {
		t.Errorf("the list shows as %q", got)
	}
	_, report, _ = load(nil)
	if got := settingOf(t, report, "T_KEY"); got.Value != "" || got.Source != "" {
		t.Errorf("a key that is not set shows as %+v", got)
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	_, report, _ := load(map[string]string{"T_NAME": "hunter2"})
	page := report.Markdown()
	for _, want := range []string{"| `T_NAME` | – | A name \\| with a bar |", "| `T_PORT` | `587` | A port |", "| `T_KEY`, `T_KEY_FILE` | – | A key |"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if strings.Contains(page, "hunter2") {
		t.Error("the reference shows a value")
	}
}
