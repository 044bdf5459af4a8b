package mailjet

import "byoe/providers"

// Records implements [providers.Publisher]. The return path is Mailjet's own, so that the SPF record of the sender's domain is
// not looked at, although Mailjet's pages ask for one.
func (p *Provider) Records(domain string) providers.Records {
	return providers.Records{Signer: domain, Selectors: []string{"mailjet"}}
}
