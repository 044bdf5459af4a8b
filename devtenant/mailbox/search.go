package mailbox

import "strings"

// maxWords is how many words of a query count. Each is looked for in every mail.
const maxWords = 10

// Search returns the mails, newest first, in which every word of the query stands, in whatever case: in the subject,
// the sender, the recipients, the code, the text or the provider's name. An empty query finds all.
func (m *Mailbox) Search(query string) []Mail {
	mails := m.Mails()
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return mails
	}
	words = words[:min(len(words), maxWords)]
	found := make([]Mail, 0, len(mails))
	for _, mail := range mails {
		if mail.holds(words) {
			found = append(found, mail)
		}
	}
	return found
}

// holds says whether each of the words, in lower case, stands in one of the fields.
func (m Mail) holds(words []string) bool {
	fields := []string{m.Subject, m.From, strings.Join(m.To, " "), m.Code, m.Provider, m.Text}
	for i, field := range fields {
		fields[i] = strings.ToLower(field)
	}
	for _, word := range words {
		if !anyContains(fields, word) {
			return false
		}
	}
	return true
}

func anyContains(fields []string, word string) bool {
	for _, field := range fields {
		if strings.Contains(field, word) {
			return true
		}
	}
	return false
}
