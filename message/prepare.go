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

	// What was prepared for one letter and serves others: brands mostly differ by little, and flows by their sentences alone.
	phrases map[sentences]*phrases
	looks   map[view]look
	layouts map[string]*layout
}

// look is the two layouts of a letter.
type look struct{ html, text *layout }

// prepare reads the files and prepares what they make.
func prepare(c Config) *preparation { return readSources(c).prepare(c) }

// prepare checks each file, and renders every brand in every language and flow, so that nothing about them can go wrong when
// a mail is due. The sources are used up.
func (s *sources) prepare(c Config) *preparation {
	p := &preparation{config: c, set: s.set, file: s.file, found: s.found}
	p.phrases, p.looks, p.layouts = map[sentences]*phrases{}, map[view]look{}, map[string]*layout{}
	p.apps = map[string]*stationery{}
	p.catalogues = readCatalogues(p.set, &p.found)
	p.templates = parseTemplates(p.set, &p.found)
	checkTextSource(p.set, &p.found)
	before := p.found.added
	p.file.parse(&p.found)
	p.file.check(p.catalogues, &p.found)
	if p.found.added > before {
		p.file.brands = brands{} // the layouts are tried all the same, so that one start tells everything
	}
	standard := p.file.Default.over(brand{From: c.From, ReplyTo: c.ReplyTo})
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
		for _, flow := range event.Flows() {
			flows[flow] = p.letter(b, words, flow)
		}
		s.letters = append(s.letters, flows)
	}
	return s
}

// letter prepares one letter.
func (p *preparation) letter(b brand, words *catalogue, flow event.Flow) *letter {
	said := p.sentences(b, words, flow)
	v := newView(b, words, flow, said)
	look := p.look(v)
	l := &letter{
		locale: v.Locale, direction: v.Direction, flow: flow, name: displayName(or(b.Strings[v.Locale].Name, b.Name)),
		html: look.html, text: look.text, phrases: p.phrases[said], headers: headers(v.Locale), templates: b.hostedIDs(v.Locale, flow),
	}
	if l.phrases == nil {
		l.phrases = newPhrases(said)
		p.phrases[said] = l.phrases
	}
	longest := values{strings.Repeat("x", maxName), "02345678"}
	checkSize(p.set, l.html.size(&l.escaped, longest), &p.found)
	return l
}

// look renders and checks the layouts for a view, once.
func (p *preparation) look(v view) look {
	key := v
	if !p.templates.byFlow {
		key.Flow = ""
	}
	if known, ok := p.looks[key]; ok {
		return known
	}
	html, text := p.templates.render(p.set, v, &p.found)
	if html.ok {
		checkHTML(p.set, html.page, v, &p.found)
	}
	if text.ok {
		checkText(p.set, text.page, v, &p.found)
	}
	look := look{p.layout(html.page), p.layout(text.page)}
	p.looks[key] = look
	return look
}

// layout cuts a rendered layout, or returns the one that was rendered just so before: the text is the same for every language.
func (p *preparation) layout(page string) *layout {
	if p.layouts[page] == nil {
		p.layouts[page] = &layout{cuts: cut(page)}
	}
	return p.layouts[page]
}

// sentences are the strings of a letter, with slots for the code and for the name, which is another in a subject than in a
// sentence from right to left.
func (p *preparation) sentences(b brand, words *catalogue, flow event.Flow) sentences {
	minutes := int(p.config.Validity / time.Minute)
	fill := strings.NewReplacer("{app}", string(slotApp), "{code}", string(slotCode), "{minutes}", strconv.Itoa(minutes)).Replace
	own, of := b.Strings[words.tag.String()], words.Flows[flow.String()]
	s := sentences{
		titleAt: fill(of.Subject), preheaderAt: fill(of.Preheader), headingAt: fill(of.Heading), leadAt: fill(of.Lead),
		codeLabelAt: fill(words.CodeLabel), neverShareAt: fill(words.NeverShare), ignoreAt: fill(words.Ignore), signOffAt: fill(words.SignOff),
		supportAt: fill(or(own.Support, b.Support)), footerAt: fill(or(own.Footer, b.Footer)),
	}
	if p.config.Subject != "" && own.Flows[flow.String()].Subject == "" {
		s[titleAt] = p.config.Subject
	}
	if p.config.CodeInSubject { // first, where a lock screen still shows it
		s[titleAt] = string(slotCode) + " - " + s[titleAt]
	}
	if minutes > 0 {
		s[validityAt] = fill(words.validity(minutes))
	}
	if b.Logo != nil {
		s[logoAltAt] = fill(or(own.LogoAlt, or(b.Logo.Alt, "{app}")))
	}
	return s
}

// Lint returns everything that is wrong with the template set and the brand file, and everything that a reader of the mail
// would suffer from.
func Lint(c Config) []Finding { return prepare(c).lint() }

func (p *preparation) lint() []Finding {
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
