package mailbox

import "time"

// The ways that a mail can come.
const (
	SMTP     = "smtp"
	SendGrid = "sendgrid"
	// Microsoft is the mail that Entra sends by itself where the webhook did not.
	Microsoft = "microsoft"
)

// Mail is one mail as it arrived, taken apart for reading. It is never changed after it was stored; its slices are
// shared and read-only.
type Mail struct {
	// ID names the mail in this mailbox: a decimal number that grows by one with each mail and is never used again.
	ID string `json:"id"`
	// Provider is the way that it came: [SMTP], [SendGrid] or [Microsoft].
	Provider string `json:"provider"`
	// Received is when the last octet had arrived.
	Received time.Time `json:"received"`
	// EnvelopeFrom and To are the envelope: who gets a bounce, and who gets the mail. A header may say otherwise.
	EnvelopeFrom string   `json:"envelopeFrom"`
	To           []string `json:"to"`
	// From and Subject are the header fields with their encoded words decoded (RFC 2047).
	From    string `json:"from"`
	Subject string `json:"subject"`
	// Code is the first run of 4 to 8 digits in the subject or else in the text; "" where there is none.
	Code string `json:"code"`
	// Text and HTML are the first parts of these types, decoded, in UTF-8, their lines ended by LF.
	Text string `json:"text"`
	HTML string `json:"html"`
	// Headers are the fields in the order in which they stand in the mail, unfolded and decoded.
	Headers []Header `json:"headers"`
	// Raw is the mail as it came over the wire, without the dots that SMTP adds.
	Raw string `json:"raw"`
	// Problem says what a mail program would stumble over, such as a part that does not decode; "" for a sound mail.
	Problem string `json:"problem,omitempty"`
}

// Header is one header field.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Header returns the first field of that name without regard to case, or "".
func (m Mail) Header(name string) string { return first(m.Headers, name) }

// size is what the mail costs in memory, near enough: the strings that grow with the sender's effort.
func (m Mail) size() int {
	size := len(m.Raw) + len(m.Text) + len(m.HTML)
	for _, field := range m.Headers {
		size += len(field.Name) + len(field.Value)
	}
	return size
}
