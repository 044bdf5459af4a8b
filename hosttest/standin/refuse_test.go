package standin_test

import (
	"strings"
	"testing"

	"byoe/hosttest/standin"
)

// What is refused here would, on the real host, fail in silence, ask on the terminal, or work only until deployment.
func TestStartRefuses(t *testing.T) {
	t.Parallel()
	handler := func(section string) string { return `{"version":"2.0","customHandler":{` + section + `}}` }
	described := func(path string) string { return handler(`"description":{"defaultExecutablePath":"` + path + `"}`) }
	tests := []struct{ name, file, content, want string }{
		{"no host.json", "host.json", "", "host.json"},
		{"a host.json that is no JSON", "host.json", "{", "host.json"},
		{"another version", "host.json", strings.Replace(validHost, "2.0", "3.0", 1), `version is "3.0"`},
		{"no custom handler", "host.json", `{"version":"2.0"}`, "customHandler"},
		{
			"a misspelt key", "host.json", strings.Replace(validHost, "Proxying", "Proying", 1),
			`unknown field "enableProyingHttpRequest"`,
		},
		{"routes without function.json", "host.json", handler(`"http":{"routes":[]}`), "function.json files"},
		{"no executable", "host.json", handler(`"description":{}`), "is empty"},
		{"a path in place of a name", "host.json", described("./byoe"), "plain name"},
		{"an absolute path", "host.json", described("/bin/sh"), "plain name"},
		{"an executable that is not there", "host.json", described("nobody"), "nobody"},
		{"a folder for an executable", "host.json", described("Otp"), "not an executable file"},
		{"a lost executable bit", "byoe", "#!/bin/sh\n", "not an executable file"},
		{
			"a time of another form", "host.json", strings.Replace(validHost, "{", `{"functionTimeout":"30",`, 1),
			"hh:mm:ss",
		},
		{"no function", "Otp/function.json", "", "no function.json"},
		{"a function that is no JSON", "Otp/function.json", "{", "Otp/function.json"},
		{"no trigger", "Otp/function.json", `{"bindings":[]}`, "0 HTTP triggers"},
		{
			"a method in capitals", "Otp/function.json", strings.Replace(validFunction, "post", "POST", 1),
			`"POST" is not in lower case`,
		},
		{
			"a route with parameters", "Otp/function.json",
			strings.Replace(validFunction, `"name":"req"`, `"name":"req","route":"a/{b}"`, 1), "parameters",
		},
		{"no runtime", "local.settings.json", `{"Values":{}}`, "FUNCTIONS_WORKER_RUNTIME"},
		{"no local settings and no runtime", "local.settings.json", "", "FUNCTIONS_WORKER_RUNTIME"},
		{"another runtime", "local.settings.json", strings.Replace(validSettings, "custom", "node", 1), "is not custom"},
		{
			"encrypted settings", "local.settings.json", strings.Replace(validSettings, "false", "true", 1), "encrypted",
		},
		{
			"a value that is no string", "local.settings.json", strings.Replace(validSettings, `"custom"`, "1", 1),
			"local.settings.json",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.file == "byoe" {
				skipOnWindows(t)
			}
			dir := app(t, map[string]string{test.file: test.content})
			host, err := standin.Start(t.Context(), standin.Options{AppDir: dir, Environ: []string{"PATH=/bin"}})
			if err == nil {
				host.Close()
				t.Fatal("started")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}
