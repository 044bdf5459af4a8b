package smtp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"byoe/config"
	"byoe/redact"
)

// The values of SMTP_TLS.
const (
	tlsSTARTTLS = "starttls"
	tlsImplicit = "implicit"
	tlsNone     = "none"
)

// The defaults: message submission with STARTTLS (RFC 6409 and RFC 3207).
const (
	defaultPort = 587
	// implicitPort is where a server speaks TLS from the first byte (RFC 8314, section 3.3).
	implicitPort = 465
	// defaultConnections is below what common servers let one client have (Postfix: 50).
	defaultConnections = 16
	// mostConnections is how many mails delivery hands one provider at once; more links would never be used.
	mostConnections = 128
	// exchangeScope is the audience of Exchange Online's SMTP (learn.microsoft.com, "Authenticate an IMAP, POP or SMTP
	// connection using OAuth").
	exchangeScope = "https://outlook.office365.com/.default"
)

// Config is what the owner sets for a mail server.
type Config struct {
	Host          string        `env:"SMTP_HOST" desc:"Name of the server that takes the mail; its certificate must carry this name"`
	Port          int           `env:"SMTP_PORT" envDefault:"587" desc:"Port of the server; 465 goes with SMTP_TLS=implicit"`
	TLS           string        `env:"SMTP_TLS" envDefault:"starttls" desc:"How the connection is encrypted: starttls, implicit, or none (loopback only); without TLS nothing is ever sent to another machine"`
	TLSMinVersion string        `env:"SMTP_TLS_MIN_VERSION" envDefault:"1.2" desc:"Oldest version of TLS: 1.2 or 1.3"`
	CAFile        string        `env:"SMTP_CA_FILE" desc:"PEM file with certificate authorities to trust beside the system's"`
	Auth          string        `env:"SMTP_AUTH" envDefault:"auto" desc:"How to log in: auto, plain, login, cram-md5, scram-sha-256, xoauth2 or none; auto takes what the server offers, and none where no user name is set"`
	Username      string        `env:"SMTP_USERNAME" desc:"User name at the server; with xoauth2 the mailbox"`
	Password      redact.Secret `env:"SMTP_PASSWORD" desc:"Password at the server"`
	Connections   int           `env:"SMTP_CONNECTIONS" envDefault:"16" desc:"Most connections at once; Exchange Online lets one mailbox have 3"`

	OAuthTenantID     string        `env:"SMTP_OAUTH_TENANT_ID" desc:"With SMTP_AUTH=xoauth2 and a client secret: the tenant of the mailbox"`
	OAuthClientID     string        `env:"SMTP_OAUTH_CLIENT_ID" desc:"With SMTP_AUTH=xoauth2: client id of the app registration, or of a user-assigned identity where no secret is set; the app's own identity where empty"`
	OAuthClientSecret redact.Secret `env:"SMTP_OAUTH_CLIENT_SECRET" desc:"With SMTP_AUTH=xoauth2: secret of the app registration; managed identity where empty"`
	OAuthScope        string        `env:"SMTP_OAUTH_SCOPE" envDefault:"https://outlook.office365.com/.default" desc:"With SMTP_AUTH=xoauth2: what the access token is for"`
}

// withDefaults fills in what a Config made by hand left out.
func (c Config) withDefaults() Config {
	if c.Port == 0 {
		c.Port = defaultPort
	}
	if c.TLS == "" {
		c.TLS = tlsSTARTTLS
	}
	if c.Auth == "" {
		c.Auth = authAuto
	}
	if c.TLSMinVersion == "" {
		c.TLSMinVersion = "1.2"
	}
	if c.Connections == 0 {
		c.Connections = defaultConnections
	}
	if c.OAuthScope == "" {
		c.OAuthScope = exchangeScope
	}
	return c
}

// Validate returns everything that is wrong with the settings, without a connection to the server.
func (c Config) Validate() config.Problems {
	c = c.withDefaults()
	problems := append(c.validateServer(), c.validateTLS()...)
	problems = append(problems, c.validateLogin()...)
	problems = append(problems, c.validateOAuth()...)
	if _, err := c.roots(); err != nil {
		problems = append(problems, config.Problem{
			Setting: "SMTP_CA_FILE", What: err.Error(), Remedy: "Name a file with certificates in PEM form",
		})
	}
	return problems
}

func (c Config) validateServer() config.Problems {
	var problems config.Problems
	switch {
	case c.Host == "":
		problems = append(problems, config.Problem{
			Setting: "SMTP_HOST", What: "not set", Remedy: "Name the server that takes your mail, such as smtp.example.com",
		})
	case strings.ContainsAny(c.Host, " \t\r\n/@[]"), strings.Count(c.Host, ":") == 1:
		problems = append(problems, config.Problem{
			Setting: "SMTP_HOST", What: "not a host name or address", Remedy: "Give the name alone; the port goes into SMTP_PORT",
		})
	}
	if c.Port < 1 || c.Port > 65535 {
		problems = append(problems, config.Problem{
			Setting: "SMTP_PORT", What: "not a port", Remedy: "Give a number from 1 to 65535, mostly 587 or 465",
		})
	}
	if c.Connections < 1 || c.Connections > mostConnections {
		problems = append(problems, config.Problem{
			Setting: "SMTP_CONNECTIONS", What: "not between 1 and 128", Remedy: "Give what the server lets one client have, such as 16",
		})
	}
	return problems
}

