package credential

import (
	"slices"
	"strings"

	"byoe/auth"
	"byoe/config"
	"byoe/redact"
)

// minSecret is the least length of a secret in bytes: what openssl rand -hex 16 gives. A shorter one can be guessed, and
// nothing here counts the guesses.
const minSecret = 32

// Config is what the owner gave to their policies: one kind of credential, or several while the policies change over.
type Config struct {
	BasicUsername   string        `env:"B2C_BASIC_USERNAME" desc:"User name of Azure AD B2C policies whose AuthenticationType is Basic"`
	BasicPasswords  redact.Secret `env:"B2C_BASIC_PASSWORD" desc:"Its password, of 32 characters or more; several, comma-separated, while one replaces the other"`
	APIKeys         redact.Secret `env:"B2C_API_KEYS" desc:"Keys of Azure AD B2C policies whose AuthenticationType is ApiKeyHeader, of 32 characters or more; several, comma-separated, while one replaces the other"`
	APIKeyHeader    string        `env:"B2C_API_KEY_HEADER" envDefault:"x-api-key" desc:"Header field that the key comes in: the Id of the policy's Key element"`
	BearerTenant    string        `env:"B2C_BEARER_TENANT_ID" desc:"Tenant GUID that issues the tokens of Azure AD B2C policies whose AuthenticationType is Bearer"`
	BearerAudience  string        `env:"B2C_BEARER_AUDIENCE" desc:"Client id of the app registration that those tokens are for, or api://host/<id>"`
	BearerApps      []string      `env:"B2C_BEARER_ALLOWED_APPS" desc:"Client ids of the applications that may get such tokens (azp, v1 appid), comma-separated"`
	BearerAuthority string        `env:"B2C_BEARER_AUTHORITY" envDefault:"https://login.microsoftonline.com/{tenant}/v2.0" desc:"Where that tenant's metadata is, at <authority>/.well-known/openid-configuration; plain http only on loopback"`
	BearerV1        bool          `env:"B2C_BEARER_ACCEPT_V1" envDefault:"false" desc:"Accept v1 tokens too"`
}

// Configured says whether the owner gave any credential. Without one nobody can call.
func (c Config) Configured() bool { return c.basic() || !c.APIKeys.IsZero() || c.bearer() }

func (c Config) basic() bool { return c.BasicUsername != "" || !c.BasicPasswords.IsZero() }

func (c Config) bearer() bool {
	return c.BearerTenant != "" || c.BearerAudience != "" || len(c.BearerApps) > 0
}

// Validate returns everything that is wrong with the settings.
func (c Config) Validate() config.Problems {
	return slices.Concat(c.basicProblems(), c.keyProblems(), c.bearerProblems())
}

func (c Config) basicProblems() config.Problems {
	if !c.basic() {
		return nil
	}
	problems := secretProblems("B2C_BASIC_PASSWORD", c.BasicPasswords)
	switch {
	case c.BasicUsername == "":
		problems = append(problems, config.Problem{Setting: "B2C_BASIC_USERNAME", What: "not set, and B2C_BASIC_PASSWORD is", Remedy: "Give the user name of the policy's BasicAuthenticationUsername"})
	case strings.Contains(c.BasicUsername, ":"): // RFC 7617, section 2: the first colon ends the name
		problems = append(problems, config.Problem{Setting: "B2C_BASIC_USERNAME", What: "has a colon, which no user name can have", Remedy: "Give a name without one"})
	}
	return problems
}

func (c Config) keyProblems() config.Problems {
	var problems config.Problems
	if !c.APIKeys.IsZero() {
		problems = secretProblems("B2C_API_KEYS", c.APIKeys)
	}
	if !usableHeader(c.header()) {
		problems = append(problems, config.Problem{
			Setting: "B2C_API_KEY_HEADER", What: "no header field that a key can come in",
			Remedy: "Give a name such as x-api-key; the Functions host reads x-functions-key itself, and HTTP the usual ones",
		})
	}
	return problems
}

// secretProblems tells nothing of the secrets but that something is wrong with them.
func secretProblems(setting string, list redact.Secret) config.Problems {
	const remedy = "Give a random text, such as openssl rand -hex 32 makes, the same in the policy key"
	secrets := split(list)
	if len(secrets) == 0 {
		return config.Problems{{Setting: setting, What: "not set", Remedy: remedy}}
	}
	for _, secret := range secrets {
		switch {
		case len(secret) < minSecret:
			return config.Problems{{Setting: setting, What: "shorter than 32 characters (a comma ends a secret)", Remedy: remedy}}
		case !config.IsKeyText(secret):
			return config.Problems{{Setting: setting, What: "holds a space or a character that is not ASCII", Remedy: remedy}}
		}
	}
	return nil
}

// split takes the secrets out of a list.
func split(list redact.Secret) []string {
	var secrets []string
	for secret := range strings.SplitSeq(list.Reveal(), ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

func (c Config) header() string {
	if c.APIKeyHeader == "" {
		return "x-api-key"
	}
	return c.APIKeyHeader
}

// FirstAPIKey is the key that a caller of the owner's own would take; the zero value where there is none.
func (c Config) FirstAPIKey() redact.Secret {
	if keys := split(c.APIKeys); len(keys) > 0 {
		return redact.NewSecret(keys[0])
	}
	return redact.Secret{}
}

// usableHeader refuses what is no field name (RFC 9110, section 5.1) and those that mean something else to us or to what
// is in front of us.
func usableHeader(name string) bool {
	taken := []string{"authorization", "connection", "content-encoding", "content-length", "content-type", "cookie", "forwarded", "host", "te", "trailer", "transfer-encoding", "upgrade", "x-functions-key"}
	return name != "" && !slices.Contains(taken, strings.ToLower(name)) && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// bearerProblems are those of the token check's own settings, by our names of them.
func (c Config) bearerProblems() config.Problems {
	if !c.bearer() {
		return nil
	}
	ours := map[string][2]string{
		"ENTRA_TENANT_ID":     {"B2C_BEARER_TENANT_ID", "Give the GUID of the tenant in which the policies' application is registered"},
		"ENTRA_AUDIENCE":      {"B2C_BEARER_AUDIENCE", "Give the client id of the app registration that the policies ask a token for"},
		"ENTRA_CALLER_APP_ID": {"B2C_BEARER_ALLOWED_APPS", "Give the client ids of the applications that the policies get their tokens as"},
		"ENTRA_AUTHORITY":     {"B2C_BEARER_AUTHORITY", "Leave it out for the public cloud, or give a URL such as https://login.example/{tenant}/v2.0"},
	}
	var problems config.Problems
	for _, p := range c.auth().Validate() {
		problems = append(problems, config.Problem{Setting: ours[p.Setting][0], What: p.What, Remedy: ours[p.Setting][1]})
	}
	return problems
}

// auth is what the token check has to know.
func (c Config) auth() auth.Config {
	a := auth.Config{Authority: c.BearerAuthority, AcceptV1: c.BearerV1}
	if len(c.BearerApps) > 0 {
		a.CallerAppID, a.MoreCallers = c.BearerApps[0], c.BearerApps[1:]
	}
	if c.BearerTenant != "" {
		a.TenantIDs = []string{c.BearerTenant}
	}
	if c.BearerAudience != "" {
		a.Audiences = []string{c.BearerAudience}
	}
	return a
}
