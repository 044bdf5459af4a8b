package resend

import "byoe/providers"

// Records implements [providers.Publisher]. The owner may choose another name than send, and newer domains have three
// selectors of chance letters in place of resend.
func (p *Provider) Records(domain string) providers.Records {
	return providers.Records{
		Envelope: "send." + domain, Include: "amazonses.com",
		Signer: domain, Selectors: []string{"resend"}, Chosen: true,
	}
}
