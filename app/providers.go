package app

import (
	"net/http"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/acs"
	"byoe/providers/graph"
	"byoe/providers/httpclient"
	"byoe/providers/mailgun"
	"byoe/providers/mailjet"
	"byoe/providers/postmark"
	"byoe/providers/resend"
	"byoe/providers/sendgrid"
	"byoe/providers/ses"
	"byoe/providers/smtp"
	"byoe/providers/webhook"
)

// entry is one row of the table of providers.
type entry struct {
	name     string
	validate func() config.Problems
	open     func(client *http.Client) (providers.Provider, error)
}

// table is every provider that byoe knows. A new one is a row here and a folder below providers.
func (s *Settings) table() []entry {
	return []entry{
		row(acs.Name, s.ACS, acs.New),
		row(graph.Name, s.Graph, graph.New),
		row(webhook.Name, s.HTTP, webhook.New),
		row(mailgun.Name, s.Mailgun, mailgun.New),
		row(mailjet.Name, s.Mailjet, mailjet.New),
		row(postmark.Name, s.Postmark, postmark.New),
		row(resend.Name, s.Resend, resend.New),
		row(sendgrid.Name, s.SendGrid, sendgrid.New),
		row(ses.Name, s.SES, ses.New),
		row(smtp.Name, s.SMTP, func(c smtp.Config, _ *http.Client) (*smtp.Provider, error) { return smtp.New(c) }),
	}
}

// row joins a provider's name, its part of the settings and its constructor.
func row[C interface{ Validate() config.Problems }, P providers.Provider](name string, c C, open func(C, *http.Client) (P, error)) entry {
	return entry{name, c.Validate, func(client *http.Client) (providers.Provider, error) { return open(c, client) }}
}

func (s *Settings) provider(name string) (entry, bool) {
	for _, e := range s.table() {
		if e.name == name {
			return e, true
		}
	}
	return entry{}, false
}

// openProviders opens the chosen ones in their order, with one HTTP client for all.
func (s *Settings) openProviders() ([]providers.Provider, error) {
	client := httpclient.New()
	opened := make([]providers.Provider, 0, len(s.Providers.Names))
	for _, name := range s.Providers.Names {
		provider, err := s.OpenProvider(name, client)
		if err != nil {
			return nil, err
		}
		opened = append(opened, provider)
	}
	return opened, nil
}

// OpenProvider opens one provider, for whoever wants to look at it alone. The error is a [config.Problems] where its own
// settings are wrong.
func (s *Settings) OpenProvider(name string, client *http.Client) (providers.Provider, error) {
	e, found := s.provider(name)
	if !found {
		return nil, config.Problem{Setting: "MAIL_PROVIDERS", What: "names a provider that byoe does not know"}
	}
	return e.open(client)
}

// providerNames lists the words that MAIL_PROVIDERS takes.
func providerNames() []string {
	var names []string
	for _, e := range (&Settings{}).table() {
		names = append(names, e.name)
	}
	return names
}
