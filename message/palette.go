package message

// palette is the colours of one mode, each #rrggbb. Text colours are chosen for their grounds, so that a brand's colour never
// makes its own mail unreadable.
type palette struct {
	Page, Card, Border string // grounds and lines
	Ink, Soft          string // text on the card
	Small              string // text on the page
	Box, BoxLine       string // around the code
	Code               string // the code in its box
	Band, OnBand       string // the line with the name or logo
}

// The neutral colours. None is pure black or white: Gmail and Outlook on Windows turn colours round by themselves, and those
// in between survive it.
const (
	lightPage, lightCard, lightBorder = "#f2f3f5", "#fdfdfe", "#dfe2e7"
	lightInk, lightSoft               = "#1d2129", "#545b67"
	lightBox, lightBoxLine            = "#f2f3f5", "#c9ced6"
	darkPage, darkCard, darkBorder    = "#16181d", "#23262d", "#3a3f4a"
	darkInk, darkSoft                 = "#f1f2f4", "#b9bfca"
	darkBox, darkBoxLine              = "#16181d", "#4a5160"
	neutralBand                       = "#2b3a55"
)

// light is the palette of a brand, where empty colours are the neutral ones.
func (c colors) light() palette {
	p := palette{
		Page: or(c.Background, lightPage), Card: or(c.Surface, lightCard), Border: lightBorder,
		Box: or(c.Surface, lightBox), BoxLine: lightBoxLine, Band: or(c.Accent, neutralBand),
	}
	return p.withText()
}

// dark keeps the brand's own colour and takes neutral grounds.
func (c colors) dark() palette {
	p := palette{
		Page: darkPage, Card: darkCard, Border: darkBorder, Box: darkBox, BoxLine: darkBoxLine, Band: or(c.Accent, neutralBand),
	}
	return p.withText()
}

func (p palette) withText() palette {
	p.Ink, p.Soft = legible(p.Card, lightInk, darkInk), legible(p.Card, lightSoft, darkSoft)
	p.Small = legible(p.Page, lightSoft, darkSoft)
	p.Code = legible(p.Box, lightInk, darkInk)
	p.OnBand = legible(p.Band, "#ffffff", lightInk)
	return p
}

func or(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}
