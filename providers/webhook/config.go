package webhook

import (
	"encoding/base64"
	"net/url"
	"strings"

	"byoe/config"
	"byoe/redact"
)

// secretPrefix stands before a secret in its written form (Standard Webhooks, "Signature scheme"). It may be left out.
const secretPrefix = "whsec_"

// The shortest and the longest key that Standard Webhooks allow, in bytes.
const (
	minKey = 24
	maxKey = 64
)

// Config is what the owner sets for an endpoint of their own.
type Config struct {
	// URL is held as a secret: where an endpoint stands behind a key in its query, as Azure Functions and Logic Apps have
	// it, the URL is one.
	URL    redact.Secret `env:"HTTP_MAIL_URL" desc:"Your own endpoint that takes the composed mail and sends it; https, plain http only on the loopback"`
	Secret redact.Secret `env:"HTTP_MAIL_SECRET" desc:"Secret that signs each request as Standard Webhooks say: 24 to 64 random bytes in base64, with or without whsec_ before them"`
}

// Validate returns everything that is wrong with the settings, without a request to the endpoint.
func (c Config) Validate() config.Problems {
	return append(c.validateURL(), c.validateSecret()...)
}

// validateURL is stricter than [http.NewRequest] for the same reasons as [byoe/providers/httpclient.ValidateBaseURL], but
// the address is a whole one here and may have a query.
func (c Config) validateURL() config.Problems {
	endpoint, err := url.Parse(c.URL.Reveal())
	switch {
	case c.URL.IsZero():
		return urlProblem("not set")
	case err != nil || endpoint.Hostname() == "":
		return urlProblem("not an absolute URL")
	case endpoint.User != nil || strings.Contains(c.URL.Reveal(), "#"):
		return urlProblem("has a user or a fragment")
	case endpoint.Scheme == "https", endpoint.Scheme == "http" && config.IsLoopback(endpoint.Hostname()):
		return nil
	default:
		return urlProblem("not https, and plain http is for the loopback only")
	}
}

func urlProblem(what string) config.Problems {
	return config.Problems{{
		Setting: "HTTP_MAIL_URL", What: what, Remedy: "Give your endpoint's whole address, such as https://mail.example.com/send",
	}}
}

func (c Config) validateSecret() config.Problems {
	const setting, remedy = "HTTP_MAIL_SECRET", "Make one with `openssl rand -base64 32` and give it to your endpoint too"
	if problems := config.RequireKey(setting, c.Secret, remedy); len(problems) > 0 {
		return problems
	}
	key, err := c.key()
	switch {
	case err != nil:
		return config.Problems{{Setting: setting, What: "not base64", Remedy: remedy}}
	case len(key) < minKey, len(key) > maxKey:
		return config.Problems{{Setting: setting, What: "not 24 to 64 bytes long when decoded", Remedy: remedy}}
	default:
		return nil
	}
}

// key is the secret as the signature uses it.
func (c Config) key() ([]byte, error) {
	return base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(c.Secret.Reveal(), secretPrefix))
}
