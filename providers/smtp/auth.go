package smtp

import (
	"context"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"byoe/providers"
	"byoe/providers/microsoft"
)

// The values of SMTP_AUTH that are no mechanism.
const (
	authAuto = "auto"
	authNone = "none"
)

// authXOAUTH2 logs in with an access token in place of a password. It is never chosen by itself: a server may offer it beside
// the mechanism that the owner has a password for.
const authXOAUTH2 = "xoauth2"

// mechanism returns the SASL name of a value of SMTP_AUTH, or "".
func mechanism(setting string) string {
	switch setting {
	case "plain", "login", "cram-md5", "scram-sha-256", authXOAUTH2:
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
// sent at all has been decided before (see [dialer.login]), and by more than the host's name.
func (d *dialer) exchange(ctx context.Context, name string) (smtp.Auth, error) {
	c := d.config
	switch name {
	case "XOAUTH2":
		token, err := d.tokens.Token(ctx)
		return smtp.XOAuth2Auth(c.Username, token), err
	case "PLAIN":
		return smtp.PlainAuth("", c.Username, c.Password.Reveal(), c.Host, true), nil
	case "LOGIN":
		return smtp.LoginAuth(c.Username, c.Password.Reveal(), c.Host, true), nil
	case "CRAM-MD5":
		return smtp.CRAMMD5Auth(c.Username, c.Password.Reveal()), nil
	default:
		return smtp.ScramSHA256Auth(c.Username, c.Password.Reveal()), nil
	}
}

// tokens returns the source of access tokens that the settings name, or nil where none is needed.
func (c Config) tokens() (*microsoft.Source, error) {
	if c.Auth != authXOAUTH2 {
		return nil, nil
	}
	if c.OAuthClientSecret.IsZero() {
		return microsoft.ManagedIdentity(c.OAuthClientID, c.OAuthScope)
	}
	return microsoft.ClientSecret(c.OAuthTenantID, c.OAuthClientID, c.OAuthClientSecret.Reveal(), c.OAuthScope, nil)
}
