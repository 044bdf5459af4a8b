package message

import "byoe/event"

// sentence is a string of the person's language in a layout. It is a type of its own so that a template can print it and ask
// whether it is there, but not take it apart: while a layout is prepared, a slot stands in its place.
type sentence string

// view is what a layout may use; docs/templates.md lists it.
type view struct {
	// Locale is the catalogue's language tag, Direction "ltr" or "rtl"; Start and End are the sides where lines begin and
	// end, for the align attribute, because Outlook on Windows does not honour dir everywhere. Flow is the flow's word.
	Locale, Direction, Start, End, Flow string

	Title, Preheader, Heading, Lead sentence
	CodeLabel, Validity             sentence
	NeverShare, Ignore, SignOff     sentence
	Support, Footer, LogoAlt        sentence

	// App is what the mail calls the application. Code is the code.
	App, Code sentence

	Light, Dark palette
	// Logo is nil where the brand has none.
	Logo *logo
}

// sentences are the members of a view that differ by language, brand or flow: what stands behind each field of a layout.
// Empty ones are left out of the mail.
type sentences [12]string

// newView puts a field's character in the place of every sentence that there is.
func newView(b brand, words *catalogue, flow event.Flow, s sentences) view {
	v := view{
		Locale: words.tag.String(), Direction: words.direction(), Start: "left", End: "right", Flow: flow.String(),
		App: sentence(slotApp), Code: sentence(slotCode), Light: b.light, Dark: b.dark, Logo: b.Logo,
	}
	if v.Direction == "rtl" {
		v.Start, v.End = v.End, v.Start
	}
	for i, field := range []*sentence{
		&v.Title, &v.Preheader, &v.Heading, &v.Lead, &v.CodeLabel, &v.Validity, &v.NeverShare, &v.Ignore, &v.SignOff, &v.Support,
		&v.Footer, &v.LogoAlt,
	} {
		if s[i] != "" {
			*field = sentence(rune(firstField + i))
		}
	}
	return v
}

// The places of the sentences that something else than a layout needs.
const (
	titleAt = iota
	preheaderAt
	headingAt
	leadAt
	codeLabelAt
	validityAt
	neverShareAt
	ignoreAt
	signOffAt
	supportAt
	footerAt
	logoAltAt
)
