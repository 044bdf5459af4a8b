package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// envelope is the domain whose SPF record counts for mails through a provider.
type envelope struct {
	vendor, domain string
	include        string
	// chosen says that the owner may have another one.
	chosen bool
}

// envelopes are those for one sender's domain: of a provider of which nothing is known that domain itself, and none of a
// provider that uses its own.
func (s Sender) envelopes(domain string) []envelope {
	var list []envelope
	for _, v := range s.Vendors {
		e := envelope{vendor: v.Name, domain: domain, chosen: true}
		if v.Records != nil {
			r := v.Records(domain)
			if r.Envelope == "" {
				continue
			}
			e = envelope{v.Name, r.Envelope, r.Include, r.Chosen && r.Envelope != domain}
		}
		list = append(list, e)
	}
	return list
}

// lookSPF looks at the record of each domain that mails from this one have in their return path.
func (s Sender) lookSPF(ctx context.Context, domain string) []Result {
	var found []Result
	for _, e := range s.envelopes(domain) {
		r := s.judgeSPF(ctx, e)
		r.ID = "sender.spf " + domain + " " + e.vendor
		r.Title = "SPF of " + e.domain + " for " + e.vendor
		found = append(found, r)
	}
	if len(found) == 0 {
		return []Result{s.judgeUnusedSPF(ctx, domain)}
	}
	return found
}

// judgeUnusedSPF looks at a record on which no code depends: what is wrong with it hurts the owner's other mail.
func (s Sender) judgeUnusedSPF(ctx context.Context, domain string) Result {
	const unused = "no code depends on it: the providers use return paths of their own"
	if _, err := spfOf(ctx, s.Client, domain); errors.Is(err, errNoSPF) {
		return ok("none, and " + unused)
	}
	r := s.judgeSPF(ctx, envelope{domain: domain})
	if r.Verdict == Fail {
		r.Verdict = Warn
	}
	r.Evidence += "; " + unused
	return r
}

func (s Sender) judgeSPF(ctx context.Context, e envelope) Result {
	walked, err := walkSPF(ctx, s.Client, e.domain)
	if fault, ok := errors.AsType[*spfFault](err); ok {
		return spfFailure(fault, e)
	}
	if err != nil {
		return unanswered(err)
	}
	switch {
	case walked.everybody:
		return fail("lets everybody send as this domain (+all)", "End the record with -all or ~all")
	case walked.lookups > spfLookups:
		return fail(fmt.Sprintf("needs %d look-ups and receivers stop at %d: they take the record for broken", walked.lookups, spfLookups),
			"Take out includes of services that send no more, or send from a subdomain with a record of its own")
	case walked.voids > spfVoids:
		return fail(fmt.Sprintf("names %d hosts that do not exist and receivers stop at %d", walked.voids, spfVoids),
			"Take out the mechanisms a and mx that name nothing")
	case e.include != "" && !slices.Contains(walked.includes, e.include):
		return spfWithoutVendor(walked, e)
	case walked.pointers:
		return warn("uses ptr, which RFC 7208 says not to use and some receivers pass over", "Put include or ip4 and ip6 in its place")
	default:
		return ok(fmt.Sprintf("one record, %s of %d", plural(walked.lookups, "look-up"), spfLookups))
	}
}

// spfWithoutVendor doubts where the record lists addresses: they may be the vendor's own in the place of its include.
func spfWithoutVendor(walked *spfWalk, e envelope) Result {
	evidence := "does not include " + e.include + ", from where " + e.vendor + " sends"
	remedy := "Add include:" + e.include + " to the record of " + e.domain
	if walked.addresses {
		return warn(evidence, remedy+", unless the addresses in it are the provider's")
	}
	return fail(evidence, remedy)
}

func spfFailure(fault *spfFault, e envelope) Result {
	own := fault.domain == e.domain
	switch {
	case errors.Is(fault, errNoSPF) && own && e.chosen:
		return warn("there is no SPF record at "+e.domain, "Publish the one that your mail server's owner gives, or leave it where the return path is another domain")
	case errors.Is(fault, errNoSPF) && own:
		return fail("there is no SPF record", "Publish a TXT record at "+e.domain+": v=spf1 include:"+e.include+" ~all")
	case errors.Is(fault, errNoSPF):
		return fail("it includes "+printable(fault.domain)+", which has no SPF record: receivers take the whole record for broken", "Take that include out")
	case errors.Is(fault, errSeveralSPF) && own:
		return fail("there is more than one SPF record: receivers use none of them", "Make one record of them, with the mechanisms of all")
	case errors.Is(fault, errLoopSPF):
		return fail(printable(fault.domain)+" includes itself: receivers take the record for broken", "Take the include out that leads back")
	case errors.Is(fault, errSPFSyntax) && own:
		return fail("cannot be read: receivers take it for broken", "Write it once more: v=spf1, mechanisms with one space between them, ~all")
	default:
		return fail("is broken: "+fault.Error(), "Take that include out, or tell whoever owns it")
	}
}
