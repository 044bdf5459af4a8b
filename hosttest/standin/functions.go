package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// function is one function of the app.
type function struct {
	name    string
	route   string // without the prefix
	methods []string
	locked  bool // a key is asked for where the host checks keys
	// raw says that there is exactly one HTTP trigger and one HTTP output and nothing else. Only then does the host
	// hand on the request itself; otherwise it speaks JSON, whatever host.json says.
	raw     bool
	trigger string // the trigger's name
	output  string // the HTTP output's name, "" where there is none
}

type functionFile struct {
	Bindings []binding `json:"bindings"`
}

type binding struct {
	Type      string   `json:"type"`
	Direction string   `json:"direction"`
	Name      string   `json:"name"`
	Route     *string  `json:"route"`
	AuthLevel string   `json:"authLevel"`
	Methods   []string `json:"methods"`
}

// readFunctions reads every function.json one level below the app.
func readFunctions(app string) ([]function, error) {
	files, err := fs.Glob(os.DirFS(app), "*/function.json")
	if err != nil {
		return nil, err
	}
	functions := make([]function, 0, len(files))
	for _, file := range files {
		text, err := fs.ReadFile(os.DirFS(app), file)
		if err != nil {
			return nil, err
		}
		parsed, err := parseFunction(path.Dir(file), text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		functions = append(functions, parsed)
	}
	if len(functions) == 0 {
		return nil, errors.New("no function.json in any folder of the app")
	}
	return functions, nil
}

func parseFunction(name string, text []byte) (function, error) {
	var file functionFile
	if err := json.Unmarshal(text, &file); err != nil {
		return function{}, err
	}
	triggers := bindingsOf(file, "httpTrigger", "in")
	outputs := bindingsOf(file, "http", "out")
	if len(triggers) != 1 {
		return function{}, fmt.Errorf("%d HTTP triggers, not one", len(triggers))
	}
	trigger := triggers[0]
	for _, method := range trigger.Methods {
		if method != strings.ToLower(method) {
			return function{}, fmt.Errorf("method %q is not in lower case", method)
		}
	}
	parsed := function{
		name:    name,
		route:   name,
		methods: trigger.Methods,
		locked:  !strings.EqualFold(trigger.AuthLevel, "anonymous"),
		raw:     len(outputs) == 1 && len(file.Bindings) == 2,
		trigger: trigger.Name,
	}
	if trigger.Route != nil {
		parsed.route = *trigger.Route
	}
	if strings.ContainsAny(parsed.route, "{}") {
		return function{}, fmt.Errorf("route %q has parameters, which the stand-in does not know", parsed.route)
	}
	if len(outputs) > 0 {
		parsed.output = outputs[0].Name
	}
	return parsed, nil
}

func bindingsOf(file functionFile, kind, direction string) []binding {
	return slices.DeleteFunc(slices.Clone(file.Bindings), func(b binding) bool {
		return b.Type != kind || b.Direction != direction
	})
}
