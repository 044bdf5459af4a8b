package graph

import "byoe/providers"

// Records implements [providers.Publisher]: those of a domain whose mailboxes are in Exchange Online. Until DKIM is switched on
// for it, Exchange signs with the tenant's onmicrosoft.com domain, which counts as nobody's.
func (p *Provider) Records(domain string) providers.Records {
	return providers.Records{
		Envelope: domain, Include: "spf.protection.outlook.com",
		Signer: domain, Selectors: []string{"selector1", "selector2"},
	}
}
