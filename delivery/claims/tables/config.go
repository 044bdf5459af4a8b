package tables

import (
	"regexp"

	"byoe/config"
	"byoe/redact"
)

// Config is where the table is. What is set first goes before what comes after it: a connection string, a URL, the
// storage account that the Functions host itself uses.
type Config struct {
	Connection redact.Secret `env:"DEDUPE_TABLES_CONNECTION" desc:"Connection string of the storage account that remembers events for all instances"`
	URL        string        `env:"DEDUPE_TABLES_URL" desc:"The account's table endpoint, https://<account>.table.core.windows.net, opened with the app's managed identity; it needs the role Storage Table Data Contributor"`
	ClientID   string        `env:"DEDUPE_TABLES_CLIENT_ID" desc:"Client id of the user-assigned identity that opens DEDUPE_TABLES_URL; the app's own identity where empty"`
	Table      string        `env:"DEDUPE_TABLE" envDefault:"byoeclaims" desc:"Name of the table; created where it is missing"`
	// The host's own settings, in both of its forms: a connection string, or an account opened with an identity
	// (learn.microsoft.com, Azure Functions developer guide, "Connecting to host storage with an identity").
	HostStorage  redact.Secret `env:"AzureWebJobsStorage" desc:"Connection string of the Function App's own storage account, used where neither DEDUPE_TABLES_CONNECTION nor DEDUPE_TABLES_URL is set"`
	HostTableURI string        `env:"AzureWebJobsStorage__tableServiceUri" desc:"The own account's table endpoint, opened with the app's managed identity"`
	HostAccount  string        `env:"AzureWebJobsStorage__accountName" desc:"The own account's name, opened with the app's managed identity"`
	HostClientID string        `env:"AzureWebJobsStorage__clientId" desc:"Client id of the user-assigned identity that opens the own account; the app's own identity where empty"`
}

// Configured says whether any storage account is known.
func (c Config) Configured() bool {
	return !c.Connection.IsZero() || c.URL != "" || !c.HostStorage.IsZero() || c.HostTableURI != "" || c.HostAccount != ""
}

// Validate returns everything that is wrong with the settings that would be used.
func (c Config) Validate() config.Problems {
	_, problems := c.account()
	return append(problems, c.tableProblems()...)
}

// tableProblems knows the service's rule for names (Understanding the Table service data model).
func (c Config) tableProblems() config.Problems {
	matched, err := regexp.MatchString(`^[A-Za-z][A-Za-z0-9]{2,62}$`, c.Table)
	if err == nil && matched {
		return nil
	}
	return config.Problems{{Setting: "DEDUPE_TABLE", What: "no name for a table", Remedy: "Give 3 to 63 letters and digits, a letter first, such as byoeclaims"}}
}

// account says which account is used and how it is opened.
func (c Config) account() (account, config.Problems) {
	switch {
	case !c.Connection.IsZero():
		return parseConnection("DEDUPE_TABLES_CONNECTION", c.Connection)
	case c.URL != "":
		return identityAccount("DEDUPE_TABLES_URL", c.URL, c.ClientID)
	case !c.HostStorage.IsZero():
		return parseConnection("AzureWebJobsStorage", c.HostStorage)
	case c.HostTableURI != "":
		return identityAccount("AzureWebJobsStorage__tableServiceUri", c.HostTableURI, c.HostClientID)
	case c.HostAccount != "":
		return namedAccount("AzureWebJobsStorage__accountName", c.HostAccount, c.HostClientID)
	default:
		return account{}, config.Problems{{Setting: "DEDUPE_TABLES_CONNECTION", What: "not set, and the app has no storage account of its own", Remedy: "Give a storage account's connection string, or its table endpoint as DEDUPE_TABLES_URL"}}
	}
}
