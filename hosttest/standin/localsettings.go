package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// runtimeSetting must say "custom". Without it the real `func start` asks on the terminal and blocks.
const runtimeSetting = "FUNCTIONS_WORKER_RUNTIME"

// withLocalSettings adds the Values of local.settings.json to env. A deployed app has no such file.
func withLocalSettings(app string, env environment) (environment, error) {
	text, err := fs.ReadFile(os.DirFS(app), "local.settings.json")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		values, err := parseLocalSettings(text)
		if err != nil {
			return nil, fmt.Errorf("local.settings.json: %w", err)
		}
		env = env.withDefaults(values)
	}
	if !strings.EqualFold(env[runtimeSetting], "custom") {
		return nil, fmt.Errorf("%s is not custom", runtimeSetting)
	}
	return env, nil
}

func parseLocalSettings(text []byte) (map[string]string, error) {
	var file struct {
		IsEncrypted bool              `json:"IsEncrypted"`
		Values      map[string]string `json:"Values"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	if file.IsEncrypted {
		return nil, errors.New("is encrypted")
	}
	return file.Values, nil
}
