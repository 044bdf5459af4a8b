package mailjet

import (
	"strconv"
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// defaultBaseURL is the vendor's endpoint in the EU; accounts in the USA have https://api.us.mailjet.com.
const defaultBaseURL = "https://api.mailjet.com"

// Config is what the owner sets for Mailjet.
type Config struct {
	APIKey     redact.Secret `env:"MAILJET_API_KEY" desc:"API key, the user name of the pair"`
	SecretKey  redact.Secret `env:"MAILJET_SECRET_KEY" desc:"Secret key that belongs to it"`
	BaseURL    string        `env:"MAILJET_BASE_URL" envDefault:"https://api.mailjet.com" desc:"Base URL of the API; https://api.us.mailjet.com for accounts in the USA"`
	TemplateID string        `env:"MAILJET_TEMPLATE_ID" desc:"Number of the transactional template that is sent instead of the built-in mail, such as 1234567"`
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := httpclient.ValidateBaseURL("MAILJET_BASE_URL", c.baseURL())
	problems = append(problems, config.RequireKey("MAILJET_API_KEY", c.APIKey, "Copy it from API Key Management; a subaccount's is enough")...)
	problems = append(problems, config.RequireKey("MAILJET_SECRET_KEY", c.SecretKey, "Give the secret key that belongs to MAILJET_API_KEY")...)
	if c.TemplateID != "" && !IsTemplateID(c.TemplateID) {
		problems = append(problems, config.Problem{
			Setting: "MAILJET_TEMPLATE_ID", What: "not a number", Remedy: "Give the number that Mailjet shows as the template's id",
		})
	}
	return problems
}

// IsTemplateID says whether an id can be a template's: Mailjet takes a number and nothing else.
func IsTemplateID(id string) bool {
	number, err := strconv.ParseInt(id, 10, 64)
	return err == nil && number > 0
}

func (c Config) baseURL() string {
	if c.BaseURL == "" {
		return defaultBaseURL
	}
	return strings.TrimRight(c.BaseURL, "/")
}
