package providers

import (
	"net/mail"
	"strings"
	"unicode"
)

// HeaderText returns text in one line, with a space for every control character. Whoever sends the mail builds a header
// field out of it: a line break in a name would begin a field of its own there (email header injection, CWE-93).
func HeaderText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// Mailbox writes an address for the vendors that take "Name <local@domain>" as one text: the name always in quotes,
// because Postmark refuses a bare one with punctuation, and in UTF-8, which the vendor encodes.
func Mailbox(address mail.Address) string {
	name := HeaderText(address.Name)
	if name == "" {
		return address.Address
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `" <` + address.Address + ">"
}

// maxMessageID is the longest vendor id that goes into a log, in octets.
const maxMessageID = 128

// MessageID returns a vendor's id for a mail if it is fit for a log line: letters, digits, '.', '_' and '-', at most 128
// of them. Of anything else nothing is kept.
func MessageID(id string) string {
	if len(id) > maxMessageID || strings.ContainsFunc(id, notInMessageID) {
		return ""
	}
	return id
}

func notInMessageID(r rune) bool {
	isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	isDigit := r >= '0' && r <= '9'
	return !isLetter && !isDigit && r != '.' && r != '_' && r != '-'
}

// maxTag is the longest tag value that SES and Resend take, in octets.
const maxTag = 256

// TagValue keeps what SES and Resend allow in the value of a tag, ASCII letters, digits, '_' and '-', and puts a hyphen in
// place of everything else: one stray character must not cost the mail.
func TagValue(value string) string {
	value = strings.Map(func(r rune) rune {
		if r == '.' || notInMessageID(r) {
			return '-'
		}
		return r
	}, value)
	return value[:min(len(value), maxTag)]
}
