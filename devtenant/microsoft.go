package devtenant

import (
	"fmt"
	"mime"
	"net/mail"
	"time"

	"byoe/devtenant/mailbox"
)

// microsoftsOwn is the sender of the mail that stands for Microsoft's. What Microsoft's really says is not documented, so it
// is not imitated: it only has to be told from the webhook's at a glance.
const microsoftsOwn = "no-reply@microsoft.example"

// sendMicrosoftsOwn puts the mail into the box that Microsoft sends where the webhook failed and the extension says
// fallbackToMicrosoftProviderOnError. It returns the mail's id.
func (t *Tenant) sendMicrosoftsOwn(s SignIn) string {
	from := mail.Address{Name: "Microsoft, on behalf of the local tenant", Address: microsoftsOwn}
	subject := mime.QEncoding.Encode("utf-8", "Microsoft's own mail: your account verification code")
	raw := fmt.Sprintf("From: %s\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nContent-Language: en\r\n"+
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
		"This stands for the mail that Microsoft sends by itself, because the webhook failed and fallback is on.\r\n\r\n"+
		"%s\r\n", from.String(), headerAddress(s.To), subject, time.Now().Format(time.RFC1123Z), s.Code.Reveal())
	return t.mailbox.Put(mailbox.Microsoft, microsoftsOwn, []string{s.To}, raw).ID
}

// headerAddress is what the person typed, without what would end a header field.
func headerAddress(typed string) string {
	clean := make([]rune, 0, len(typed))
	for _, r := range typed {
		if r >= ' ' && r != 0x7f {
			clean = append(clean, r)
		}
	}
	return string(clean)
}
