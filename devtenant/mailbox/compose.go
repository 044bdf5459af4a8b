package mailbox

import (
	"crypto/rand"
	"encoding/base64"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// wordBytes is how much text goes into one encoded word, which may have 75 characters (RFC 2047, section 2).
	wordBytes = 42
	// maxPlainBytes is how long a value may stand as it is: with its name it fits into a line (RFC 5322, section 2.1.1).
	maxPlainBytes = 800
)

// letter is a mail before it is written down. None of its texts but the parts has a line break.
type letter struct {
	id              string
	date            time.Time
	from            sendGridAddress
	to, cc, replyTo []sendGridAddress
	subject         string
	headers         []Header
	parts           []sendGridContent
}

// raw writes the letter as it would come over the wire (RFC 5322, RFC 2045): multipart/alternative, the parts in
// quoted-printable, so that English can be read in it. A field of the request's own takes the place of ours.
func (l letter) raw() string {
	boundary := rand.Text() // stands in no part: nobody knows it before
	fields := []Header{
		{"From", l.from.field()},
		{"To", fieldOf(l.to)},
		{"Cc", fieldOf(l.cc)},
		{"Reply-To", fieldOf(l.replyTo)},
		{"Subject", fieldText(l.subject)},
		{"Date", l.date.Format(time.RFC1123Z)},
		{"Message-ID", "<" + l.id + "@sendgrid.localhost>"},
		{"MIME-Version", "1.0"},
		{"Content-Type", `multipart/alternative; boundary="` + boundary + `"`},
	}
	var raw strings.Builder
	for _, field := range fields {
		isOwn := func(own Header) bool { return strings.EqualFold(own.Name, field.Name) }
		if field.Value != "" && !slices.ContainsFunc(l.headers, isOwn) {
			raw.WriteString(field.Name + ": " + field.Value + "\r\n")
		}
	}
	for _, own := range l.headers {
		raw.WriteString(own.Name + ": " + fieldText(own.Value) + "\r\n")
	}
	raw.WriteString("\r\n")
	for _, part := range l.parts {
		raw.WriteString("--" + boundary + "\r\n" + part.raw() + "\r\n")
	}
	raw.WriteString("--" + boundary + "--\r\n")
	return raw.String()
}

// raw writes one part. A mail's lines end in CRLF alone, whatever the request has.
func (c sendGridContent) raw() string {
	mediaType, _, _ := mime.ParseMediaType(c.Type) // was checked
	var raw strings.Builder
	raw.WriteString("Content-Type: " + mediaType + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	writer := quotedprintable.NewWriter(&raw)
	_, _ = writer.Write([]byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(c.Value))) // a Builder takes all
	_ = writer.Close()
	return raw.String()
}

// field writes an address with its name.
func (a sendGridAddress) field() string {
	switch {
	case a.Name == "":
		return "<" + a.Email + ">"
	case strings.ContainsFunc(a.Name, notInPhrase) || strings.TrimSpace(a.Name) != a.Name || strings.Contains(a.Name, "  "):
		return encodedWords(a.Name) + " <" + a.Email + ">"
	default:
		return a.Name + " <" + a.Email + ">"
	}
}

// notInPhrase is everything that needs quotes or encoding in a name.
func notInPhrase(r rune) bool {
	isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !isLetter && r != ' ' && (r < '0' || r > '9')
}

func fieldOf(addresses []sendGridAddress) string {
	fields := make([]string, 0, len(addresses))
	for _, address := range addresses {
		fields = append(fields, address.field())
	}
	return strings.Join(fields, ",\r\n ")
}

// fieldText writes a value as it is where every reader gets it back so, else in encoded words.
func fieldText(text string) string {
	isPlain := len(text) <= maxPlainBytes && strings.TrimSpace(text) == text && !strings.Contains(text, "=?") &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
	if isPlain {
		return text
	}
	return encodedWords(text)
}

// encodedWords writes text as RFC 2047 says, a word a line, and spreads no character over two.
func encodedWords(text string) string {
	var words []string
	for text != "" {
		end := min(wordBytes, len(text))
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end--
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:end]))+"?=")
		text = text[end:]
	}
	return strings.Join(words, "\r\n ")
}
