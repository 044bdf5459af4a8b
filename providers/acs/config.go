package acs

import (
	"encoding/base64"
	"strings"

	"byoe/config"
	"byoe/providers/httpclient"
	"byoe/redact"
)

// Config is what the owner sets for Azure Communication Services.
type Config struct {
	ConnectionString redact.Secret `env:"ACS_CONNECTION_STRING" desc:"Connection string of the Communication Services resource"`
	Endpoint         string        `env:"ACS_ENDPOINT" desc:"Endpoint of the resource, https://<name>.communication.azure.com, opened with the app's managed identity; in place of a connection string"`
	ClientID         string        `env:"ACS_CLIENT_ID" desc:"Client id of the user-assigned identity that opens ACS_ENDPOINT; the app's own identity where empty"`
}

// The settings that problems name.
const (
	settingConnection = "ACS_CONNECTION_STRING"
	settingEndpoint   = "ACS_ENDPOINT"
)

// account is where the resource is and how it is opened: with a key, or, without one, with a token.
type account struct {
	endpoint string
	key      []byte
}

// Validate returns everything that is wrong with the settings, without a request to the vendor.
func (c Config) Validate() config.Problems {
	_, problems := c.account()
	if c.ClientID != "" && !config.IsGUID(c.ClientID) {
		problems = append(problems, config.Problem{
			Setting: "ACS_CLIENT_ID", What: "not a GUID", Remedy: "Copy the client id from the identity's overview",
		})
	}
	return problems
}

func (c Config) account() (account, config.Problems) {
	switch {
	case !c.ConnectionString.IsZero() && c.Endpoint != "":
		return account{}, config.Problems{{
			Setting: settingEndpoint, What: "set beside " + settingConnection, Remedy: "Remove one: the endpoint is for managed identity, the connection string holds a key",
		}}
	case !c.ConnectionString.IsZero():
		return parseConnection(c.ConnectionString.Reveal())
	case c.Endpoint != "":
		return account{endpoint: strings.TrimRight(c.Endpoint, "/")}, httpclient.ValidateBaseURL(settingEndpoint, c.Endpoint)
	default:
		return account{}, config.Problems{{
			Setting: settingConnection, What: "not set", Remedy: "Copy it from the resource's page Keys, or set " + settingEndpoint + " and give the app's identity a role on the resource",
		}}
	}
}

// parseConnection reads "endpoint=https://…/;accesskey=…". Keys have no letter case, and '=' stands in the value too.
func parseConnection(connection string) (account, config.Problems) {
	const remedy = "Copy it once more from the resource's page Keys: endpoint=https://…;accesskey=…"
	parts := map[string]string{}
	for part := range strings.SplitSeq(connection, ";") {
		name, value, _ := strings.Cut(part, "=")
		parts[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	a := account{endpoint: strings.TrimRight(parts["endpoint"], "/")}
	var problems config.Problems
	if parts["endpoint"] == "" {
		problems = append(problems, config.Problem{Setting: settingConnection, What: "has no endpoint", Remedy: remedy})
	} else {
		problems = append(problems, httpclient.ValidateBaseURL(settingConnection, parts["endpoint"])...)
	}
	key, err := base64.StdEncoding.DecodeString(parts["accesskey"])
	switch {
	case parts["accesskey"] == "":
		problems = append(problems, config.Problem{Setting: settingConnection, What: "has no accesskey", Remedy: remedy})
	case err != nil:
		problems = append(problems, config.Problem{Setting: settingConnection, What: "has an accesskey that is not base64", Remedy: remedy})
	}
	a.key = key
	return a, problems
}
