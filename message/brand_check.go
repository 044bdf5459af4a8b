package message

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"byoe/config"
	"byoe/event"
)

// Bounds of what a brand says, in characters, in CSS pixels for the logo.
const (
	maxBrandText  = 200
	maxTemplateID = 128
	maxLogo       = 600
)

// check adds what is wrong with every brand of the file, at the line where it stands.
func (f *brandsFile) check(catalogues []*catalogue, found *findings) {
	f.checkBrand(f.Default, catalogues, found, "default")
	for _, id := range slices.Sorted(maps.Keys(f.Apps)) {
		f.checkBrand(f.Apps[id], catalogues, found, "apps", f.written[id])
	}
}

func (f *brandsFile) checkBrand(b brand, catalogues []*catalogue, found *findings, path ...string) {
	at := func(more ...string) []string { return append(slices.Clone(path), more...) }
	f.checkText(b.Name, maxName, found, at("name")...)
	f.checkText(b.Footer, maxBrandText, found, at("footer")...)
	f.checkText(b.Support, maxBrandText, found, at("support")...)
	for name, value := range map[string]string{"accent": b.Colors.Accent, "background": b.Colors.Background, "surface": b.Colors.Surface} {
		if _, ok := parseColour(value); value != "" && !ok {
			found.add(f.finding("colors."+name+" is no colour", "Give it as #rrggbb, such as #0b5fff", at("colors", name)...))
		}
	}
	for name, value := range map[string]string{"from": b.From, "replyTo": b.ReplyTo} {
		if _, err := parseMailbox(value); value != "" && err != nil {
			found.add(f.finding(name+" is not one mailbox", mailboxRemedy, at(name)...))
		}
	}
	f.checkLogo(b.Logo, found, at("logo"))
	f.checkWordings(b, catalogues, found, at("strings"))
	f.checkHosted(b.Templates, catalogues, found, at("templates"))
}

// checkText refuses what would break a line, turn the text round, or stand for a slot.
func (f *brandsFile) checkText(text string, most int, found *findings, path ...string) {
	name := path[len(path)-1]
	switch {
	case len([]rune(text)) > most:
		found.add(f.finding(name+" is too long", "Shorten it", path...))
	case strings.ContainsFunc(text, unprintable):
		found.add(f.finding(name+" has a line break, a control character or one for private use", "Give one line of text", path...))
	}
	for placeholder := range placeholders(text) {
		if placeholder != "{app}" || name == "name" {
			found.add(f.finding(name+" has "+placeholder+", which means nothing there", "Take the braces out", path...))
		}
	}
}

// unprintable refuses controls, format characters but joiners (which some scripts need inside words), and slots.
func unprintable(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != nonJoiner && r != joiner || r == '\u2028' || r == '\u2029' || reserved(r)
}

func (f *brandsFile) checkLogo(l *logo, found *findings, path []string) {
	if l == nil {
		return
	}
	at := func(name string) []string { return append(slices.Clone(path), name) }
	address, err := url.Parse(l.URL)
	if err != nil || address.Scheme != "https" || address.Host == "" || address.User != nil || strings.ContainsFunc(l.URL, unprintable) {
		found.add(f.finding("logo.url is no https address", "Give the address of a PNG or JPEG, such as https://contoso.example/logo.png", at("url")...))
	}
	f.checkText(l.Alt, maxName, found, at("alt")...)
	if l.Width < 1 || l.Width > maxLogo || l.Height < 1 || l.Height > maxLogo {
		found.add(f.finding("logo.width and logo.height are not both between 1 and 600 pixels", "Give the size at which it is shown: Outlook shows the file's own size otherwise", path...))
	}
}

func (f *brandsFile) checkWordings(b brand, catalogues []*catalogue, found *findings, path []string) {
	for _, tag := range slices.Sorted(maps.Keys(b.Strings)) {
		at := append(slices.Clone(path), tag)
		index := slices.IndexFunc(catalogues, func(c *catalogue) bool { return c.tag.String() == tag })
		if index < 0 {
			found.add(f.finding("strings has a language that there is no catalogue for", "Give one of "+strings.Join(tags(catalogues), ", "), at...))
			continue
		}
		w := b.Strings[tag]
		f.checkText(w.Name, maxName, found, append(slices.Clone(at), "name")...)
		f.checkText(w.Footer, maxBrandText, found, append(slices.Clone(at), "footer")...)
		f.checkText(w.Support, maxBrandText, found, append(slices.Clone(at), "support")...)
		f.checkText(w.LogoAlt, maxName, found, append(slices.Clone(at), "logoAlt")...)
		for _, flow := range slices.Sorted(maps.Keys(w.Flows)) {
			if _, ok := event.ParseFlow(flow); !ok {
				found.add(f.finding("flows has a key that is no flow", "Give sign-up, sign-in, password-reset or other", append(slices.Clone(at), "flows", flow)...))
			}
		}
		for _, fault := range b.reword(catalogues[index]).check() {
			found.add(f.finding(fault.what, fault.remedy, append(slices.Clone(at), fault.path...)...))
		}
	}
}

func (f *brandsFile) checkHosted(list []hosted, catalogues []*catalogue, found *findings, path []string) {
	for _, h := range list {
		switch {
		case h.Provider == "" || h.ID == "":
			found.add(f.finding("a template lacks its provider or its id", "Give both", path...))
		case !config.IsKeyText(h.ID) || len(h.ID) > maxTemplateID || !config.IsKeyText(h.Provider):
			found.add(f.finding("a template's id has a space or a character that none has", "Copy it as the provider shows it", path...))
		}
		if _, ok := event.ParseFlow(h.Flow); h.Flow != "" && !ok {
			found.add(f.finding("a template's flow is none", "Give sign-up, sign-in, password-reset or other, or leave it out for all", path...))
		}
		if h.Locale != "" && !slices.ContainsFunc(catalogues, func(c *catalogue) bool { return strings.EqualFold(c.tag.String(), h.Locale) }) {
			found.add(f.finding("a template's locale is none of the languages", "Give one of "+strings.Join(tags(catalogues), ", ")+", or leave it out for all", path...))
		}
	}
}
