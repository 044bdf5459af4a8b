package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"byoe/doctor/dns"
)

// signer is the domain that signs mails through a provider, and the selectors at which its keys may be.
type signer struct {
	vendor, domain string
	selectors      []string
	// chosen says that the owner may have others.
	chosen bool
}

// signers are those for one sender's domain.
func (s Sender) signers(domain string) []signer {
	var list []signer
	for _, v := range s.Vendors {
		g := signer{vendor: v.Name, domain: domain, selectors: s.Selectors, chosen: true}
		if v.Records != nil {
			r := v.Records(domain)
			if r.Signer == "" {
				continue // a domain of the vendor's own
			}
			g.domain, g.selectors, g.chosen = r.Signer, slices.Concat(r.Selectors, s.Selectors), r.Chosen || len(r.Selectors) == 0
		}
		list = append(list, g)
	}
	return list
}

// lookDKIM looks for the keys of each provider.
func (s Sender) lookDKIM(ctx context.Context, domain string) []Result {
	var found []Result
	for _, g := range s.signers(domain) {
		r := s.judgeDKIM(ctx, g)
		r.ID = "sender.dkim " + domain + " " + g.vendor
		r.Title = "DKIM of " + g.domain + " for " + g.vendor
		found = append(found, r)
	}
	if len(found) == 0 {
		return []Result{ok("the domain and its keys are the provider's own")}
	}
	return found
}

func (s Sender) judgeDKIM(ctx context.Context, g signer) Result {
	if len(g.selectors) == 0 {
		return skip("the selector is another one for each domain", "Copy it from the provider's page of the domain and give it with --dkim-selector")
	}
	var good, bad []string
	for _, selector := range g.selectors {
		err := dkimAt(ctx, s.Client, selector, g.domain)
		switch {
		case err == nil:
			good = append(good, selector)
		case errors.Is(err, dns.ErrServerFailed), errors.Is(err, dns.ErrNoAnswer):
			return unanswered(err)
		case !errors.Is(err, errNoKey):
			bad = append(bad, selector+" "+err.Error())
		}
	}
	const remedy = "Publish the DKIM records that the provider shows for the domain"
	switch {
	case len(bad) > 0 && len(good) > 0:
		return warn(strings.Join(bad, ", ")+"; "+strings.Join(good, ", ")+" has a good key", remedy+" once more")
	case len(bad) > 0:
		return fail(strings.Join(bad, ", "), remedy+" once more")
	case len(good) > 0:
		return ok("key at " + strings.Join(good, ", "))
	case g.chosen:
		return warn("no key at "+strings.Join(g.selectors, ", "), remedy+"; where the selector is another one, give it with --dkim-selector")
	default:
		return fail("no key at "+strings.Join(g.selectors, ", "), remedy)
	}
}
