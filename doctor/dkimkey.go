package doctor

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"byoe/doctor/dns"
)

// What can be wrong with a DKIM key in the DNS.
var (
	errNoKey      = errors.New("is not there")
	errDangling   = errors.New("points to a name that has no key")
	errRevoked    = errors.New("is revoked: the key is empty")
	errWeakKey    = errors.New("is shorter than the 1024 bits that receivers ask for")
	errNotAKey    = errors.New("holds no key that receivers can read")
	errSeveralKey = errors.New("holds more than one key")
)

// minDKIMBits is what receivers still accept (RFC 8301, section 3.2).
const minDKIMBits = 1024

// dkimAt reads the key at selector._domainkey.domain. The error is one of those above where the key is at fault, or one of
// package dns where it could not be asked for.
func dkimAt(ctx context.Context, client *dns.Client, selector, domain string) error {
	answer, err := client.Lookup(ctx, selector+"._domainkey."+domain, dns.TXT)
	if err != nil && !errors.Is(err, dns.ErrNoName) {
		return err
	}
	keys := slices.DeleteFunc(answer.TXT, func(text string) bool { _, has := parseTags(text)["p"]; return !has })
	switch {
	case len(keys) == 0 && len(answer.Aliases) > 0:
		return errDangling
	case len(keys) == 0:
		return errNoKey
	case len(keys) > 1:
		return errSeveralKey
	default:
		return checkDKIM(parseTags(keys[0]))
	}
}

// checkDKIM looks at a key record (RFC 6376, section 3.6.1; RFC 8463 for Ed25519).
func checkDKIM(tags map[string]string) error {
	encoded := strings.Join(strings.Fields(tags["p"]), "")
	if encoded == "" {
		return errRevoked
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return errNotAKey
	}
	if strings.EqualFold(tags["k"], "ed25519") {
		if len(raw) != ed25519.PublicKeySize {
			return errNotAKey
		}
		return nil
	}
	key, err := rsaKey(raw)
	switch {
	case err != nil:
		return errNotAKey
	case key.N.BitLen() < minDKIMBits:
		return errWeakKey
	default:
		return nil
	}
}

// rsaKey takes both forms in which keys are published: a SubjectPublicKeyInfo, and the bare key of the RFC's text.
func rsaKey(raw []byte) (*rsa.PublicKey, error) {
	if parsed, err := x509.ParsePKIXPublicKey(raw); err == nil {
		if key, ok := parsed.(*rsa.PublicKey); ok {
			return key, nil
		}
	}
	return x509.ParsePKCS1PublicKey(raw)
}
