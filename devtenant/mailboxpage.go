package devtenant

import (
	"net/http"
	"strings"
	"time"

	"byoe/devtenant/mailbox"
)

// mailSummary is a mail in the list. The list leaves the bodies out: two hundred of them are a long page.
type mailSummary struct {
	ID       string    `json:"id"`
	Received time.Time `json:"received"`
	From     string    `json:"from"`
	To       []string  `json:"to"`
	Subject  string    `json:"subject"`
	Code     string    `json:"code"`
	Language string    `json:"-"`
}

// mailView is a mail on its page.
type mailView struct {
	mailbox.Mail

	Language string
}

// serveMailbox lists the mails, newest first.
func (t *Tenant) serveMailbox(w http.ResponseWriter, r *http.Request) {
	mails := t.mailbox.Mails()
	summaries := make([]mailSummary, len(mails))
	for i, mail := range mails {
		summaries[i] = mailSummary{
			ID: mail.ID, Received: mail.Received, From: mail.From, To: mail.To, Subject: mail.Subject, Code: mail.Code,
			Language: languageOf(mail),
		}
	}
	w.Header().Set("Vary", "Accept")
	if prefersJSON(r) {
		writeJSON(w, http.StatusOK, summaries)
		return
	}
	t.pages.render(w, http.StatusOK, pageMailbox, view{Title: "Mailbox", Path: "/mailbox", Data: summaries})
}

// clearMailbox forgets every mail.
func (t *Tenant) clearMailbox(w http.ResponseWriter, _ *http.Request) {
	t.mailbox.Clear()
	w.WriteHeader(http.StatusNoContent)
}

// serveMail shows one mail.
func (t *Tenant) serveMail(w http.ResponseWriter, r *http.Request) {
	mail, found := t.mailbox.Mail(strings.TrimSuffix(r.PathValue("id"), ".json"))
	w.Header().Set("Vary", "Accept")
	switch {
	case !found:
		t.serveNotFound(w, r)
	case prefersJSON(r):
		writeJSON(w, http.StatusOK, mail)
	default:
		w.Header().Set("Content-Security-Policy", mailPolicy)
		t.pages.render(w, http.StatusOK, pageMail, view{
			Title: mail.Subject, Path: "/mailbox", Data: mailView{Mail: mail, Language: languageOf(mail)},
		})
	}
}

// languageOf returns the mail's own language (Content-Language, RFC 3282) for the lang attribute of what is quoted from
// it, so that a screen reader changes its voice and CJK text its glyphs; "" where it says none or several.
func languageOf(mail mailbox.Mail) string {
	tag := mail.Header("Content-Language")
	if len(tag) > 35 { // the longest well-formed tag of RFC 5646, section 4.4.1
		return ""
	}
	for _, r := range tag {
		if !isTagCharacter(r) {
			return ""
		}
	}
	return tag
}

func isTagCharacter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-'
}
