package message

import (
	"maps"
	"net/mail"
	"slices"
	"strings"

	"byoe/config"
	"byoe/event"
)

// Composer makes messages out of events. What does not depend on the event is prepared once; a Composer is safe for
// concurrent use.
type Composer struct {
	languages *languages
	standard  *stationery
	apps      map[string]*stationery
}

// NewComposer prepares a composer: every template, language, flow and brand is read, checked and rendered. The problems are
// everything that is wrong with the settings and the files that they name; there is no composer then.
func NewComposer(c Config) (*Composer, config.Problems) {
	return prepare(c).composer()
}

// composer is there where nothing stops.
func (p *preparation) composer() (*Composer, config.Problems) {
	if problems := p.problems(); len(problems) > 0 {
		return nil, problems
	}
	languages, _ := newLanguages(p.catalogues, p.config.DefaultLocale) // the default was checked with the settings
	return &Composer{languages: languages, standard: p.standard, apps: p.apps}, nil
}

// Compose makes the mail for one event. The same event makes the same mail, byte for byte: vendors refuse an idempotency key
// that comes again with other content. The error wraps [ErrInvalidAddress] where the identifier is no mail address, such as
// a telephone number: Microsoft Graph calls the event's handler "generic" for mail and SMS.
func (c *Composer) Compose(e *event.Event) (*Message, error) {
	to, err := ParseAddress(e.Identifier.Reveal())
	if err != nil {
		return nil, err
	}
	s := c.stationery(e.Client.AppID)
	l := s.letters[c.languages.Choose(e.Locale, e.Market)][e.Flow]
	app, code := or(l.name, s.appName(e)), e.Code.Reveal()
	subject, html, text := l.write(app, code)
	return &Message{
		From:          s.brand.from,
		ReplyTo:       s.brand.replyTo,
		To:            to,
		Subject:       subject,
		HTML:          html,
		Text:          text,
		Headers:       l.headers,
		Variables:     l.variables(to, subject, app, code),
		Templates:     l.templates,
		CorrelationID: e.CorrelationID,
	}, nil
}

// stationery is that of an application, or the default.
func (c *Composer) stationery(appID string) *stationery {
	if s, ok := c.apps[strings.ToLower(appID)]; ok {
		return s
	}
	return c.standard
}

// appName is what the mail calls an application whose brand has no name: its name in the tenant, else the sender's name,
// else the sender's domain.
func (s *stationery) appName(e *event.Event) string {
	if name := displayName(e.Client.Name()); name != "" {
		return name
	}
	return senderName(s.brand.from)
}

func senderName(from mail.Address) string {
	if name := displayName(from.Name); name != "" {
		return name
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return displayName(domain)
}

// Locales are the language tags that there are mails in.
func (c *Composer) Locales() []string { return tags(c.languages.catalogues) }

// Apps are the applications with a brand of their own, by their ids in lower case.
func (c *Composer) Apps() []string { return slices.Sorted(maps.Keys(c.apps)) }

// Senders are the default sender and those of the brands, each once.
func (c *Composer) Senders() []mail.Address {
	senders := []mail.Address{c.standard.brand.from}
	for _, app := range c.Apps() {
		if from := c.apps[app].brand.from; !slices.Contains(senders, from) {
			senders = append(senders, from)
		}
	}
	return senders
}

// TemplateProviders are the providers that the brands name templates at.
func (c *Composer) TemplateProviders() []string {
	named := map[string]bool{}
	for _, s := range append(slices.Collect(maps.Values(c.apps)), c.standard) {
		for _, h := range s.brand.Templates {
			named[h.Provider] = true
		}
	}
	return slices.Sorted(maps.Keys(named))
}

// TemplateIDs are the ids that the brands give to templates at one provider.
func (c *Composer) TemplateIDs(provider string) []string {
	var ids []string
	for _, s := range append(slices.Collect(maps.Values(c.apps)), c.standard) {
		for _, h := range s.brand.Templates {
			if h.Provider == provider && !slices.Contains(ids, h.ID) {
				ids = append(ids, h.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// headers keep out-of-office notes and read receipts from coming back (RFC 3834; MS-OXCMAIL, section 2.1.3.2.20), and
// tell translators and screen readers the language (RFC 3282). Non-delivery reports are wanted.
func headers(locale string) []Header {
	return []Header{
		{Name: "Auto-Submitted", Value: "auto-generated"},
		{Name: "X-Auto-Response-Suppress", Value: "OOF, DR, RN, NRN, AutoReply"},
		{Name: "Content-Language", Value: locale},
	}
}
