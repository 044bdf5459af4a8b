package devtenant

import (
	"fmt"
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
	Provider string    `json:"provider"`
	Language string    `json:"-"`
}

// mailboxPage is the list with what was searched for.
type mailboxPage struct {
	Query string
	Mails []mailSummary
	// Version is another one whenever the list is.
	Version string
}

// mailView is a mail on its page.
type mailView struct {
	mailbox.Mail

	Language string
	// Way is how it came, in words. Call is the call that it belongs to, "" where none is known.
	Way, Call string
}

// serveMailbox lists the mails, newest first: all, or those with the words of a query.
func (t *Tenant) serveMailbox(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query().Get("q")
	mails := t.mailbox.Search(query)
	summaries := make([]mailSummary, len(mails))
	for i, mail := range mails {
		summaries[i] = t.summary(mail)
	}
	w.Header().Set("Vary", "Accept")
	if prefersJSON(r) {
		writeJSON(w, http.StatusOK, summaries)
		return
	}
	page := mailboxPage{Query: query, Mails: summaries}
	if len(mails) > 0 {
		page.Version = mails[0].ID
	}
	t.pages.render(w, http.StatusOK, pageMailbox, view{Title: "Mailbox", Path: "/mailbox", Data: page})
}

func (t *Tenant) summary(mail mailbox.Mail) mailSummary {
	return mailSummary{
		ID: mail.ID, Received: mail.Received, From: mail.From, To: mail.To, Subject: mail.Subject, Code: mail.Code,
		Provider: mail.Provider, Language: languageOf(mail),
	}
}

// wayOf tells by which provider a mail came, at which attempt, and for which call.
func (t *Tenant) wayOf(mail mailbox.Mail) (way, call string) {
	if mail.Provider == mailbox.Microsoft {
		way = "sent by Microsoft itself, because the webhook failed"
	} else {
		way = mail.Provider
	}
	for _, c := range t.calls.all() {
		if mail.Code == "" || c.Code.Reveal() != mail.Code || !sentTo(mail.To, c.SignIn.To) || mail.Received.Before(c.At) {
			continue
		}
		before := []string{}
		for i, s := range t.submissionsOf(c) {
			if s.MailID == mail.ID {
				way = fmt.Sprintf("%s, attempt %d", mail.Provider, i+1)
				if len(before) > 0 {
					way += ", after " + strings.Join(before, ", ")
				}
				break
			}
			before = append(before, s.Provider+" ("+orDefault(s.Answer, "still waiting")+")")
		}
		return way, c.ID
	}
	return way, ""
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
		page := mailView{Mail: mail, Language: languageOf(mail)}
		page.Way, page.Call = t.wayOf(mail)
		t.pages.render(w, http.StatusOK, pageMail, view{Title: mail.Subject, Path: "/mailbox", Data: page})
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
