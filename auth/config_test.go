package auth_test

import (
	"strings"
	"testing"

	"byoe/auth"
)

func TestConfigTellsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	good := auth.Config{
		TenantIDs: []string{tenantID}, Audiences: []string{audienceID},
		Authority: "https://{tenant}.ciamlogin.com/{tenant}/v2.0", CallerAppID: callerID,
	}
	cases := map[string]struct {
		change func(c *auth.Config)
		want   []string
	}{
		"good":                          {func(*auth.Config) {}, nil},
		"nothing":                       {func(c *auth.Config) { c.TenantIDs, c.Audiences = nil, nil }, []string{"ENTRA_TENANT_ID: not set", "ENTRA_AUDIENCE: not set"}},
		"tenant by name":                {func(c *auth.Config) { c.TenantIDs = []string{"contoso"} }, []string{"ENTRA_TENANT_ID: not a GUID"}},
		"audience by name":              {func(c *auth.Config) { c.Audiences = []string{"contoso"} }, []string{"ENTRA_AUDIENCE: neither"}},
		"App ID URI":                    {func(c *auth.Config) { c.Audiences = []string{"api://h/" + audienceID} }, nil},
		"App ID URI without a host":     {func(c *auth.Config) { c.Audiences = []string{"api://" + audienceID} }, nil},
		"two audiences for one tenant":  {func(c *auth.Config) { c.Audiences = []string{audienceID, otherID} }, []string{"ENTRA_AUDIENCE: neither one value"}},
		"http authority":                {func(c *auth.Config) { c.Authority = "http://login.example/v2.0" }, []string{"ENTRA_AUTHORITY: not https"}},
		"http on loopback":              {func(c *auth.Config) { c.Authority = "http://127.0.0.1:7072/t/v2.0" }, nil},
		"http on localhost":             {func(c *auth.Config) { c.Authority = "http://localhost:7072/t/v2.0" }, nil},
		"http on a name like localhost": {func(c *auth.Config) { c.Authority = "http://localhost.evil.example/v2.0" }, []string{"ENTRA_AUTHORITY: not https"}},
		"authority without a host":      {func(c *auth.Config) { c.Authority = "login" }, []string{"ENTRA_AUTHORITY: not a URL"}},
		"authority with a user":         {func(c *auth.Config) { c.Authority = "https://u:p@login.example" }, []string{"ENTRA_AUTHORITY: has a user"}},
		"two tenants at one authority": {func(c *auth.Config) {
			c.TenantIDs = append(c.TenantIDs, otherID)
			c.Authority = "https://login.example/v2.0"
		}, []string{"ENTRA_AUTHORITY: has no {tenant}"}},
		"further callers":          {func(c *auth.Config) { c.MoreCallers = []string{otherID} }, nil},
		"a further caller by name": {func(c *auth.Config) { c.MoreCallers = []string{"entra"} }, []string{"ENTRA_CALLER_APP_ID: not a GUID"}},
		"caller by name":           {func(c *auth.Config) { c.CallerAppID = "entra" }, []string{"ENTRA_CALLER_APP_ID: not a GUID"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := good
			c.change(&changed)
			problems := changed.Validate()
			if len(problems) != len(c.want) {
				t.Fatalf("problems are:\n%v\nwant %q", problems, c.want)
			}
			for i, want := range c.want {
				if got := problems[i].Error(); !strings.HasPrefix(got, want) || problems[i].Remedy == "" {
					t.Errorf("problem is %q, want %q and a remedy", got, want)
				}
			}
		})
	}
}
