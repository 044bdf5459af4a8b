// Package message composes what the person will read: event, brand and locale become one [Message].
//
// It knows neither providers nor HTTP. Beside the finished subject, HTML and text a message carries the variables that
// a provider-hosted template takes, so that any provider can take any message.
package message

import (
	"fmt"
	"log/slog"
	"net/mail"

	"byoe/redact"
)

// Message is one composed mail. It holds the one-time code in several places, so it prints as a mask; a provider hands
// its fields to the wire and to nothing else. A Message is never changed after it was composed and may be read by
// several goroutines.
type Message struct {
	// From is the sender. The name is clean of control characters, the address is ASCII.
	From mail.Address
	// ReplyTo is nil where the owner gave none.
	ReplyTo *mail.Address
	// To is the one recipient.
	To Address

	// Subject is plain text in UTF-8 without line breaks; the provider encodes it (RFC 2047).
	Subject string
	// HTML and Text say the same from the same strings. Lines end in LF.
	HTML string
	Text string

	// Headers are the additional header fields that every provider sends where the vendor lets it. It is shared by all mails
	// of a kind.
	Headers []Header
	// Variables are for provider-hosted templates, by the names of Microsoft's and the B2C samples and our own.
	Variables map[string]string

	// Templates are the ids of the owner's templates at providers, for this application, flow and language, by the
	// provider's word in MAIL_PROVIDERS. It is shared by all mails of a kind.
	Templates map[string]string

	// CorrelationID is Entra's, for finding the mail in the vendor's dashboard. It is no secret and holds no address.
	CorrelationID string
}

// Header is one header field: an ASCII name and an ASCII value without line breaks.
type Header struct {
	Name, Value string
}

// Format prints a mask under every verb, because the fields hold the code and the address.
func (m *Message) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("message " + redact.Mask))
}

// LogValue makes slog print a mask.
func (m *Message) LogValue() slog.Value { return slog.StringValue("message " + redact.Mask) }
