package resend

import (
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// defaultBaseURL is the vendor's only endpoint; the region belongs to the domain.
const defaultBaseURL = "https://api.resend.com"

// Config is what the owner sets for Resend.
type Config struct {
	APIKey  redact.Secret `env:"RESEND_API_KEY" desc:"API key with sending access"`
	BaseURL string        `env:"RESEND_BASE_URL" envDefault:"https://api.resend.com" desc:"Base URL of the API"`
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := httpclient.ValidateBaseURL("RESEND_BASE_URL", c.baseURL())
	return append(problems, config.RequireKey("RESEND_API_KEY", c.APIKey, "Make an API key with sending access under API Keys")...)
}

func (c Config) baseURL() string {
	if c.BaseURL == "" {
		return defaultBaseURL
	}
	return strings.TrimRight(c.BaseURL, "/")
}
