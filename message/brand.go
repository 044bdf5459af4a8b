package message

import (
	"net/mail"
	"strings"

	"byoe/event"
)

// brand is how the mails of one application look and who sends them: the entries of BRANDS_FILE, published as
// docs/brands.schema.json. What an application's brand leaves empty is the default brand's.
type brand struct {
	Name      string             `yaml:"name"`
	Colors    colors             `yaml:"colors"`
	Logo      *logo              `yaml:"logo"`
	From      string             `yaml:"from"`
	ReplyTo   string             `yaml:"replyTo"`
	Footer    string             `yaml:"footer"`
	Support   string             `yaml:"support"`
	Strings   map[string]wording `yaml:"strings"` // by the catalogue's language tag
	Templates []hosted           `yaml:"templates"`

	from    mail.Address
	replyTo *mail.Address

	light, dark palette
}

// colors are #rrggbb or empty.
type colors struct {
	Accent     string `yaml:"accent"`
	Background string `yaml:"background"`
	Surface    string `yaml:"surface"`
}

// logo is the one remote picture that a mail may show, and only where the owner says so.
type logo struct {
	URL    string `yaml:"url"`
	Alt    string `yaml:"alt"`
	Width  int    `yaml:"width"`  // CSS pixels
	Height int    `yaml:"height"` // CSS pixels
}

// wording is one language's strings where a brand words them in its own way.
type wording struct {
	Name       string                 `yaml:"name"`
	Footer     string                 `yaml:"footer"`
	Support    string                 `yaml:"support"`
	LogoAlt    string                 `yaml:"logoAlt"`
	Flows      map[string]flowStrings `yaml:"flows"`
	CodeLabel  string                 `yaml:"codeLabel"`
	Validity   map[string]string      `yaml:"validity"`
	NeverShare string                 `yaml:"neverShare"`
	Ignore     string                 `yaml:"ignore"`
	SignOff    string                 `yaml:"signOff"`
}

// hosted is a template that lies at a provider. Flow and Locale are empty for any.
type hosted struct {
	Provider string `yaml:"provider"`
	Flow     string `yaml:"flow"`
	Locale   string `yaml:"locale"`
	ID       string `yaml:"id"`
}

// over returns the brand with what it leaves empty taken from base.
func (b brand) over(base brand) brand {
	b.Name, b.Footer, b.Support = or(b.Name, base.Name), or(b.Footer, base.Footer), or(b.Support, base.Support)
	b.From, b.ReplyTo = or(b.From, base.From), or(b.ReplyTo, base.ReplyTo)
	b.Colors = colors{
		Accent: or(b.Colors.Accent, base.Colors.Accent), Background: or(b.Colors.Background, base.Colors.Background),
		Surface: or(b.Colors.Surface, base.Colors.Surface),
	}
	if b.Logo == nil {
		b.Logo = base.Logo
	}
	strings := map[string]wording{}
	for tag, w := range base.Strings {
		strings[tag] = w
	}
	for tag, w := range b.Strings {
		strings[tag] = w.over(strings[tag])
	}
	b.Strings = strings
	b.Templates = append(append([]hosted(nil), b.Templates...), base.Templates...)
	return b
}

func (w wording) over(base wording) wording {
	w.Name, w.Footer, w.Support = or(w.Name, base.Name), or(w.Footer, base.Footer), or(w.Support, base.Support)
	w.LogoAlt = or(w.LogoAlt, base.LogoAlt)
	w.CodeLabel, w.NeverShare = or(w.CodeLabel, base.CodeLabel), or(w.NeverShare, base.NeverShare)
	w.Ignore, w.SignOff = or(w.Ignore, base.Ignore), or(w.SignOff, base.SignOff)
	flows := map[string]flowStrings{}
	for flow, s := range base.Flows {
		flows[flow] = s
	}
	for flow, s := range w.Flows {
		flows[flow] = s.over(flows[flow])
	}
	w.Flows = flows
	if w.Validity == nil {
		w.Validity = base.Validity
	}
	return w
}

func (s flowStrings) over(base flowStrings) flowStrings {
	return flowStrings{
		Subject: or(s.Subject, base.Subject), Preheader: or(s.Preheader, base.Preheader),
		Heading: or(s.Heading, base.Heading), Lead: or(s.Lead, base.Lead),
	}
}

// reword returns the catalogue in the brand's own words.
func (b brand) reword(c *catalogue) *catalogue {
	w, ok := b.Strings[c.tag.String()]
	if !ok {
		return c
	}
	own := w.over(wording{
		Flows: c.Flows, CodeLabel: c.CodeLabel, Validity: c.Validity, NeverShare: c.NeverShare, Ignore: c.Ignore, SignOff: c.SignOff,
	})
	return &catalogue{
		tag: c.tag, Flows: own.Flows, CodeLabel: own.CodeLabel, Validity: own.Validity,
		NeverShare: own.NeverShare, Ignore: own.Ignore, SignOff: own.SignOff,
	}
}

// hostedIDs are the templates at providers for one language and flow, by the provider's word. The nearest entry counts: one
// that names the language goes before one that names the flow, and an earlier before a later.
func (b brand) hostedIDs(locale string, flow event.Flow) map[string]string {
	ids, nearest := map[string]string{}, map[string]int{}
	for _, h := range b.Templates {
		if h.Locale != "" && !strings.EqualFold(h.Locale, locale) || h.Flow != "" && h.Flow != flow.String() {
			continue
		}
		near := 1
		if h.Locale != "" {
			near += 2
		}
		if h.Flow != "" {
			near++
		}
		if near > nearest[h.Provider] {
			ids[h.Provider], nearest[h.Provider] = h.ID, near
		}
	}
	return ids
}
