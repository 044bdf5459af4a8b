package preview

import (
	"errors"
	"regexp"
	"slices"

	"byoe/event"
	"byoe/message"
)

// standard is the brand of applications that have none of their own.
const standard = "default"

// List is what there are mails of.
type List struct {
	Brands  []Brand
	Locales []Locale
	Flows   []string
}

// Brand is a brand by its application's id, or "default", and what people call it.
type Brand struct{ ID, Label string }

// Locale is a language and how it runs: "ltr" or "rtl".
type Locale struct{ Tag, Direction string }

// Contents lists what a composer makes mails of. The default comes first among the brands.
func Contents(c *message.Composer) List {
	list := List{Brands: []Brand{{standard, standard}}}
	for _, id := range c.Apps() {
		name := sample(c, id, "", event.FlowOther).Variables["app"]
		list.Brands = append(list.Brands, Brand{id, name + " (" + id + ")"})
	}
	for _, tag := range c.Locales() {
		list.Locales = append(list.Locales, Locale{tag, sample(c, standard, tag, event.FlowOther).Variables["direction"]})
	}
	for _, flow := range event.Flows() {
		list.Flows = append(list.Flows, flow.String())
	}
	return list
}

// Page is one mail for a browser.
type Page struct {
	Subject, Direction string
	// HTML is the mail as it is, DarkHTML as a dark screen shows it.
	HTML, DarkHTML string
	// Text is the header fields and the text part.
	Text string
}

// ErrNoMail says that a composer makes no such mail.
var ErrNoMail = errors.New("there is no mail of that brand, language and flow")

// One makes the page of one mail, by the words of [Contents]. The error is [ErrNoMail]: a mail in another language or of
// another brand would pass for what was asked for.
func One(c *message.Composer, brand, locale, flow string) (Page, error) {
	wanted, ok := event.ParseFlow(flow)
	if !ok || !slices.Contains(c.Locales(), locale) || brand != standard && !slices.Contains(c.Apps(), brand) {
		return Page{}, ErrNoMail
	}
	return pageOf(c, brand, locale, wanted), nil
}

func pageOf(c *message.Composer, brand, locale string, flow event.Flow) Page {
	m := sample(c, brand, locale, flow)
	return Page{
		Subject:   m.Subject,
		Direction: m.Variables["direction"],
		HTML:      m.HTML,
		// In a browser that prefers light the query for dark would never hold.
		DarkHTML: regexp.MustCompile(`@media[^{}]*prefers-color-scheme:\s*dark[^{}]*\{`).ReplaceAllString(m.HTML, "@media all {"),
		Text:     asText(m, c.TemplateProviders()),
	}
}
