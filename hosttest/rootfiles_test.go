package hosttest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/app"
	"byoe/hosttest"
	"byoe/internal/require"
)

// committed reads a file of the repository strictly into the given form: a key that the form lacks is an error.
func committed(t *testing.T, name string, into any) {
	t.Helper()
	content, err := fs.ReadFile(os.DirFS(hosttest.Root(t)), name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestHostJSON(t *testing.T) {
	t.Parallel()
	type description struct {
		DefaultExecutablePath string `json:"defaultExecutablePath"`
	}
	type customHandler struct {
		Description                 description `json:"description"`
		EnableProxyingHTTPRequest   bool        `json:"enableProxyingHttpRequest"`
		EnableForwardingHTTPRequest bool        `json:"enableForwardingHttpRequest"`
	}
	type hostJSON struct {
		Version         string        `json:"version"`
		CustomHandler   customHandler `json:"customHandler"`
		FunctionTimeout string        `json:"functionTimeout"`
		Logging         any           `json:"logging"`
	}
	var got hostJSON
	committed(t, "host.json", &got)
	want := hostJSON{
		Version: "2.0",
		CustomHandler: customHandler{
			// Exactly the file's name: the executable bit is set on no other entry of the zip.
			Description: description{DefaultExecutablePath: "byoe"},
			// Both: a host that is too old for the first falls back to the second, not to its JSON protocol.
			EnableProxyingHTTPRequest:   true,
			EnableForwardingHTTPRequest: true,
		},
		FunctionTimeout: "00:00:30",
		Logging:         map[string]any{"logLevel": map[string]any{"default": "Information"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("host.json (-want +got):\n%s", diff)
	}
}

// A function that runs out of time is killed together with every other request in flight, so byoe's own time must end
// long before.
func TestFunctionTimeoutIsFarAboveOurOwn(t *testing.T) {
	t.Parallel()
	var file struct {
		FunctionTimeout string `json:"functionTimeout"`
	}
	content, err := fs.ReadFile(os.DirFS(hosttest.Root(t)), "host.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.TimeOnly, file.FunctionTimeout)
	if err != nil {
		t.Fatal(err)
	}
	limit := at.Sub(at.Truncate(24 * time.Hour))
	settings, _, _ := app.Load(map[string]string{}) // what is required is of no interest here
	own := max(settings.Delivery.Budget, settings.Delivery.Hold)
	if own <= 0 || limit < 5*own {
		t.Errorf("functionTimeout is %v, an answer takes up to %v", limit, own)
	}
}

func TestFunctionJSON(t *testing.T) {
	t.Parallel()
	type binding struct {
		Type      string   `json:"type"`
		Direction string   `json:"direction"`
		Name      string   `json:"name"`
		AuthLevel string   `json:"authLevel"`
		Methods   []string `json:"methods"`
	}
	type functionJSON struct {
		Bindings []binding `json:"bindings"`
	}
	files, err := fs.Glob(os.DirFS(hosttest.Root(t)), "*/function.json")
	if err != nil {
		t.Fatal(err)
	}
	methods := map[string]string{"B2COtpSend/function.json": "post", "EmailOtpSend/function.json": "post", "Health/function.json": "get"}
	if len(files) != len(methods) {
		t.Errorf("functions %q", files)
	}
	for _, file := range files {
		var got functionJSON
		committed(t, file, &got)
		// The token is the gate, a key in the URL is one more secret to leak. Without the HTTP output the host speaks
		// its JSON protocol and the caller gets 204.
		want := functionJSON{Bindings: []binding{
			{Type: "httpTrigger", Direction: "in", Name: "req", AuthLevel: "anonymous", Methods: []string{methods[file]}},
			{Type: "http", Direction: "out", Name: "res"},
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// The file is committed, so it must hold no secret: it holds these two values and nothing else.
func TestLocalSettings(t *testing.T) {
	t.Parallel()
	type localSettings struct {
		IsEncrypted bool
		Values      map[string]string
	}
	var got localSettings
	committed(t, "local.settings.json", &got)
	want := localSettings{Values: map[string]string{"FUNCTIONS_WORKER_RUNTIME": "custom", "DEV_TENANT": "true"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("local.settings.json (-want +got):\n%s", diff)
	}
}

func TestFuncIgnoreListsWhatIsDeployed(t *testing.T) {
	t.Parallel()
	content, err := fs.ReadFile(os.DirFS(hosttest.Root(t)), ".funcignore")
	if err != nil {
		t.Fatal(err)
	}
	patterns := slices.DeleteFunc(strings.Fields(removeComments(string(content))), func(p string) bool { return p == "" })
	want := []string{"/*", "!/host.json", "!/byoe", "!/byoe.exe", "!/B2COtpSend", "!/EmailOtpSend", "!/Health"}
	if diff := cmp.Diff(want, patterns); diff != "" {
		t.Errorf(".funcignore (-want +got):\n%s", diff)
	}
}

func removeComments(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// The published schemas know what the tests above do not: which keys exist at all.
func TestFilesFitThePublishedSchemas(t *testing.T) {
	t.Parallel()
	contracts := os.Getenv("BYOE_CONTRACTS")
	require.Component(t, "contracts", func() error {
		if _, err := os.Stat(filepath.Join(contracts, "functions", "host.schema.json")); err != nil {
			return errors.New("BYOE_CONTRACTS names no folder with the schemas of the Functions host's files")
		}
		return nil
	})
	require.Component(t, "jv", func() error {
		if _, err := exec.LookPath("jv"); err != nil {
			return errors.New("jv is not on PATH: install github.com/santhosh-tekuri/jsonschema/cmd/jv")
		}
		return nil
	})
	root := hosttest.Root(t)
	for file, schema := range map[string]string{
		"host.json": "host.schema.json", "EmailOtpSend/function.json": "function-http.schema.json",
		"B2COtpSend/function.json": "function-http.schema.json", "Health/function.json": "function-http.schema.json",
	} {
		check := exec.CommandContext(t.Context(), "jv", filepath.Join(contracts, "functions", schema), filepath.Join(root, file))
		if output, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s against %s: %v\n%s", file, schema, err, output)
		}
	}
}
