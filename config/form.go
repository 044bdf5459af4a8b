package config

import (
	"net/netip"
	"strings"

	"byoe/redact"
)

// IsGUID says whether s has the form that Entra uses: 8-4-4-4-12 hexadecimal digits.
func IsGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch i {
		case 8, 13, 18, 23:
			if r != '-' {
				return false
			}
		default:
			if !isHexDigit(r) {
				return false
			}
		}
	}
	return true
}

func isHexDigit(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'f' || 'A' <= r && r <= 'F'
}

// IsLoopback says whether a host name or address means this machine without a look into DNS: localhost, 127.0.0.0/8, ::1.
// What travels in clear text, or needs no password, may go there and nowhere else.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// IsKeyText says whether s can be a key, an id or a token in a header field: printable ASCII without spaces. net/http would
// refuse anything else too, but only when the first mail is to be sent.
func IsKeyText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// RequireKey says what is wrong with a setting that must hold a key; remedy says where the owner gets one.
func RequireKey(setting string, key redact.Secret, remedy string) Problems {
	switch {
	case key.IsZero():
		return Problems{{Setting: setting, What: "not set", Remedy: remedy}}
	case !IsKeyText(key.Reveal()):
		return Problems{{
			Setting: setting, What: "holds a space or a character that no key has",
			Remedy: "Copy it once more, without quotes and line breaks",
		}}
	default:
		return nil
	}
}
