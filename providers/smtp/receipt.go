package smtp

import (
	"strings"

	"byoe/providers"
	"byoe/providers/mime"
)

// receiptID returns the id under which the server's log knows the mail, else the mail's Message-ID.
func receiptID(reply string, s providers.Submission, m *mime.Mail) string {
	if id := queueID(reply); id != "" && !strings.Contains(s.Message.Text, id) {
		// A server that echoes the mail must not bring the code into our log.
		return id
	}
	id, domain, _ := strings.Cut(m.MessageID, "@")
	if providers.MessageID(id) == "" || providers.MessageID(domain) == "" {
		return ""
	}
	return m.MessageID
}

// queueID finds "queued as 4Fx2" (Postfix, SendGrid), "OK id=1rX-…" (Exim) and "Ok 0102…" (SES). Every server words its
// 250 as it likes; what is none of these has no id.
func queueID(reply string) string {
	first, _, _ := strings.Cut(reply, "\n")
	words := strings.Fields(first)
	if len(words) > 0 && parseStatus(250, words[0]) != (status{}) {
		words = words[1:]
	}
	for i, word := range words {
		lower := strings.ToLower(word)
		switch {
		case strings.HasPrefix(lower, "id="):
			return providers.MessageID(word[len("id="):])
		case lower == "as" && i > 0 && i+1 < len(words) && strings.EqualFold(words[i-1], "queued"):
			return providers.MessageID(strings.TrimRight(words[i+1], "."))
		}
	}
	if len(words) == 2 && strings.EqualFold(words[0], "ok") && len(words[1]) >= sesIDLength {
		return providers.MessageID(words[1])
	}
	return ""
}

// sesIDLength is below the 60 characters of an SES message id and above any English word.
const sesIDLength = 40
