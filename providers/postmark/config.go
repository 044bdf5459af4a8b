package postmark

import (
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// The defaults: the vendor's only endpoint, and the transactional stream that every server has.
const (
	defaultBaseURL = "https://api.postmarkapp.com"
	defaultStream  = "outbound"
)

// Config is what the owner sets for Postmark.
type Config struct {
	ServerToken redact.Secret `env:"POSTMARK_SERVER_TOKEN" desc:"Server API token"`
	Stream      string        `env:"POSTMARK_MESSAGE_STREAM" envDefault:"outbound" desc:"Transactional message stream that carries the codes"`
	BaseURL     string        `env:"POSTMARK_BASE_URL" envDefault:"https://api.postmarkapp.com" desc:"Base URL of the API"`
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	problems := httpclient.ValidateBaseURL("POSTMARK_BASE_URL", c.baseURL())
	problems = append(problems, config.RequireKey("POSTMARK_SERVER_TOKEN", c.ServerToken,
		"Copy the server's token from its tab API Tokens")...)
	if !config.IsKeyText(c.Stream) {
		problems = append(problems, config.Problem{
			Setting: "POSTMARK_MESSAGE_STREAM", What: "holds a space or a character that no stream's id has",
			Remedy: "Give the id of a transactional stream, such as outbound",
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

func (c Config) stream() string {
	if c.Stream == "" {
		return defaultStream
	}
	return c.Stream
}
