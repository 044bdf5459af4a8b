// Package mime writes a submission as an Internet message (RFC 5322, RFC 2045), for the ways out that take one whole: SMTP
// and Microsoft Graph.
package mime

import (
	"bytes"
	"encoding/base64"
	stdmime "mime"
	netmail "net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"byoe/providers"
)

// Mail is a mail as it goes over the wire.
type Mail struct {
	// From and To are the envelope's addresses.
	From, To string
	// UTF8 says that To needs SMTPUTF8 (RFC 6531).
	UTF8 bool
	// MessageID is without its angle brackets.
	MessageID string
	// Content is header and body. Lines end in CRLF; a dot at the start of one is not doubled.
	Content []byte
}

// Compose writes multipart/alternative with the plain text first, both parts quoted-printable, lines within 76 octets.
// No text of ours reaches a header field unencoded: names and subject become encoded words where they are not plain
// ASCII, line breaks among them are blanked before (an encoded one would be a line break again in whatever decodes it).
//
// The error is an [*providers.Error]. The same submission gives the same octets each time.
func Compose(s providers.Submission) (*Mail, error) {
	m := s.Message
	if err := s.RequirePlainSender(); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(m.From.Address, "@")
	messageID := s.ID + "@" + domain

	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP), mail.WithCharset(mail.CharsetUTF8),
		mail.WithBoundary("byoe_"+s.ID)) // the id stands in no body
	msg.FromMailAddress(clean(m.From))
	msg.ToMailAddress(&netmail.Address{Address: m.To.Reveal()})
	if m.ReplyTo != nil {
		msg.ReplyToMailAddress(clean(*m.ReplyTo))
	}
	msg.SetGenHeader(mail.HeaderSubject, encodeSubject(m.Subject))
	msg.SetMessageIDWithValue(messageID)
	msg.SetDateWithValue(date(s))
	for _, header := range s.Headers() {
		msg.SetGenHeader(mail.Header(header.Name), providers.HeaderText(header.Value))
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)

	var content bytes.Buffer
	content.Grow(headerOctets + 3*len(m.Text) + len(m.HTML) + len(m.HTML)/4) // else it is copied at each doubling
	if _, err := msg.WriteTo(&content); err != nil {
		return nil, &providers.Error{Kind: providers.KindConfig, Code: "not encodable", Cause: err}
	}
	return &Mail{
		From: m.From.Address, To: m.To.Reveal(), UTF8: !m.To.IsASCII(), MessageID: messageID, Content: content.Bytes(),
	}, nil
}

// headerOctets is room for the header and the parts' own. A text in a script of its own takes three octets for each in
// quoted-printable; HTML is mostly tags.
const headerOctets = 2 << 10

// wordOctets is how much of a subject's text goes into one encoded word. The word then has 60 characters and fits
// behind "Subject: " into the 76 that RFC 2047, section 2, allows a line.
const wordOctets = 36

// plainMost is how long a subject may be that is left as it is. Where it has no blank it cannot be folded, and a line
// beyond 998 octets is refused (RFC 5321, section 4.5.3.1.6).
const plainMost = 900

// encodeSubject keeps plain ASCII as it is and puts anything else into base64 words (RFC 2047). A code stands at the
// start of the subject and so within the first word. The Q encoding takes three octets for each octet of a non-Latin
// script, and has been seen to break a code in two.
func encodeSubject(subject string) string {
	subject = providers.HeaderText(subject)
	if len(subject) <= plainMost && stdmime.BEncoding.Encode("UTF-8", subject) == subject && !strings.Contains(subject, "=?") {
		return subject
	}
	var words []string
	for subject != "" {
		end := min(wordOctets, len(subject))
		for end < len(subject) && !utf8.RuneStart(subject[end]) {
			end--
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(subject[:end]))+"?=")
		subject = subject[end:]
	}
	return strings.Join(words, " ")
}

// clean makes an address fit for a header field. In a name beyond ASCII a backslash becomes its full-width form: Go leaves it
// as it is in an encoded word, where RFC 2047, section 5, does not allow it, and parsers then find no address.
func clean(address netmail.Address) *netmail.Address {
	name := providers.HeaderText(address.Name)
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		name = strings.ReplaceAll(name, `\`, "\uff3c")
	}
	return &netmail.Address{Name: name, Address: address.Address}
}

// date is when the delivery began, so that a second mail after an ambiguous failure is the first one's copy.
func date(s providers.Submission) time.Time {
	if s.Began.IsZero() {
		return time.Now()
	}
	return s.Began
}
