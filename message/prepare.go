package message

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"byoe/config"
	"byoe/event"
)

// stationery is one brand's letters, by catalogue and flow.
type stationery struct {
	brand   brand
	letters [][]*letter
}

// preparation is the whole of a template set and a brand file, read, checked and rendered.
type preparation struct {
	config     Config
	set        *templateSet
	file       *brandsFile
	catalogues []*catalogue
	templates  *templates
	found      findings

	standard *stationery
	apps     map[string]*stationery

	htmlLayouts, textLayouts map[string]*layout
}

// prepare reads the files, checks each, and renders every brand in every language and flow, so that nothing about them can
// go wrong when a mail is due.
func prepare(c Config) *preparation {
	p := &preparation{config: c, htmlLayouts: map[string]*layout{}, textLayouts: map[string]*layout{}, apps: map[string]*stationery{}}
	p.set = readTemplateSet(c.TemplatesDir, &p.found)
	p.catalogues = readCatalogues(p.set, &p.found)
	p.templates = parseTemplates(p.set, &p.found)
	p.file = readBrands(c.BrandsFile, &p.found)
	p.file.check(p.catalogues, &p.found)
	if p.templates == nil || len(p.found.problems()) > 0 {
		return p
	}
	owner := brand{From: c.From, ReplyTo: c.ReplyTo}
	standard := p.file.Default.over(owner)
	p.standard = p.stationery(standard)
	for _, id := range slices.Sorted(maps.Keys(p.file.Apps)) {
		p.apps[id] = p.stationery(p.file.Apps[id].over(standard))
	}
	return p
}

func (p *preparation) stationery(b brand) *stationery {
	b.from, _ = parseMailbox(b.From) // both were checked: in the settings or in the file
	if replyTo, err := parseMailbox(b.ReplyTo); err == nil {
		b.replyTo = &replyTo
	}
	b.light, b.dark = b.Colors.light(), b.Colors.dark()
	s := &stationery{brand: b}
	for _, c := range p.catalogues {
		words := b.reword(c)
		flows := make([]*letter, len(event.Flows()))
		var before *letter
		for _, flow := range event.Flows() {
			before = p.letter(b, words, flow, before)
			flows[flow] = before
		}
		s.letters = append(s.letters, flows)
	}
	return s
}

// letter prepares one letter. before is another flow's of the same brand and language, or nil; its layouts are taken where
// they are the same.
func (p *preparation) letter(b brand, words *catalogue, flow event.Flow, before *letter) *letter {
	name := displayName(or(b.Strings[words.tag.String()].Name, b.Name))
	said := p.sentences(b, words, flow, name)
	v := newView(b, words, flow, said)
	l := &letter{
		locale: v.Locale, direction: v.Direction, flow: flow, name: name, headers: headers(v.Locale),
		templates: b.hostedIDs(v.Locale, flow), html: &layout{}, text: &layout{},
	}
	if before != nil && !p.templates.byFlow {
		l.html, l.text = before.html, before.text
	} else if html, text, ok := p.templates.render(p.set, v, &p.found); ok {
		l.html = p.layout(p.htmlLayouts, html, func() { checkHTML(p.set, html, v, &p.found) })
		l.text = p.layout(p.textLayouts, text, func() { checkText(p.set, text, &p.found) })
	}
	for i, sentence := range said {
		l.plain[i], l.escaped[i] = cut(sentence), cutEscaped(sentence)
	}
	longest := values{strings.Repeat("x", maxName), "02345678"}
	checkSize(p.set, l.html.size(&l.escaped, longest), &p.found)
	return l
}

// layout cuts a rendered layout, or returns the one that was rendered just so before: most languages and all flows share
// theirs, and check runs once for it.
func (p *preparation) layout(known map[string]*layout, rendered string, check func()) *layout {
	if l, ok := known[rendered]; ok {
		return l
	}
	check()
	l := &layout{cuts: cut(rendered)}
	known[rendered] = l
	return l
}

// sentences are the strings of a letter with slots for what the event brings.
func (p *preparation) sentences(b brand, words *catalogue, flow event.Flow, name string) sentences {
	minutes := int(p.config.Validity / time.Minute)
	fill := strings.NewReplacer("{app}", or(name, string(slotApp)), "{code}", string(slotCode), "{minutes}", strconv.Itoa(minutes)).Replace
	own, of := b.Strings[words.tag.String()], words.Flows[flow.String()]
	s := sentences{
		titleAt: fill(of.Subject), preheaderAt: fill(of.Preheader), headingAt: fill(of.Heading), leadAt: fill(of.Lead),
		codeLabelAt: fill(words.CodeLabel), neverShareAt: fill(words.NeverShare), ignoreAt: fill(words.Ignore), signOffAt: fill(words.SignOff),
		supportAt: fill(or(own.Support, b.Support)), footerAt: fill(or(own.Footer, b.Footer)),
	}
	if p.config.Subject != "" {
		s[titleAt] = p.config.Subject
	}
	if p.config.CodeInSubject { // first, where a lock screen still shows it
		s[titleAt] = string(slotCode) + " - " + s[titleAt]
	}
	if minutes > 0 {
		s[validityAt] = fill(words.validity(minutes))
	}
	if b.Logo != nil {
		s[logoAltAt] = fill(or(b.Logo.Alt, "{app}"))
	}
	return s
}

// Lint returns everything that is wrong with the template set and the brand file, and everything that a reader of the mail
// would suffer from.
func Lint(c Config) []Finding {
	p := prepare(c)
	lintCatalogues(p.set, p.catalogues, &p.found)
	slices.SortStableFunc(p.found.list, func(a, b Finding) int {
		if order := strings.Compare(a.File, b.File); order != 0 {
			return order
		}
		return a.Line - b.Line
	})
	return p.found.list
}

// problems are the settings' own and those of the files.
func (p *preparation) problems() config.Problems {
	return slices.Concat(p.config.check(p.catalogues), p.found.problems())
}
