package providertest

import (
	"fmt"
	"net/mail"

	"byoe/message"
	"byoe/providers"
)

// Code returns the one-time code of the mail number n, eight digits, different for each n below a million.
func Code(n int) string { return fmt.Sprintf("%08d", 31415926+n*61) }

// Recipient returns the address of the mail number n.
func Recipient(n int) string { return fmt.Sprintf("%s@example.org", LocalPart(n)) }

// LocalPart returns what stands before the @ in the address of the mail number n.
func LocalPart(n int) string { return fmt.Sprintf("person-%06d", n) }

// Submission returns the mail number n. It shares nothing with the others, so that a test may change it.
func Submission(n int) providers.Submission {
	code := Code(n)
	to, err := message.ParseAddress(Recipient(n))
	if err != nil {
		panic("providertest: its own address is not valid") // a fault of this file, of no caller
	}
	return providers.Submission{
		ID: fmt.Sprintf("5b2e7a10-0000-4000-8000-%012d", n),
		Message: &message.Message{
			From:    mail.Address{Name: "Contoso", Address: "no-reply@contoso.example"},
			ReplyTo: &mail.Address{Name: "Contoso help", Address: "help@contoso.example"},
			To:      to,
			Subject: code + " is your Contoso code",
			Text:    "Your code is " + code + ".\n\n.A line that begins with a dot.\nEnd.\n",
			HTML:    "<p>Your code is <b>" + code + "</b>.</p>\n<p>\n.A line that begins with a dot.\nEnd.</p>\n",
			Headers: []message.Header{
				{Name: "Auto-Submitted", Value: "auto-generated"},
				{Name: "X-Auto-Response-Suppress", Value: "OOF, AutoReply"},
			},
			Variables:     map[string]string{"code": code, "brand": "Contoso"},
			CorrelationID: fmt.Sprintf("9c1d4f20-0000-4000-8000-%012d", n),
		},
	}
}
