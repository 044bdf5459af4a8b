package smtp

import (
	"bytes"
	"encoding/base64"
	"mime"
	netmail "net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"byoe/providers"
	"byoe/providers/httpclient"
)

// composed is a mail as it goes over the wire.
type composed struct {
	// from and to are the envelope's addresses.
	from, to string
	// utf8 says that to needs SMTPUTF8 (RFC 6531).
	utf8 bool
	// messageID is without its angle brackets.
	messageID string
	content   []byte
}

// compose writes multipart/alternative with the plain text first, both parts quoted-printable, lines within 76 octets.
// No text of ours reaches a header field unencoded: names and subject become encoded words where they are not plain
// ASCII, line breaks among them are blanked before (an encoded one would be a line break again in whatever decodes it).
func compose(s providers.Submission) (*composed, error) {
	m := s.Message
	_, domain, found := strings.Cut(m.From.Address, "@")
	if !found || strings.ContainsFunc(m.From.Address, notInEnvelope) {
		return nil, &providers.Error{Kind: providers.KindConfig, Code: "sender address"}
	}
	messageID := s.ID + "@" + domain

	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP), mail.WithCharset(mail.CharsetUTF8))
	msg.FromMailAddress(clean(m.From))
	msg.ToMailAddress(&netmail.Address{Address: m.To.Reveal()})
	if m.ReplyTo != nil {
		msg.ReplyToMailAddress(clean(*m.ReplyTo))
	}
	msg.SetGenHeader(mail.HeaderSubject, encodeSubject(m.Subject))
	msg.SetMessageIDWithValue(messageID)
	msg.SetDateWithValue(time.Now())
	for _, header := range s.Headers() {
		msg.SetGenHeader(mail.Header(header.Name), httpclient.HeaderText(header.Value))
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)

	var content bytes.Buffer
	if _, err := msg.WriteTo(&content); err != nil {
		return nil, &providers.Error{Kind: providers.KindConfig, Code: "not encodable", Cause: err}
	}
	return &composed{
		from: m.From.Address, to: m.To.Reveal(), utf8: !m.To.IsASCII(), messageID: messageID, content: content.Bytes(),
	}, nil
}

// wordOctets is how much of a subject's text goes into one encoded word. The word then has 60 characters and fits
// behind "Subject: " into the 76 that RFC 2047, section 2, allows a line.
const wordOctets = 36

// encodeSubject keeps plain ASCII as it is and puts anything else into base64 words (RFC 2047). A code stands at the
// start of the subject and so within the first word. The Q encoding takes three octets for each octet of a non-Latin
// script, and has been seen to break a code in two.
func encodeSubject(subject string) string {
	subject = httpclient.HeaderText(subject)
	if mime.BEncoding.Encode("UTF-8", subject) == subject && !strings.Contains(subject, "=?") {
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

func clean(address netmail.Address) *netmail.Address {
	return &netmail.Address{Name: httpclient.HeaderText(address.Name), Address: address.Address}
}

// notInEnvelope refuses what would end MAIL FROM's argument and begin an ESMTP parameter or a command.
func notInEnvelope(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>\"\\", r) }
