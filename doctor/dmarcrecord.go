package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"byoe/doctor/dns"
)

// dmarcRecord is what a domain wants done with mail that is not proven to be its own.
type dmarcRecord struct {
	// policy is none, quarantine or reject, as it holds for the domain that was asked about.
	policy string
	// strictDKIM and strictSPF: the domains must be the same and not only of one organisation.
	strictDKIM, strictSPF bool
	// reports says that somebody gets the aggregate reports.
	reports bool
	// at is the domain whose record it is: the domain itself, or its organisation's.
	at string
}

var (
	errNoDMARC      = errors.New("has no DMARC record")
	errSeveralDMARC = errors.New("has more than one DMARC record")
	errDMARCPolicy  = errors.New("has a DMARC record without a policy that receivers know")
)

// isDMARC: the version comes first and is exactly this (RFC 7489, section 6.3).
func isDMARC(text string) bool {
	name, value := firstTag(text)
	return name == "v" && value == "DMARC1"
}

// parseDMARC reads a record. sub says that it is asked about a domain below the record's.
func parseDMARC(text string, sub bool) (dmarcRecord, error) {
	if !isDMARC(text) {
		return dmarcRecord{}, errNoDMARC
	}
	tags := parseTags(text)
	policy := tags["p"]
	if sub && tags["sp"] != "" {
		policy = tags["sp"]
	}
	r := dmarcRecord{
		policy:     strings.ToLower(policy),
		strictDKIM: strings.EqualFold(tags["adkim"], "s"), strictSPF: strings.EqualFold(tags["aspf"], "s"),
		reports: tags["rua"] != "",
	}
	if !slices.Contains([]string{"none", "quarantine", "reject"}, r.policy) {
		return dmarcRecord{}, errDMARCPolicy
	}
	return r, nil
}

// lookupDMARC finds the record that holds for a domain: its own, else its organisation's (RFC 7489, section 6.6.3).
func lookupDMARC(ctx context.Context, client *dns.Client, domain string) (dmarcRecord, error) {
	for _, at := range slices.Compact([]string{domain, organisation(domain)}) {
		answer, err := client.Lookup(ctx, "_dmarc."+at, dns.TXT)
		if err != nil && !errors.Is(err, dns.ErrNoName) {
			return dmarcRecord{}, err
		}
		records := slices.DeleteFunc(answer.TXT, func(text string) bool { return !isDMARC(text) })
		switch len(records) {
		case 0:
			continue
		case 1:
			r, err := parseDMARC(records[0], at != domain)
			r.at = at
			return r, err
		default:
			return dmarcRecord{at: at}, errSeveralDMARC
		}
	}
	return dmarcRecord{}, errNoDMARC
}

// organisation is the part of a domain that somebody registered: contoso.co.uk of mail.contoso.co.uk.
func organisation(domain string) string {
	registered, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain // a public suffix itself
	}
	return registered
}

// aligned says whether mail that a domain vouches for counts as mail of the sender's (RFC 7489, section 3.1).
func aligned(domain, sender string, strict bool) bool {
	if strict {
		return strings.EqualFold(domain, sender)
	}
	return strings.EqualFold(organisation(domain), organisation(sender))
}
