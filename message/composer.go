package message

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"byoe/event"
)

// Composer makes messages out of events. What does not depend on the event is prepared once; a Composer is safe for
// concurrent use.
type Composer struct {
	from          mail.Address
	replyTo       *mail.Address
	subject       string
	codeInSubject bool
	minutes       int
	languages     *languages
	templates     *templates
}

// NewComposer prepares a composer from valid settings (see [Config.Validate]).
func NewComposer(c Config) (*Composer, error) {
	catalogues, err := loadCatalogues(builtInCatalogues, "catalogues")
	if err != nil {
		return nil, err
	}
	languages, ok := newLanguages(catalogues, c.DefaultLocale)
	if !ok {
		return nil, fmt.Errorf("no catalogue for the default locale %q", c.DefaultLocale)
	}
	templates, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	composer := &Composer{
		subject: c.Subject, codeInSubject: c.CodeInSubject, minutes: int(c.Validity / time.Minute),
		languages: languages, templates: templates,
	}
	if composer.from, err = parseMailbox(c.From); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if c.ReplyTo != "" {
		replyTo, err := parseMailbox(c.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("reply address: %w", err)
		}
		composer.replyTo = &replyTo
	}
	return composer, nil
}

// Compose makes the mail for one event. The error wraps [ErrInvalidAddress] where the identifier is no mail address,
// such as a telephone number: Microsoft Graph calls the event's handler "generic" for mail and SMS.
func (c *Composer) Compose(e *event.Event) (*Message, error) {
	to, err := ParseAddress(e.Identifier.Reveal())
	if err != nil {
		return nil, err
	}
	content := c.content(e)
	html, text, err := c.templates.render(content)
	if err != nil {
		return nil, err
	}
	return &Message{
		From:          c.from,
		ReplyTo:       c.replyTo,
		To:            to,
		Subject:       content.Title,
		HTML:          html,
		Text:          text,
		Headers:       headers(content.Locale),
		Variables:     content.variables(to, e.Flow),
		CorrelationID: e.CorrelationID,
	}, nil
}

// content fills the sentences of the person's language.
func (c *Composer) content(e *event.Event) content {
	words := c.languages.choose(e.Locale, e.Market)
	flow := words.Flows[e.Flow.String()]
	code := e.Code.Reveal()
	fill := strings.NewReplacer("{app}", c.appName(e), "{code}", code, "{minutes}", strconv.Itoa(c.minutes)).Replace
	filled := content{
		Locale:     words.tag.String(),
		Direction:  words.direction(),
		Title:      c.title(fill(flow.Subject), code),
		Preheader:  fill(flow.Preheader),
		Heading:    fill(flow.Heading),
		Lead:       fill(flow.Lead),
		CodeLabel:  fill(words.CodeLabel),
		Code:       code,
		NeverShare: fill(words.NeverShare),
		Ignore:     fill(words.Ignore),
		SignOff:    fill(words.SignOff),
	}
	if c.minutes > 0 {
		filled.Validity = fill(words.validity(c.minutes))
	}
	return filled
}

// title is the subject: the owner's or the language's, with the code first, where a lock screen still shows it.
func (c *Composer) title(subject, code string) string {
	if c.subject != "" {
		subject = c.subject
	}
	if c.codeInSubject {
		return code + " - " + subject
	}
	return subject
}

// appName is what the mail calls the application: its name in the tenant, else the sender's name, else its domain.
func (c *Composer) appName(e *event.Event) string {
	if name := displayName(e.Client.Name()); name != "" {
		return name
	}
	if c.from.Name != "" {
		return displayName(c.from.Name)
	}
	_, domain, _ := strings.Cut(c.from.Address, "@")
	return displayName(domain)
}

// headers keep out-of-office notes and read receipts from coming back (RFC 3834; MS-OXCMAIL, section 2.1.3.2.20), and
// tell translators and screen readers the language (RFC 3282). Non-delivery reports are wanted.
func headers(locale string) []Header {
	return slices.Clone([]Header{
		{Name: "Auto-Submitted", Value: "auto-generated"},
		{Name: "X-Auto-Response-Suppress", Value: "OOF, DR, RN, NRN, AutoReply"},
		{Name: "Content-Language", Value: locale},
	})
}