func (c Config) validateTLS() config.Problems {
	problems := c.validateEncryption()
	if c.TLSMinVersion != "1.2" && c.TLSMinVersion != "1.3" {
		problems = append(problems, config.Problem{
			Setting: "SMTP_TLS_MIN_VERSION", What: "neither 1.2 nor 1.3", Remedy: "Give 1.2, or 1.3 where the server knows it; older versions are broken (RFC 8996)",
		})
	}
	return problems
}

func (c Config) minVersion() uint16 {
	if c.TLSMinVersion == "1.3" {
		return tls.VersionTLS13
	}
	return tls.VersionTLS12
}

func (c Config) validateEncryption() config.Problems {
	problem := config.Problem{Setting: "SMTP_TLS"}
	switch c.TLS {
	case tlsImplicit:
		return nil
	case tlsSTARTTLS:
		if c.Port != implicitPort {
			return nil
		}
		// Both sides would wait for the other to begin, and every mail would end in a time-out.
		problem.What = "starttls does not go with port 465"
		problem.Remedy = "Set SMTP_TLS=implicit, or SMTP_PORT=587"
	case tlsNone:
		if c.Host == "" || config.IsLoopback(c.Host) { // no host is told already
			return nil
		}
		problem.What = "none is for a server on the loopback only"
		problem.Remedy = "Set starttls or implicit: the mail holds a code, and the connection your password"
	default:
		problem.What = "neither starttls, implicit nor none"
		problem.Remedy = "Set starttls for port 587 or implicit for port 465"
	}
	return config.Problems{problem}
}

func (c Config) validateLogin() config.Problems {
	var problems config.Problems
	named := c.Auth != authAuto && c.Auth != authNone
	switch {
	case named && mechanism(c.Auth) == "":
		problems = append(problems, config.Problem{
			Setting: "SMTP_AUTH", What: "not a mechanism that byoe knows",
			Remedy: "Set auto, plain, login, cram-md5, scram-sha-256, xoauth2 or none",
		})
	case named && c.Username == "":
		problems = append(problems, config.Problem{
			Setting: "SMTP_USERNAME", What: "not set, but SMTP_AUTH asks for a login", Remedy: "Set it, or SMTP_AUTH=none",
		})
	}
	if c.Auth == authXOAUTH2 {
		return problems // a token stands for the password
	}
	if c.Username != "" && c.Password.IsZero() {
		problems = append(problems, config.Problem{
			Setting: "SMTP_PASSWORD", What: "not set, but SMTP_USERNAME is", Remedy: "Set both or neither",
		})
	}
	if c.Username == "" && !c.Password.IsZero() {
		problems = append(problems, config.Problem{
			Setting: "SMTP_USERNAME", What: "not set, but SMTP_PASSWORD is", Remedy: "Set both or neither",
		})
	}
	return problems
}

// validateOAuth looks at the settings for tokens: a client secret needs the registration that it belongs to, and without
// xoauth2 none of them does anything.
func (c Config) validateOAuth() config.Problems {
	var problems config.Problems
	if c.Auth != authXOAUTH2 {
		if !c.OAuthClientSecret.IsZero() || c.OAuthTenantID != "" || c.OAuthClientID != "" {
			problems = append(problems, config.Problem{
				Setting: "SMTP_AUTH", What: "not xoauth2, but settings for it are there", Remedy: "Set SMTP_AUTH=xoauth2, or remove SMTP_OAUTH_TENANT_ID, SMTP_OAUTH_CLIENT_ID and SMTP_OAUTH_CLIENT_SECRET",
			})
		}
		return problems
	}
	if !c.Password.IsZero() {
		problems = append(problems, config.Problem{
			Setting: "SMTP_PASSWORD", What: "set, but SMTP_AUTH=xoauth2 logs in with a token", Remedy: "Remove it, or choose another SMTP_AUTH",
		})
	}
	if c.OAuthClientSecret.IsZero() {
		return problems
	}
	for _, id := range []struct{ setting, value string }{
		{"SMTP_OAUTH_TENANT_ID", c.OAuthTenantID}, {"SMTP_OAUTH_CLIENT_ID", c.OAuthClientID},
	} {
		if !config.IsGUID(id.value) {
			problems = append(problems, config.Problem{
				Setting: id.setting, What: "not a GUID, but SMTP_OAUTH_CLIENT_SECRET is set", Remedy: "Copy it from the app registration's overview",
			})
		}
	}
	return problems
}

// roots returns the certificate authorities to trust: the system's, and those of SMTP_CA_FILE beside them. nil means
// the system's alone.
func (c Config) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", reason(err))
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("holds no certificate")
	}
	return pool, nil
}

// reason drops the path from a file error: a problem never quotes a setting's value.
func reason(err error) error {
	if failure, ok := errors.AsType[*os.PathError](err); ok {
		return failure.Err
	}
	return err
}
