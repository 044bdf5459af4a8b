package message

import (
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"byoe/redact"
)

// ErrInvalidAddress says that an identifier is no mail address that byoe will hand to a mail server. It never quotes
// the identifier.
var ErrInvalidAddress = errors.New("not a mail address")

// The limits of RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, in octets.
const (
	maxLocalOctets   = 64
	maxAddressOctets = 254
)

// Address is a recipient: a local part as Entra gave it and a domain in its ASCII form (IDNA A-labels). It prints as a
// mask. The zero value is no address.
type Address struct {
	local, domain redact.Secret
}

// ParseAddress takes an identifier for a recipient, or returns an error that wraps [ErrInvalidAddress].
//
// [mail.ParseAddress] alone is no validator: it takes "Eve <a@b>" and comments, it unquotes a quoted local part into
// one that smuggles ESMTP parameters ("x> ORCPT=admin@admin.com"@b.com), and it lets bidirectional controls through. So
// the parsed address must be the identifier itself, and the characters are checked here once more.
func ParseAddress(identifier string) (Address, error) {
	if len(identifier) > maxAddressOctets {
		return Address{}, fmt.Errorf("%w: longer than %d octets", ErrInvalidAddress, maxAddressOctets)
	}
	parsed, err := mail.ParseAddress(identifier)
	if err != nil || parsed.Address != identifier {
		return Address{}, fmt.Errorf("%w: not of the form local@domain", ErrInvalidAddress)
	}
	at := strings.LastIndexByte(identifier, '@')
	local, domain := identifier[:at], identifier[at+1:]
	if len(local) > maxLocalOctets {
		return Address{}, fmt.Errorf("%w: local part longer than %d octets", ErrInvalidAddress, maxLocalOctets)
	}
	if strings.ContainsFunc(local, forbiddenInLocalPart) {
		return Address{}, fmt.Errorf("%w: forbidden character in the local part", ErrInvalidAddress)
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") {
		return Address{}, fmt.Errorf("%w: no host name after the @", ErrInvalidAddress)
	}
	if len(local)+1+len(ascii) > maxAddressOctets {
		return Address{}, fmt.Errorf("%w: longer than %d octets", ErrInvalidAddress, maxAddressOctets)
	}
	return Address{local: redact.NewSecret(local), domain: redact.NewSecret(ascii)}, nil
}

// forbiddenInLocalPart refuses what would need quoting (RFC 5321, section 4.1.2), and in an internationalised local
// part (RFC 6531) everything that is neither letter, mark, number, punctuation nor symbol: controls, format characters
// such as U+202E, and spaces.
func forbiddenInLocalPart(r rune) bool {
	if strings.ContainsRune("\"(),:;<>@[\\] ", r) {
		return true
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}

// Reveal returns local@domain for the wire. Each call is a place to look at in a review.
func (a Address) Reveal() string { return a.local.Reveal() + "@" + a.domain.Reveal() }

// Domain returns the domain in its ASCII form.
func (a Address) Domain() string { return a.domain.Reveal() }

// IsASCII says whether any mail system can carry the address. A local part beyond ASCII needs SMTPUTF8 (RFC 6531) or a
// vendor that knows it.
func (a Address) IsASCII() bool {
	return !strings.ContainsFunc(a.local.Reveal(), func(r rune) bool { return r >= utf8.RuneSelf })
}

// IsZero says whether this is no address.
func (a Address) IsZero() bool { return a.local.IsZero() }

// Format prints a mask under every verb.
func (a Address) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redact.Mask)) }

// LogValue makes slog print a mask.
func (a Address) LogValue() slog.Value { return slog.StringValue(redact.Mask) }

// MarshalText makes encoders print a mask.
func (a Address) MarshalText() ([]byte, error) { return []byte(redact.Mask), nil }
