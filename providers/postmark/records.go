package postmark

import "byoe/providers"

// Records implements [providers.Publisher]. The selector has the day in it on which the domain was added, such as
// 20261126000000pm, and the return path is Postmark's own or handed to it by a CNAME.
func (p *Provider) Records(domain string) providers.Records {
	return providers.Records{Signer: domain}
}
