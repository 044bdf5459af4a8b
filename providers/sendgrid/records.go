package sendgrid

import "byoe/providers"

// Records implements [providers.Publisher]. The return path is below em<number>.<domain>, which a CNAME hands to SendGrid whole.
// The owner may choose another selector.
func (p *Provider) Records(domain string) providers.Records {
	return providers.Records{Signer: domain, Selectors: []string{"s1", "s2"}, Chosen: true}
}
