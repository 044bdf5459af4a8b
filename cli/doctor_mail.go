package cli

import (
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"byoe/app"
	"byoe/delivery"
	"byoe/doctor"
	"byoe/doctor/dns"
	"byoe/message"
	"byoe/providers"
	"byoe/providers/httpclient"
)

// mailChecks are those of the providers and of the senders' DNS. Without valid senders there are none: the settings tell why.
func mailChecks(s *app.Settings, resolver *dns.Client, selectors []string) []doctor.Check {
	composer, problems := s.Composer()
	if len(problems) > 0 {
		return nil
	}
	addresses := composer.Senders()
	sample, err := sampleMail(composer, addresses[0])
	if err != nil {
		return nil
	}
	senders := make([]providers.Sender, len(addresses))
	for i, address := range addresses {
		senders[i] = providers.SenderOf(address)
	}
	var (
		checks  []doctor.Check
		client  = httpclient.New()
		dnsPart = doctor.Sender{Client: resolver, Domains: providers.Domains(senders), Selectors: selectors}
	)
	for _, name := range s.Providers.Names {
		p := openProvider(s, name, client)
		checks = append(checks, doctor.Provider(name, p, sample, senders)...)
		dnsPart.Vendors = append(dnsPart.Vendors, vendor(name, p))
	}
	return append(checks, dnsPart.Checks()...)
}

// openProvider returns nil where the provider's own settings are wrong: they are told elsewhere.
func openProvider(s *app.Settings, name string, client *http.Client) providers.Provider {
	p, err := s.OpenProvider(name, client)
	if err != nil {
		return nil
	}
	return p
}

func vendor(name string, p providers.Provider) doctor.Vendor {
	publisher, knows := p.(providers.Publisher)
	if !knows {
		return doctor.Vendor{Name: name}
	}
	return doctor.Vendor{Name: name, Records: publisher.Records}
}

// sampleMail is a mail to the sender's own address, the only one that is surely the owner's. Where a vendor has no mode for
// tests, the provider puts the vendor's address for tests in its place.
func sampleMail(composer *message.Composer, from mail.Address) (providers.Submission, error) {
	e, err := sendCommand{To: from.Address, Locale: "en-us", Flow: "sign-in", App: "byoe doctor"}.event()
	if err != nil {
		return providers.Submission{}, err
	}
	m, err := composer.Compose(e)
	if err != nil {
		return providers.Submission{}, err
	}
	return delivery.NewSubmission(m), nil
}

// witnesses are servers that tell their time: each tenant's authority, and the vendors that are asked over HTTP.
func witnesses(s *app.Settings) []string {
	var servers []string
	if len(s.Auth.Validate()) == 0 {
		for _, tenant := range s.Auth.TenantIDs {
			authority := strings.ReplaceAll(s.Auth.Authority, "{tenant}", strings.ToLower(tenant))
			servers = append(servers, strings.TrimSuffix(authority, "/")+"/.well-known/openid-configuration")
		}
	}
	for name, base := range map[string]string{
		"acs": s.ACS.Endpoint, "graph": s.Graph.BaseURL, "mailgun": s.Mailgun.BaseURL, "mailjet": s.Mailjet.BaseURL,
		"postmark": s.Postmark.BaseURL, "resend": s.Resend.BaseURL, "sendgrid": s.SendGrid.BaseURL, "ses": s.SES.EndpointURL,
	} {
		if base != "" && slices.Contains(s.Providers.Names, name) {
			servers = append(servers, base)
		}
	}
	return servers
}
