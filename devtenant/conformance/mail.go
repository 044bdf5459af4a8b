package conformance

import (
	"context"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

// mailChecks look at the mail of the documented event.
func mailChecks() []check {
	var checks []check
	add := func(id, title string, look func(r *run, m mailbox.Mail) finding) {
		checks = append(checks, check{id: id, title: title, needs: aMail, run: func(_ context.Context, r *run) finding {
			return look(r, *r.base.mail)
		}})
	}
	add("mail.code", "the mail carries the code", checkCode)
	add("mail.recipient", "the mail goes to the address and to nobody else", checkRecipient)
	add("mail.from", "the mail has a sender", checkFrom)
	add("mail.text", "the mail can be read as plain text", checkText)
	add("mail.code-line", "the code has a line for itself", checkCodeLine)
	add("mail.pictures", "the mail loads nothing from elsewhere", checkPictures)
	return append(checks, check{id: "mail.language", title: "the mail is in the person's language", needs: aMail, run: checkLanguage})
}

func checkCode(r *run, m mailbox.Mail) finding {
	if !carries(m, r.base.who.Code.Reveal()) {
		return failed("Put the event's own code into the mail: a code that the webhook makes up is worth nothing at Entra", "the event's code is neither in the subject nor in the mail")
	}
	return passed("it does")
}

// checkRecipient also looks for mails to others with the same code.
func checkRecipient(r *run, m mailbox.Mail) finding {
	others := slices.DeleteFunc(slices.Clone(m.To), func(to string) bool { return strings.EqualFold(to, r.base.who.To) })
	copies := slices.DeleteFunc(r.tenant.Mailbox().Mails(), func(other mailbox.Mail) bool {
		return isFor(other, r.base.who.To) || !carries(other, r.base.who.Code.Reveal())
	})
	if len(others)+len(copies) > 0 {
		return failed("Send the code to the event's address alone, without a copy to anybody: whoever reads it can sign in", "it went to %d others too", len(others)+len(copies))
	}
	return passed("one recipient")
}

func checkFrom(_ *run, m mailbox.Mail) finding {
	header := m.Header("From")
	if _, err := netmail.ParseAddress(header); err != nil && !strings.Contains(header, "@") {
		return failed("Set From to an address of yours (RFC 5322, section 3.6.2): receivers drop mail without one", "From is empty or has no address")
	}
	return passed("From has an address")
}

func checkText(_ *run, m mailbox.Mail) finding {
	if strings.TrimSpace(m.Text) == "" {
		return failed("Send a text/plain part beside the HTML: watches, screen readers and filters read it", "there is no text/plain part")
	}
	return passed("there is a text/plain part")
}

func checkCodeLine(r *run, m mailbox.Mail) finding {
	code := r.base.who.Code.Reveal()
	for line := range strings.Lines(m.Text) {
		if strings.TrimSpace(line) == code {
			return passed("in the text part")
		}
	}
	return failed("Give the code a line of its own in the text part, unbroken: that is what phones offer to copy and what people find", "there is no line with just the code")
}

func checkPictures(_ *run, m mailbox.Mail) finding {
	remote := regexp.MustCompile(`(?i)(\b(src|srcset|background)\s*=\s*["']?\s*(https?:)?//|url\(\s*["']?\s*(https?:)?//|<link\b|<script\b|<iframe\b)`)
	if remote.MatchString(m.HTML) {
		return failed("Leave pictures and styles from elsewhere out, or put them into the mail: most programs block them, and they tell the server who read what when", "the HTML part loads something")
	}
	return passed("nothing")
}

// checkLanguage compares with the mail of a person in Japan: no other language looks less like English.
func checkLanguage(ctx context.Context, r *run) finding {
	who := r.people.next()
	who.Locale = "ja-jp"
	if sent := r.mailed(ctx, who, "Take the locale as a wish, and fall back to a language that there is", "ja-jp"); sent.verdict != devtenant.Pass {
		return sent
	}
	japanese := r.arrived(ctx, who.To)
	switch {
	case japanese == nil:
		return skipped("The mail had to make room", notTried)
	case isJapanese(*japanese) && !isJapanese(*r.base.mail):
		return passed("English for en-us and Japanese for ja-jp")
	case japanese.Header("Content-Language") != r.base.mail.Header("Content-Language"):
		return passed("Content-Language differs for en-us and ja-jp")
	default:
		return skipped("Entra asks for no more. Where people of several languages sign in, choose by client.locale: it is the language of their browser",
			"the mail is in the same language for en-us and for ja-jp")
	}
}

// isJapanese looks for kana, which no other language has.
func isJapanese(m mailbox.Mail) bool {
	return strings.ContainsFunc(m.Subject+m.Text+m.HTML, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) })
}
