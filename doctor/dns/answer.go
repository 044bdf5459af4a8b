package dns

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// The types of records that this package reads.
const (
	TXT  = dnsmessage.TypeTXT
	MX   = dnsmessage.TypeMX
	A    = dnsmessage.TypeA
	AAAA = dnsmessage.TypeAAAA
)

// Answer is what a name server knows of a name. Names are in small letters and without the final dot.
type Answer struct {
	// Aliases are the CNAMEs that were followed, in their order: the last one is the name that the records are of.
	Aliases []string
	// TXT are the texts of the records, their strings joined (RFC 7208, section 3.3).
	TXT []string
	// MX are the mail servers, as they came. A null MX (RFC 7505) is one empty name.
	MX []string
	// Addresses are those of A and AAAA records.
	Addresses []netip.Addr
}

// maxAliases bounds a chain; resolvers give up earlier.
const maxAliases = 16

// read takes out of a message what answers the question. With NXDOMAIN it returns the aliases too: the missing name is
// then the last of them.
func read(q dnsmessage.Question, m *dnsmessage.Message) (Answer, error) {
	var a Answer
	owner := q.Name.String()
	for range maxAliases {
		target := aliasOf(m, owner)
		if target == "" {
			break
		}
		owner = target
		a.Aliases = append(a.Aliases, plain(target))
	}
	if m.RCode == dnsmessage.RCodeNameError {
		return a, ErrNoName
	}
	if m.RCode != dnsmessage.RCodeSuccess {
		return a, fmt.Errorf("%w: %s", ErrServerFailed, strings.TrimPrefix(m.RCode.String(), "RCode"))
	}
	for _, record := range m.Answers {
		if strings.EqualFold(record.Header.Name.String(), owner) {
			a.add(record.Body)
		}
	}
	return a, nil
}

func aliasOf(m *dnsmessage.Message, owner string) string {
	for _, record := range m.Answers {
		if alias, ok := record.Body.(*dnsmessage.CNAMEResource); ok && strings.EqualFold(record.Header.Name.String(), owner) {
			return alias.CNAME.String()
		}
	}
	return ""
}

func (a *Answer) add(body dnsmessage.ResourceBody) {
	switch r := body.(type) {
	case *dnsmessage.TXTResource:
		a.TXT = append(a.TXT, strings.Join(r.TXT, ""))
	case *dnsmessage.MXResource:
		a.MX = append(a.MX, plain(r.MX.String()))
	case *dnsmessage.AResource:
		a.Addresses = append(a.Addresses, netip.AddrFrom4(r.A))
	case *dnsmessage.AAAAResource:
		a.Addresses = append(a.Addresses, netip.AddrFrom16(r.AAAA))
	}
}

func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// Type is a type of records.
type Type = dnsmessage.Type
