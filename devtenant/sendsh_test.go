package devtenant_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"byoe/internal/require"
)

// runScript runs samples/send.sh with a clean environment and returns its output and exit code.
func runScript(t *testing.T, environ []string, arguments ...string) (output string, code int) {
	t.Helper()
	require.Component(t, "curl", func() error {
		_, err := exec.LookPath("curl")
		return err
	})
	require.Component(t, "sh", func() error {
		_, err := exec.LookPath("sh")
		return err
	})
	script := append([]string{filepath.Join(samplesFolder, "send.sh")}, arguments...)
	command := exec.CommandContext(t.Context(), "sh", script...)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, environ...)
	var combined bytes.Buffer
	command.Stdout, command.Stderr = &combined, &combined
	err := command.Run()
	if exit, isExit := errors.AsType[*exec.ExitError](err); isExit {
		return combined.String(), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return combined.String(), 0
}

func TestTheScriptSendsASample(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	hook := newWebhook(t, says(200, "application/json", documented))
	output, code := runScript(t, []string{"DEV_TENANT_URL=" + tenant.URL()}, filepath.Join(samplesFolder, "japanese.json"), hook.URL)
	if code != 0 || !strings.Contains(output, "status 200 in ") || !strings.Contains(output, "continueWithDefaultBehavior") {
		t.Fatalf("exit code %d: %s", code, output)
	}
	got := hook.received()[0]
	if got.contentType != "application/json" || got.method != http.MethodPost {
		t.Errorf("%s, %s", got.method, got.contentType)
	}
	_, err := verify(t, tenant, strings.TrimPrefix(got.authorization, "Bearer "))
	if err != nil {
		t.Errorf("the token: %v", err)
	}
	want, err := os.ReadFile(filepath.Join(samplesFolder, "japanese.json"))
	if err != nil || got.body != string(want) {
		t.Errorf("the payload is not the file: %v", err)
	}
}

func TestTheScriptTakesATokenAndItsDefaults(t *testing.T) {
	t.Parallel()
	hook := newWebhook(t, says(200, "application/json", documented))
	payload := filepath.Join(samplesFolder, "sign-up.json")
	_, code := runScript(t, []string{"TOKEN=given", "DEV_TENANT_URL=http://127.0.0.1:1"}, payload, hook.URL)
	if code != 0 || hook.received()[0].authorization != "Bearer given" {
		t.Errorf("exit code %d", code)
	}
}

func TestTheScriptFailsAloud(t *testing.T) {
	t.Parallel()
	payload := filepath.Join(samplesFolder, "sign-up.json")
	nobody := "http://" + freeAddr(t)
	refusing := newWebhook(t, says(401, "application/problem+json", `{"code":"token.missing"}`))
	cases := []struct {
		name, payload, url, environ, want string
	}{
		{"a refusal", payload, refusing.URL, "TOKEN=x", "status 401"},
		{"no webhook", payload, nobody, "TOKEN=x", "is the webhook running?"},
		{"no tenant", payload, refusing.URL, "DEV_TENANT_URL=" + nobody, "no local tenant answers"},
		{"no token", payload, refusing.URL, "DEV_TENANT_URL=" + refusing.URL, "gave no token"},
		{"no payload", "none.json", refusing.URL, "TOKEN=x", "cannot read none.json"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			output, code := runScript(t, []string{c.environ}, c.payload, c.url)
			if code != 1 || !strings.Contains(output, c.want) {
				t.Errorf("exit code %d: %s", code, output)
			}
		})
	}
}

// TestTheScriptHidesTheToken puts a curl into the path that tells its arguments: every user of a machine can read those.
func TestTheScriptHidesTheToken(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	fake := "#!/bin/sh\nprintf 'arguments: %s\\n' \"$*\"\ncat\nprintf '\\n200 0.1'\n"
	err := os.WriteFile(filepath.Join(folder, "curl"), []byte(fake), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	output, code := runScript(t, []string{"PATH=" + folder + ":" + os.Getenv("PATH"), "TOKEN=hidden"})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, output)
	}
	arguments, input, _ := strings.Cut(output, "\n")
	if strings.Contains(arguments, "hidden") || !strings.Contains(input, `header = "Authorization: Bearer hidden"`) {
		t.Errorf("the token is among the arguments, or not in the input: %s", output)
	}
	if !strings.Contains(arguments, "/sign-up.json") || !strings.HasSuffix(arguments, "http://127.0.0.1:7071/api/EmailOtpSend") {
		t.Errorf("the defaults: %s", arguments)
	}
}
