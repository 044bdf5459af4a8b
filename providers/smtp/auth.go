package smtp

import (
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"byoe/providers"
)

// The values of SMTP_AUTH that are no mechanism.
const (
	authAuto = "auto"
	authNone = "none"
)

// mechanism returns the SASL name of a value of SMTP_AUTH, or "".
func mechanism(setting string) string {
	switch setting {
	case "plain", "login", "cram-md5", "scram-sha-256":
		return strings.ToUpper(setting)
	default:
		return ""
	}
}

// chooseMechanism returns the SASL mechanism to use with a server that offers these, or "" for no login.
//
// With auto, PLAIN comes first: the connection is encrypted and the server proven by its certificate, PLAIN takes one
// round trip where SCRAM takes three, and it is what every server that offers it can in fact check. Nothing is chosen
// in a client shared between goroutines, where go-mail's own discovery writes under a read lock.
func (c Config) chooseMechanism(offered string) (string, error) {
	if c.Auth == authNone || c.Auth == authAuto && c.Username == "" {
		return "", nil
	}
	wanted := []string{mechanism(c.Auth)}
	if c.Auth == authAuto {
		wanted = []string{"PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5"}
	}
	mechanisms := strings.Fields(strings.ToUpper(offered))
	for _, name := range wanted {
		if slices.Contains(mechanisms, name) {
			return name, nil
		}
	}
	return "", &providers.Error{Kind: providers.KindConfig, Code: "auth mechanism not offered"}
}

// exchange returns the client's side of a mechanism that chooseMechanism chose, for one login. That the password may be
// sent at all has been decided before (see [link.login]), and by more than the host's name.
func (c Config) exchange(name string) smtp.Auth {
	password := c.Password.Reveal()
	switch name {
	case "PLAIN":
		return smtp.PlainAuth("", c.Username, password, c.Host, true)
	case "LOGIN":
		return smtp.LoginAuth(c.Username, password, c.Host, true)
	case "CRAM-MD5":
		return smtp.CRAMMD5Auth(c.Username, password)
	default:
		return smtp.ScramSHA256Auth(c.Username, password)
	}
}
