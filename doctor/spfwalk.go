package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"byoe/doctor/dns"
)

const (
	// spfLookups and spfVoids are what receivers allow one check (RFC 7208, section 4.6.4).
	spfLookups = 10
	spfVoids   = 2
	// spfMXs is how many mail servers the mechanism mx may have (the same section).
	spfMXs = 10
	// spfFollowed ends a walk: beyond it the count is of no more interest, and a hostile record could go on for ever.
	spfFollowed = 40
)

// Why a domain's SPF record is of no use.
var (
	errNoSPF      = errors.New("has no SPF record")
	errSeveralSPF = errors.New("has more than one SPF record")
	errLoopSPF    = errors.New("includes itself")
	errTooDeep    = errors.New("leads to too many others")
)

// spfFault is a fault of one domain in a walk. Domain may be somebody else's.
type spfFault struct {
	domain string
	cause  error
}

func (f *spfFault) Error() string { return printable(f.domain) + " " + f.cause.Error() }
func (f *spfFault) Unwrap() error { return f.cause }

// spfWalk is an SPF record and everything that it includes. All of it is counted: which part a receiver needs depends on the
// mail, and the last one needs all.
type spfWalk struct {
	client *dns.Client

	lookups, voids int
	includes       []string // every domain that was included, at any depth
	addresses      bool     // it lists addresses itself
	everybody      bool     // +all somewhere
	pointers       bool     // the mechanism ptr somewhere
}

// walkSPF reads the record of a domain and follows it. The error is an [*spfFault] where the record is at fault, or one of
// package dns where something could not be asked.
func walkSPF(ctx context.Context, client *dns.Client, domain string) (*spfWalk, error) {
	w := &spfWalk{client: client}
	return w, w.visit(ctx, domain, nil)
}

func (w *spfWalk) visit(ctx context.Context, domain string, path []string) error {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if slices.Contains(path, domain) {
		return &spfFault{domain, errLoopSPF}
	}
	text, err := spfOf(ctx, w.client, domain)
	if err != nil {
		return err
	}
	terms, err := parseSPF(text)
	if err != nil {
		return &spfFault{domain, err}
	}
	path = append(slices.Clone(path), domain)
	hasAll := slices.ContainsFunc(terms, func(t spfTerm) bool { return t.name == "all" })
	for _, t := range terms {
		if t.name == "redirect" && hasAll {
			continue // it is never reached (RFC 7208, section 6.1)
		}
		if err := w.follow(ctx, t, domain, path); err != nil {
			return err
		}
	}
	return nil
}

// follow counts a term and looks at what it names.
func (w *spfWalk) follow(ctx context.Context, t spfTerm, domain string, path []string) error {
	switch t.name {
	case "ip4", "ip6":
		w.addresses = true
		return nil
	case "all":
		w.everybody = w.everybody || t.qualifier == '+'
		return nil
	case "include", "redirect", "a", "mx", "ptr", "exists":
		w.lookups++
		w.pointers = w.pointers || t.name == "ptr"
	default:
		return nil // exp and modifiers that nobody knows count for nothing
	}
	if w.lookups > spfFollowed {
		return &spfFault{path[0], errTooDeep}
	}
	switch {
	case t.hasMacro(), t.name == "ptr":
		return nil
	case t.name == "include", t.name == "redirect":
		w.includes = append(w.includes, strings.ToLower(strings.TrimSuffix(t.domain, ".")))
		return w.visit(ctx, t.domain, path)
	default:
		return w.look(ctx, t, domain)
	}
}

// look counts a void look-up: a name that does not exist or has nothing.
func (w *spfWalk) look(ctx context.Context, t spfTerm, domain string) error {
	if t.domain != "" {
		domain = t.domain
	}
	kind := dns.A
	if t.name == "mx" {
		kind = dns.MX
	}
	answer, err := w.client.Lookup(ctx, domain, kind)
	if t.name == "a" && err == nil && len(answer.Addresses) == 0 {
		answer, err = w.client.Lookup(ctx, domain, dns.AAAA) // which of the two a receiver asks for depends on its peer
	}
	switch {
	case errors.Is(err, dns.ErrNoName), err == nil && len(answer.Addresses)+len(answer.MX) == 0:
		w.voids++
		return nil
	case len(answer.MX) > spfMXs:
		return &spfFault{domain, errTooDeep}
	default:
		return err
	}
}

// spfOf returns the one SPF record of a domain.
func spfOf(ctx context.Context, client *dns.Client, domain string) (string, error) {
	answer, err := client.Lookup(ctx, domain, dns.TXT)
	if errors.Is(err, dns.ErrNoName) {
		return "", &spfFault{domain, errNoSPF}
	}
	if err != nil {
		return "", err
	}
	records := slices.DeleteFunc(answer.TXT, func(text string) bool { return !isSPF(text) })
	switch len(records) {
	case 0:
		return "", &spfFault{domain, errNoSPF}
	case 1:
		return records[0], nil
	default:
		return "", &spfFault{domain, errSeveralSPF}
	}
}

// printable makes a name out of somebody else's record fit for a terminal: short, and nothing but visible ASCII.
func printable(name string) string {
	const most = 80
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '?'
		}
		return r
	}, name)
	if len(clean) > most {
		return clean[:most] + "…"
	}
	return clean
}
