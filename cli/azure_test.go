package cli_test

import (
	"io"
	"strings"
	"testing"

	"byoe/cli"
)

const guid = "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d"

func TestAdminCommandsDoNotRunInAzure(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"setup", "plan", "--tenant", guid},
		{"guests", "list", "--tenant", guid},
		{"send", "--to", "ann@example.com"},
		{"dev"},
		{"dev", "token"},
		{"dev", "check"},
		{"doctor"},
		{"templates", "lint"},
		{"templates", "export", "x"},
		{"package"},
	} {
		for _, sign := range []string{"WEBSITE_SITE_NAME", "Website_Instance_Id", "LEGION_SERVICE_HOST", "CONTAINER_APP_NAME"} {
			err := cli.Run(t.Context(), args, []string{sign + "=contoso"}, io.Discard, io.Discard)
			if cli.ExitCode(err) != cli.ExitFailed || !strings.HasPrefix(err.Error(), "byoe "+args[0]+": does not run in Azure") {
				t.Errorf("%q with %s: %v", args, sign, err)
			}
		}
	}
	for _, harmless := range []string{"config", "version", "notices"} {
		if err := cli.Run(t.Context(), []string{harmless}, []string{"WEBSITE_SITE_NAME=contoso"}, io.Discard, io.Discard); err != nil {
			t.Errorf("%s in Azure: %v", harmless, err)
		}
	}
	// A managed identity alone is no app's sandbox: Cloud Shell has one, and is where administrators work.
	for _, environ := range [][]string{nil, {"MSI_ENDPOINT=http://localhost:50342"}, {"IDENTITY_ENDPOINT=x"}, {"WEBSITE_SITE_NAME="}} {
		if err := cli.Run(t.Context(), []string{"templates", "lint"}, environ, io.Discard, io.Discard); err != nil {
			t.Errorf("outside of Azure, with %q: %v", environ, err)
		}
	}
}
