package acs

import (
	"context"

	"byoe/providers"
)

// Examine implements [providers.Examiner]. The data plane tells nothing of domains and senders; what is known without asking is
// what the service does with a sender's name.
func (p *Provider) Examine(_ context.Context, senders []providers.Sender) []providers.Observation {
	found := []providers.Observation{{
		About:    "domain linking",
		Evidence: "the service tells it only to those who manage the resource: a mail from a domain that is not linked fails with DomainNotLinked",
		Remedy:   "See under the resource's Domains that the sender's domain is connected; byoe send --to proves it",
	}}
	for _, s := range senders {
		if s.Name != "" {
			return append(found, providers.Observation{
				About: "sender's name", Grade: providers.GradeDoubtful, Evidence: "the service ignores the name in MAIL_FROM",
				Remedy: "Give the name to the domain's MailFrom address of the same local part, in the Azure portal",
			})
		}
	}
	return found
}
