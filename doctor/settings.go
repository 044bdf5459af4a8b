package doctor

import (
	"context"
	"fmt"

	"byoe/config"
)

// Settings tells every problem of the settings as a finding of its own.
func Settings(problems config.Problems) Check {
	return Check{ID: "settings", Title: "Settings", Group: "settings", Look: func(context.Context) []Result {
		if len(problems) == 0 {
			return []Result{ok("byoe would start with them")}
		}
		found := make([]Result, len(problems))
		for i, p := range problems {
			found[i] = fail(p.What, p.Remedy)
			found[i].ID, found[i].Title = "settings."+p.Setting, p.Setting
		}
		return found
	}}
}

// Instances warns of an app in Azure whose instances do not know of each other's mails.
func Instances(ownMemoryInAzure bool) Check {
	return Check{ID: "instances", Title: "Memory of events", Group: "settings", Look: func(context.Context) []Result {
		if ownMemoryInAzure {
			return []Result{warn("each instance remembers only its own mails: where Entra's retry reaches another one, the code is sent twice",
				"Set BYOE_HASH_KEY to a random text of 32 characters or more, and give the app a storage account")}
		}
		return []Result{ok("fits where byoe runs")}
	}}
}

// plural writes "1 key" and "3 keys".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
