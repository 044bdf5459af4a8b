package mailgun

import "byoe/providers"

// Records implements [providers.Publisher]. All of them are at MAILGUN_DOMAIN, whatever the sender's domain is. The owner may
// choose the selector; these are the ones that Mailgun has proposed over the years.
func (p *Provider) Records(string) providers.Records {
	return providers.Records{
		Envelope: p.config.Domain, Include: "mailgun.org",
		Signer: p.config.Domain, Selectors: []string{"mx", "k1", "pic", "smtp", "mailo", "s1", "email"}, Chosen: true,
	}
}
