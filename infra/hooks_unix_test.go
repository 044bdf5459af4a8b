//go:build unix

package infra_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tools are stand-ins for az, azd and go: each notes how it was called, and az knows a secret once it has been set.
const tools = `#!/bin/sh
printf '%s' "${0##*/}" >>"$CALLS"
for argument; do printf ' %s' "$argument" >>"$CALLS"; done
printf '\n' >>"$CALLS"
case "${0##*/} $*" in
  "az keyvault secret show"*) [ -e "$CALLS.secret" ] ;;
  "az keyvault secret set"*)
    while [ "$1" != --file ]; do shift; done
    cp "$2" "$CALLS.secret" ;;
  "az account show"*) echo app-tenant ;;
  "go run . setup apply"*) cat "$CALLS.report"; exit "${SETUP_ENDS:-0}" ;;
esac
`

// report is the end of what byoe setup apply prints.
const report = `Done, and read back. The record is byoe-setup.json: keep it, byoe setup remove goes by it.

The webhook's settings:

  ENTRA_TENANT_ID=tenant
  ENTRA_AUDIENCE=audience
  ENTRA_ALLOWED_EXTENSIONS=extension

Next:
  Deploy the webhook, then run byoe doctor
`

// hookRun runs postprovision.sh with variables and returns the calls, and whether it ended well.
type hookRun struct{ dir string }

func newHookRun(t *testing.T) hookRun {
	t.Helper()
	h := hookRun{dir: t.TempDir()}
	for _, name := range []string{"az", "azd", "go"} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(tools), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(h.dir, "calls.report"), []byte(report), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h hookRun) run(t *testing.T, variables ...string) (calls, printed string, err error) {
	t.Helper()
	log := filepath.Join(h.dir, "calls")
	_ = os.Remove(log) // of the run before
	command := exec.CommandContext(t.Context(), "sh", "hooks/postprovision.sh")
	command.Env = append([]string{"PATH=" + h.dir + ":" + os.Getenv("PATH"), "CALLS=" + log, "KEY_VAULT_NAME=vault", "FUNCTION_APP_ID=/app"}, variables...)
	output, err := command.CombinedOutput()
	noted, _ := os.ReadFile(log)
	return string(noted), string(output), err
}

func TestPostprovision(t *testing.T) {
	t.Parallel()
	h := newHookRun(t)
	calls, printed, err := h.run(t, "ENTRA_TENANT_ID=tenant")
	if err != nil {
		t.Fatal(err, printed)
	}
	for _, want := range []string{
		"go run . setup apply --prepare --tenant tenant --sign-in device --function-app /app --app-tenant app-tenant --app-sign-in cli\n",
		"azd env set ENTRA_TENANT_ID tenant\nazd env set ENTRA_AUDIENCE audience\nazd env set ENTRA_ALLOWED_EXTENSIONS extension\n",
	} {
		if !strings.Contains(calls, want) {
			t.Errorf("no %q in\n%s", want, calls)
		}
	}
	secret, err := os.ReadFile(filepath.Join(h.dir, "calls.secret"))
	if err != nil || len(secret) != 64 {
		t.Errorf("the key has %d characters, want 64 (48 bytes): %v", len(secret), err)
	}
	if strings.Contains(calls, string(secret)) || strings.Contains(printed, string(secret)) {
		t.Error("the key was seen")
	}
	if !strings.Contains(printed, report) {
		t.Errorf("the report was not shown:\n%s", printed)
	}

	calls, printed, err = h.run(t, "ENTRA_TENANT_ID=tenant", "ENTRA_AUDIENCE=audience")
	if err != nil || strings.Contains(calls, "secret set") || strings.Contains(calls, "setup") || strings.Contains(calls, "env set") {
		t.Errorf("a second run did more: %v %s\n%s", err, printed, calls)
	}
}

func TestPostprovisionWithoutATenant(t *testing.T) {
	t.Parallel()
	calls, printed, err := newHookRun(t).run(t)
	if err != nil || strings.Contains(calls, "setup") || !strings.Contains(printed, "azd env set ENTRA_TENANT_ID") {
		t.Errorf("%v\n%s\n%s", err, calls, printed)
	}
}

func TestPostprovisionWhereSetupFails(t *testing.T) {
	t.Parallel()
	calls, printed, err := newHookRun(t).run(t, "ENTRA_TENANT_ID=tenant", "SETUP_ENDS=1")
	if err == nil || strings.Contains(calls, "env set") || !strings.Contains(printed, "The webhook's settings") {
		t.Errorf("%v\n%s\n%s", err, calls, printed)
	}
}
