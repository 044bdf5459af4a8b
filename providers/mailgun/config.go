package mailgun

import (
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// defaultBaseURL is the vendor's endpoint in the USA; domains in the EU have https://api.eu.mailgun.net.
const defaultBaseURL = "https://api.mailgun.net"

// Config is what the owner sets for Mailgun.
type Config struct {
	APIKey  redact.Secret `env:"MAILGUN_API_KEY" desc:"Sending key of the domain"`
	Domain  string        `env:"MAILGUN_DOMAIN" desc:"Sending domain, such as mg.contoso.example"`
	BaseURL string        `env:"MAILGUN_BASE_URL" envDefault:"https://api.mailgun.net" desc:"Base URL of the API; https://api.eu.mailgun.net for domains in the EU"`
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := httpclient.ValidateBaseURL("MAILGUN_BASE_URL", c.baseURL())
	problems = append(problems, config.RequireKey("MAILGUN_API_KEY", c.APIKey, "Make a sending key under the domain's settings")...)
	switch {
	case c.Domain == "":
		problems = append(problems, config.Problem{
			Setting: "MAILGUN_DOMAIN", What: "not set", Remedy: "Name your sending domain, such as mg.contoso.example",
		})
	case strings.ContainsFunc(c.Domain, notInDomain) || !strings.Contains(c.Domain, "."):
		problems = append(problems, config.Problem{
			Setting: "MAILGUN_DOMAIN", What: "not the name of a domain", Remedy: "Give the name alone, such as mg.contoso.example",
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

// notInDomain guards the path that is made of the domain.
func notInDomain(r rune) bool {
	isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	isDigit := r >= '0' && r <= '9'
	return !isLetter && !isDigit && r != '.' && r != '-'
}
