package message

import (
	"html"
	"strings"

	"byoe/event"
)

// letter is everything about the mails of one brand, language and flow that does not depend on the event.
type letter struct {
	locale, direction string
	flow              event.Flow
	// name is the brand's own word for the application, already clean; empty where the event's is taken.
	name string

	html, text *layout
	*phrases

	headers   []Header
	templates map[string]string // template ids by provider
}

// phrases are the sentences of a letter, cut at their slots. Letters share them.
type phrases struct {
	plain   [len(sentences{})]pieces // for the text, the subject and the variables
	escaped [len(sentences{})]pieces // for HTML
}

func newPhrases(said sentences) *phrases {
	p := &phrases{}
	for i, sentence := range said {
		p.plain[i], p.escaped[i] = cut(sentence), cutEscaped(sentence)
	}
	return p
}

// layout is a rendered template, cut at its fields. Letters share it.
type layout struct{ cuts pieces }

// size is how long a page becomes.
func (l *layout) size(sentences *[len(sentences{})]pieces, v values) int {
	size := 0
	for _, part := range l.cuts {
		size += len(part.text) + len(v.of(part.slot))
		if i := part.slot - firstField; i >= 0 && int(i) < len(sentences) {
			size += sentences[i].size(v)
		}
	}
	return size
}

// page fills a layout. sentences are cut for its kind, v is escaped for it.
func (l *layout) page(sentences *[len(sentences{})]pieces, v values) string {
	var b strings.Builder
	b.Grow(l.size(sentences, v))
	for _, part := range l.cuts {
		b.WriteString(part.text)
		b.WriteString(v.of(part.slot))
		if i := part.slot - firstField; i >= 0 && int(i) < len(sentences) {
			sentences[i].writeTo(&b, v)
		}
	}
	return b.String()
}

// isolated keeps a name of other letters together in a sentence that runs from right to left (Unicode Annex 9): its
// brackets and full stops would otherwise jump to the far side.
func (l *letter) isolated(app string) string {
	const firstStrong, pop = "\u2068", "\u2069"
	if l.direction == "rtl" {
		return firstStrong + app + pop
	}
	return app
}

// write makes the mail. What it takes for HTML it escapes: every slot of a layout is in a text node or in a quoted
// attribute that is neither address, style nor script (checkLayout).
func (l *letter) write(app, code string) (subject, htmlPart, textPart string) {
	bare, inBody := values{app, code}, values{l.isolated(app), code}
	subject = l.plain[titleAt].fill(bare)
	textPart = l.text.page(&l.plain, inBody)
	htmlPart = l.html.page(&l.escaped, values{html.EscapeString(inBody.app), html.EscapeString(code)})
	return subject, htmlPart, textPart
}

// variables are what a provider-hosted template may use. otp alone is what Microsoft's SendGrid sample sends; otp, email and
// subject are those of its Azure AD B2C pages, with message, codeIntro and signature where these localise a SendGrid
// template, and otpmessage, otpcodeIntro and otpsignature where they localise one of Mailjet; code is the label before the
// code, as codeIntro is. The others are ours. Support and footer are there where the brand has them.
func (l *letter) variables(to Address, subject, app, code string) map[string]string {
	v := values{app, code}
	support, footer := l.plain[supportAt].fill(v), l.plain[footerAt].fill(v)
	lead, label, signOff := l.plain[leadAt].fill(v), l.plain[codeLabelAt].fill(v), l.plain[signOffAt].fill(v)
	variables := map[string]string{
		"otp":     code,
		"email":   to.Reveal(),
		"subject": subject,
		"message": lead, "code": label, "codeIntro": label, "signature": signOff,
		"otpmessage": lead, "otpcodeIntro": label, "otpsignature": signOff,

		"app":        app,
		"preheader":  l.plain[preheaderAt].fill(v),
		"heading":    l.plain[headingAt].fill(v),
		"validity":   l.plain[validityAt].fill(v),
		"neverShare": l.plain[neverShareAt].fill(v),
		"ignore":     l.plain[ignoreAt].fill(v),
		"flow":       l.flow.String(),
		"locale":     l.locale,
		"direction":  l.direction,
	}
	if support != "" {
		variables["support"] = support
	}
	if footer != "" {
		variables["footer"] = footer
	}
	return variables
}
