package cli

import (
	"slices"
	"strings"

	"byoe/config"
	"byoe/devtenant"
)

// refusedInAzure returns an error where a command would run in the app's own sandbox: there it would have the app's
// identity and secrets, and whoever got into the sandbox would find the tools laid out. Serving is what byoe is there for,
// and the others that are let through show what there is, without secrets.
func refusedInAzure(command string, environ map[string]string) error {
	name, _, _ := strings.Cut(command, " ")
	sign := devtenant.AppServiceSign(environ)
	if sign == "" || slices.Contains([]string{"serve", "config", "version", "notices"}, name) {
		return nil
	}
	return config.Problem{
		Setting: "byoe " + name,
		What:    "does not run in Azure, and " + sign + " says that this is Azure",
		Remedy:  "Run it on your own machine, with your own sign-in; in Azure there are byoe serve and byoe config",
	}
}
