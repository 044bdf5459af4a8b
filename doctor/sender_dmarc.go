package doctor

import (
	"context"
	"errors"
	"strings"
)

// lookDMARC looks at the policy, and whether mail of each provider can satisfy it at all: by a signature or a return path
// that counts as the sender's.
func (s Sender) lookDMARC(ctx context.Context, domain string) []Result {
	record, err := lookupDMARC(ctx, s.Client, domain)
	switch {
	case errors.Is(err, errNoDMARC):
		return []Result{warn("has no DMARC record: Gmail and Yahoo want one from everybody who sends much",
			"Publish a TXT record at _dmarc."+organisation(domain)+": v=DMARC1; p=none; rua=mailto:…")}
	case errors.Is(err, errSeveralDMARC), errors.Is(err, errDMARCPolicy):
		return []Result{fail(record.at+" "+err.Error()+": receivers act as if there were none", "Publish exactly one, such as v=DMARC1; p=none")}
	case err != nil:
		return []Result{unanswered(err)}
	}
	if unaligned := s.unaligned(domain, record); len(unaligned) > 0 {
		evidence := "policy " + record.policy + ", and mail through " + strings.Join(unaligned, ", ") + " does not count as the domain's own"
		const remedy = "Verify the sender's own domain at the provider, so that it signs with it; or relax adkim and aspf"
		if record.policy == "none" {
			return []Result{warn(evidence, remedy)}
		}
		return []Result{fail(evidence+": receivers turn the codes away", remedy)}
	}
	evidence := "policy " + record.policy
	if record.at != domain {
		evidence += ", from " + record.at
	}
	if !record.reports {
		evidence += ", reports to nobody"
	}
	return []Result{ok(evidence)}
}

// unaligned are the providers whose mails neither a signature nor a return path makes the domain's own. Nothing is claimed of
// a provider of which that is not known.
func (s Sender) unaligned(domain string, record dmarcRecord) []string {
	var names []string
	for _, v := range s.Vendors {
		if v.Records == nil {
			continue
		}
		r := v.Records(domain)
		if r.Signer == "" && r.Envelope == "" {
			continue
		}
		bySignature := r.Signer != "" && aligned(r.Signer, domain, record.strictDKIM)
		byReturnPath := r.Envelope != "" && aligned(r.Envelope, domain, record.strictSPF)
		if !bySignature && !byReturnPath {
			names = append(names, v.Name)
		}
	}
	return names
}
