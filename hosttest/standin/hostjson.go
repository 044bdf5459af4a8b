package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// settings is what the stand-in takes from host.json.
type settings struct {
	executable            string // absolute
	arguments             []string
	workingDir            string
	port                  string // "" for a free one
	mode                  mode
	routePrefix           string
	functionTimeout       time.Duration // 0 for none
	initializationTimeout time.Duration
	stderrForErrorsOnly   bool
	warnings              []string
}

// mode is how a request reaches the handler.
type mode int

const (
	// modeJSON is the host's own Data and Metadata protocol, which is what a handler gets when neither key is set.
	modeJSON mode = iota
	modeForward
	modeProxy
)

// hostFile is host.json. Keys that are not listed at the top level are the business of other parts of the host.
type hostFile struct {
	Version         string          `json:"version"`
	FunctionTimeout string          `json:"functionTimeout"`
	CustomHandler   json.RawMessage `json:"customHandler"`
	Extensions      struct {
		HTTP struct {
			RoutePrefix *string `json:"routePrefix"`
		} `json:"http"`
	} `json:"extensions"`
}

// customHandler holds every key that the host binds, so that a misspelt one is refused: the host ignores it in silence
// and falls back to the JSON protocol.
type customHandler struct {
	Description struct {
		DefaultExecutablePath string   `json:"defaultExecutablePath"`
		WorkingDirectory      string   `json:"workingDirectory"`
		Arguments             []string `json:"arguments"`
		StdErrForErrorsOnly   *bool    `json:"useStdErrorStreamForErrorsOnly"`
	} `json:"description"`
	Forward               *bool           `json:"enableForwardingHttpRequest"`
	Proxy                 *bool           `json:"enableProxyingHttpRequest"`
	Port                  json.RawMessage `json:"port"` // a number, or a string from an override
	InitializationTimeout string          `json:"initializationTimeout"`
	HTTP                  json.RawMessage `json:"http"`
}

// readHostJSON reads the app's host.json under the overrides of env.
func readHostJSON(app string, env environment) (settings, error) {
	text, err := fs.ReadFile(os.DirFS(app), "host.json")
	if err != nil {
		return settings{}, err
	}
	tree := map[string]any{}
	if err := json.Unmarshal(text, &tree); err != nil {
		return settings{}, fmt.Errorf("host.json: %w", err)
	}
	override(tree, env)
	if text, err = json.Marshal(tree); err != nil {
		return settings{}, fmt.Errorf("host.json: %w", err)
	}
	parsed, err := parseHostJSON(text, app, env)
	if err != nil {
		return settings{}, fmt.Errorf("host.json: %w", err)
	}
	return parsed, nil
}

func parseHostJSON(text []byte, app string, env environment) (settings, error) {
	var file hostFile
	if err := json.Unmarshal(text, &file); err != nil {
		return settings{}, err
	}
	if file.Version != "2.0" {
		return settings{}, fmt.Errorf("version is %q, not 2.0", file.Version)
	}
	var section customHandler
	strict := json.NewDecoder(bytes.NewReader(file.CustomHandler))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&section); err != nil {
		return settings{}, fmt.Errorf("customHandler: %w", err)
	}
	if section.HTTP != nil {
		return settings{}, errors.New("customHandler.http.routes maps all methods: use function.json files")
	}
	executable, err := findExecutable(app, env.expand(section.Description.DefaultExecutablePath))
	if err != nil {
		return settings{}, fmt.Errorf("customHandler.description.defaultExecutablePath: %w", err)
	}
	result := settings{
		executable:          executable,
		arguments:           strings.Fields(env.expand(strings.Join(section.Description.Arguments, " "))),
		workingDir:          resolve(app, section.Description.WorkingDirectory),
		port:                strings.Trim(string(section.Port), `"`),
		routePrefix:         "api",
		stderrForErrorsOnly: orTrue(section.Description.StdErrForErrorsOnly),
	}
	if prefix := file.Extensions.HTTP.RoutePrefix; prefix != nil {
		result.routePrefix = *prefix
	}
	result.mode, result.warnings = requestMode(section)
	result.functionTimeout, result.initializationTimeout, err = timeouts(file, section)
	return result, err
}

// findExecutable demands what survives packaging: Core Tools sets the executable bit only on the entry of the zip whose
// name equals the setting, so "./byoe" works under `func start` and is dead once deployed.
func findExecutable(app, name string) (string, error) {
	if name == "" {
		return "", errors.New("is empty")
	}
	if strings.HasPrefix(name, ".") || filepath.IsAbs(name) {
		return "", fmt.Errorf("%q is not the file's plain name", name)
	}
	info, err := fs.Stat(os.DirFS(app), filepath.ToSlash(name))
	if err != nil {
		return "", err
	}
	if !executableFile(info) {
		return "", fmt.Errorf("%q is not an executable file", name)
	}
	return filepath.Join(app, name), nil
}

// resolve returns dir under the app, which is also the default.
func resolve(app, dir string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(app, dir)
}

// requestMode gives proxying precedence, as the host does. A host that is too old for it ignores the key, so each key
// alone is worth a warning.
func requestMode(section customHandler) (mode, []string) {
	proxy, forward := orFalse(section.Proxy), orFalse(section.Forward)
	var warnings []string
	if proxy != forward {
		warnings = append(warnings,
			"only one of enableProxyingHttpRequest and enableForwardingHttpRequest is set: hosts differ in what they know")
	}
	switch {
	case proxy:
		return modeProxy, warnings
	case forward:
		return modeForward, warnings
	default:
		return modeJSON, warnings
	}
}

// timeouts returns the function's and the start's limit; the defaults are the host's.
func timeouts(file hostFile, section customHandler) (function, initialization time.Duration, err error) {
	function, err = timeSpanOr(file.FunctionTimeout, 30*time.Minute)
	if err != nil {
		return 0, 0, fmt.Errorf("functionTimeout: %w", err)
	}
	initialization, err = timeSpanOr(section.InitializationTimeout, 30*time.Second)
	if err != nil {
		return 0, 0, fmt.Errorf("customHandler.initializationTimeout: %w", err)
	}
	return function, initialization, nil
}

func timeSpanOr(text string, fallback time.Duration) (time.Duration, error) {
	if text == "" {
		return fallback, nil
	}
	return timeSpan(text)
}

func orFalse(flag *bool) bool { return flag != nil && *flag }

func orTrue(flag *bool) bool { return flag == nil || *flag }
