package graph

import (
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// defaultBaseURL is Microsoft Graph's in the worldwide cloud; the national clouds have their own.
const defaultBaseURL = "https://graph.microsoft.com"

// Config is what the owner sets for Microsoft Graph.
type Config struct {
	User         string        `env:"GRAPH_MAIL_USER" desc:"Mailbox that sends: user principal name or object id"`
	TenantID     string        `env:"GRAPH_TENANT_ID" desc:"With a client secret: the tenant of the mailbox"`
	ClientID     string        `env:"GRAPH_CLIENT_ID" desc:"Client id of the app registration, or of a user-assigned identity where no secret is set; the app's own identity where empty"`
	ClientSecret redact.Secret `env:"GRAPH_CLIENT_SECRET" desc:"Secret of the app registration; managed identity where empty"`
	BaseURL      string        `env:"GRAPH_BASE_URL" envDefault:"https://graph.microsoft.com" desc:"Base URL of Microsoft Graph; another one in national clouds"`
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := httpclient.ValidateBaseURL("GRAPH_BASE_URL", c.baseURL())
	switch {
	case c.User == "":
		problems = append(problems, config.Problem{
			Setting: "GRAPH_MAIL_USER", What: "not set", Remedy: "Name the mailbox that sends, such as no-reply@contoso.example",
		})
	case !config.IsKeyText(c.User) || strings.ContainsAny(c.User, "/?#%"):
		problems = append(problems, config.Problem{
			Setting: "GRAPH_MAIL_USER", What: "neither a user principal name nor an object id", Remedy: "Give it as the user's overview shows it",
		})
	}
	return append(problems, c.validateCredentials()...)
}

func (c Config) validateCredentials() config.Problems {
	var problems config.Problems
	for _, id := range []struct {
		setting, value string
		required       bool
	}{
		{"GRAPH_TENANT_ID", c.TenantID, !c.ClientSecret.IsZero()},
		{"GRAPH_CLIENT_ID", c.ClientID, !c.ClientSecret.IsZero()},
	} {
		const remedy = "Copy it from the overview of the app registration or identity"
		switch {
		case id.value == "" && id.required:
			problems = append(problems, config.Problem{
				Setting: id.setting, What: "not set, but GRAPH_CLIENT_SECRET is", Remedy: remedy,
			})
		case id.value != "" && !config.IsGUID(id.value):
			problems = append(problems, config.Problem{Setting: id.setting, What: "not a GUID", Remedy: remedy})
		}
	}
	if c.ClientSecret.IsZero() && c.TenantID != "" {
		problems = append(problems, config.Problem{
			Setting: "GRAPH_CLIENT_SECRET", What: "not set, but GRAPH_TENANT_ID is", Remedy: "Set both, or neither for managed identity",
		})
	}
	return problems
}

func (c Config) baseURL() string {
	if c.BaseURL == "" {
		return defaultBaseURL
	}
	return strings.TrimRight(c.BaseURL, "/")
}
