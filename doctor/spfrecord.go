package doctor

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// spfTerm is one mechanism or modifier of an SPF record (RFC 7208, section 4.6.1).
type spfTerm struct {
	// name is in small letters: "include", "a", "redirect".
	name string
	// qualifier is '+', '-', '~' or '?'; 0 for a modifier.
	qualifier byte
	// domain is the domain-spec, "" where there is none.
	domain string
}

// errSPFSyntax says that receivers cannot read the record: they take it for a permanent error. It quotes nothing.
var errSPFSyntax = errors.New("not written as RFC 7208 wants it")

// isSPF says whether a TXT record is an SPF record (RFC 7208, section 4.5): the version alone or with a space after it.
func isSPF(text string) bool {
	const version = "v=spf1"
	if len(text) < len(version) || !strings.EqualFold(text[:len(version)], version) {
		return false
	}
	return len(text) == len(version) || text[len(version)] == ' '
}

// parseSPF reads the terms of an SPF record. An error anywhere spoils all of it, as it does for receivers.
func parseSPF(text string) ([]spfTerm, error) {
	if !isSPF(text) {
		return nil, errSPFSyntax
	}
	var terms []spfTerm
	for word := range strings.SplitSeq(text[len("v=spf1"):], " ") {
		if word == "" {
			continue
		}
		t, err := parseTerm(word)
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	return terms, onceEach(terms, "redirect", "exp")
}

// onceEach: a modifier that appears twice is an error (RFC 7208, section 6).
func onceEach(terms []spfTerm, names ...string) error {
	for _, name := range names {
		seen := 0
		for _, t := range terms {
			if t.name == name && t.qualifier == 0 {
				seen++
			}
		}
		if seen > 1 {
			return errSPFSyntax
		}
	}
	return nil
}

func parseTerm(word string) (spfTerm, error) {
	if name, value, found := strings.Cut(word, "="); found && isSPFName(name) {
		t := spfTerm{name: strings.ToLower(name), domain: value}
		if (t.name == "redirect" || t.name == "exp") && !isDomainSpec(value) {
			return spfTerm{}, errSPFSyntax
		}
		return t, nil
	}
	t := spfTerm{qualifier: '+'}
	if strings.ContainsRune("+-~?", rune(word[0])) {
		t.qualifier, word = word[0], word[1:]
	}
	end := strings.IndexAny(word, ":/")
	if end < 0 {
		end = len(word)
	}
	t.name = strings.ToLower(word[:end])
	return t.withValue(word[end:])
}

// withValue reads what stands behind a mechanism's name: ":domain", "/24", ":address/24" or nothing.
func (t spfTerm) withValue(rest string) (spfTerm, error) {
	value, hasValue := strings.CutPrefix(rest, ":")
	good := false
	switch t.name {
	case "all":
		good = rest == ""
	case "ip4", "ip6":
		good = hasValue && isAddressBlock(value, t.name == "ip4")
	case "include", "exists":
		good = hasValue && isDomainSpec(value)
		t.domain = value
	case "ptr":
		good = rest == "" || hasValue && isDomainSpec(value)
		t.domain = value
	case "a", "mx":
		domain, lengths, _ := strings.Cut(value, "/")
		t.domain = domain
		good = (!hasValue || isDomainSpec(domain)) && isPrefixLengths(lengths)
		if !hasValue {
			t.domain = ""
			good = rest == "" || isPrefixLengths(strings.TrimPrefix(rest, "/"))
		}
	}
	if !good {
		return spfTerm{}, errSPFSyntax
	}
	return t, nil
}

// isPrefixLengths knows "", "24", "24//64" and "/64": what stands behind the first slash of a dual-cidr-length.
func isPrefixLengths(text string) bool {
	if text == "" {
		return true
	}
	four, six, both := strings.Cut(text, "/")
	if both {
		six = strings.TrimPrefix(six, "/")
		return (four == "" || isLength(four, 32)) && isLength(six, 128)
	}
	return isLength(four, 32)
}

func isLength(text string, most int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0 && n <= most && text[0] != '+'
}

func isAddressBlock(text string, four bool) bool {
	address, err := netip.ParseAddr(text)
	if err != nil {
		block, blockErr := netip.ParsePrefix(text)
		if blockErr != nil {
			return false
		}
		address = block.Addr()
	}
	return address.Is4() == four && address.Zone() == ""
}

// isDomainSpec takes a name that may hold macros: visible ASCII, no space.
func isDomainSpec(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// isSPFName is the grammar's name: a letter, then letters, digits, '-', '_' and '.'.
func isSPFName(text string) bool {
	for i, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789-_.", r)) {
			return false
		}
	}
	return text != ""
}

// hasMacro says that the name depends on the mail, so that nobody can look it up ahead.
func (t spfTerm) hasMacro() bool { return strings.Contains(t.domain, "%") }
