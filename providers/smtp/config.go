package smtp

import (
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
)

// Config is what the owner sets for a mail server.
type Config struct {
	Host     string        `env:"SMTP_HOST" desc:"Name of the server that takes the mail; its certificate must carry this name"`
	Port     int           `env:"SMTP_PORT" envDefault:"587" desc:"Port of the server; 465 goes with SMTP_TLS=implicit"`
	TLS      string        `env:"SMTP_TLS" envDefault:"starttls" desc:"How the connection is encrypted: starttls, implicit, or none (loopback only); without TLS nothing is ever sent to another machine"`
	Auth     string        `env:"SMTP_AUTH" envDefault:"auto" desc:"How to log in: auto, plain, login, cram-md5, scram-sha-256 or none; auto takes what the server offers, and none where no user name is set"`
	Username string        `env:"SMTP_USERNAME" desc:"User name at the server"`
	Password redact.Secret `env:"SMTP_PASSWORD" desc:"Password at the server"`
	CAFile   string        `env:"SMTP_CA_FILE" desc:"PEM file with certificate authorities to trust beside the system's"`
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
	return c
}

// Validate returns everything that is wrong with the settings, without a connection to the server.
func (c Config) Validate() config.Problems {
	c = c.withDefaults()
	problems := append(c.validateServer(), c.validateTLS()...)
	problems = append(problems, c.validateLogin()...)
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
	return problems
}

func (c Config) validateTLS() config.Problems {
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
			Remedy: "Set auto, plain, login, cram-md5, scram-sha-256 or none",
		})
	case named && c.Username == "":
		problems = append(problems, config.Problem{
			Setting: "SMTP_USERNAME", What: "not set, but SMTP_AUTH asks for a login", Remedy: "Set it, or SMTP_AUTH=none",
		})
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
