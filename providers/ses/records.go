package ses

import "byoe/providers"

// Records implements [providers.Publisher]. Easy DKIM makes up three selectors for each domain, which Examine asks for. The
// return path is amazonses.com's unless the owner has set a MAIL FROM domain, which nobody but SES knows.
func (p *Provider) Records(domain string) providers.Records {
	return providers.Records{Signer: domain}
}
