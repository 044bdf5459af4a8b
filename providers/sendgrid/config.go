package sendgrid

import (
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// defaultBaseURL is the vendor's global endpoint; regional subusers in the EU have https://api.eu.sendgrid.com.
const defaultBaseURL = "https://api.sendgrid.com"

// Config is what the owner sets for SendGrid.
type Config struct {
	APIKey     redact.Secret `env:"SENDGRID_API_KEY" desc:"API key with the Mail Send permission"`
	BaseURL    string        `env:"SENDGRID_BASE_URL" envDefault:"https://api.sendgrid.com" desc:"Base URL of the API; https://api.eu.sendgrid.com for EU subusers"`
	TemplateID string        `env:"SENDGRID_TEMPLATE_ID" desc:"Dynamic template that is sent instead of the built-in mail, such as d-0123456789abcdef0123456789abcdef"`
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := httpclient.ValidateBaseURL("SENDGRID_BASE_URL", c.baseURL())
	problems = append(problems, config.RequireKey("SENDGRID_API_KEY", c.APIKey,
		"Make an API key with the Mail Send permission under Settings, API Keys")...)
	if !config.IsKeyText(c.TemplateID) {
		problems = append(problems, config.Problem{
			Setting: "SENDGRID_TEMPLATE_ID", What: "holds a space or a character that no template id has",
			Remedy: "Copy the id as it stands beside the template, d- and 32 digits",
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
