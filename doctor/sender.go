package doctor

import (
	"context"
	"errors"

	"byoe/doctor/dns"
	"byoe/providers"
)

const groupSender = "sender"

// Sender is what the checks of the senders' DNS need to know.
type Sender struct {
	Client *dns.Client
	// Domains are those of MAIL_FROM and of each brand's sender.
	Domains []string
	Vendors []Vendor
	// Selectors are more DKIM selectors that the owner knows of.
	Selectors []string
}

// Vendor is one configured provider and the records that it wants.
type Vendor struct {
	Name string
	// Records is nil where nothing is known of them: a mail server of the owner's own.
	Records func(domain string) providers.Records
}

// Checks returns the checks of each domain, in the order of the domains.
func (s Sender) Checks() []Check {
	var checks []Check
	for _, domain := range s.Domains {
		exists := "sender.domain " + domain
		checks = append(checks, Check{
			ID: exists, Title: "Domain " + domain, Group: groupSender,
			Look: func(ctx context.Context) []Result { return []Result{s.lookDomain(ctx, domain)} },
		})
		for _, part := range []struct {
			id, title string
			look      func(ctx context.Context, domain string) []Result
		}{
			{"sender.spf ", "SPF of ", s.lookSPF},
			{"sender.dkim ", "DKIM of ", s.lookDKIM},
			{"sender.dmarc ", "DMARC of ", s.lookDMARC},
		} {
			checks = append(checks, Check{
				ID: part.id + domain, Title: part.title + domain, Group: groupSender, After: []string{exists},
				Look: func(ctx context.Context) []Result { return part.look(ctx, domain) },
			})
		}
	}
	return checks
}

// lookDomain wants a domain that exists and takes mail: receivers refuse mail from one to which nothing could be returned
// (RFC 7505, section 4.2, for the null MX).
func (s Sender) lookDomain(ctx context.Context, domain string) Result {
	answer, err := s.Client.Lookup(ctx, domain, dns.MX)
	switch {
	case errors.Is(err, dns.ErrNoName):
		return fail("does not exist (NXDOMAIN)", "Register the domain, or mend the spelling in MAIL_FROM and the brands")
	case err != nil:
		return unanswered(err)
	case len(answer.MX) == 1 && answer.MX[0] == "":
		return warn("says that it takes no mail (null MX), and some receivers refuse mail that cannot be returned",
			"Remove the null MX and give the domain a mail server, or send from a domain that has one")
	case len(answer.MX) > 0:
		return ok(plural(len(answer.MX), "mail server") + " for what is returned")
	}
	for _, kind := range []dns.Type{dns.A, dns.AAAA} {
		answer, err := s.Client.Lookup(ctx, domain, kind)
		if err != nil {
			return unanswered(err)
		}
		if len(answer.Addresses) > 0 {
			return warn("has no MX record; what is returned goes to the domain's own address", "Give the domain an MX record")
		}
	}
	return fail("has neither MX nor address, and receivers refuse mail that cannot be returned", "Give the domain an MX record")
}

// unanswered tells a broken zone from a name server that cannot be asked.
func unanswered(err error) Result {
	if errors.Is(err, dns.ErrServerFailed) {
		return fail("the name server cannot find out ("+err.Error()+")",
			"Look at the zone: its own servers do not answer, or its DNSSEC signatures are wrong or out of date")
	}
	return skip(dns.ErrNoAnswer.Error(), "Name a server that answers from here with --dns, such as --dns 9.9.9.9")
}
