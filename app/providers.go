package app

import (
	"net/http"

	"byoe/config"
	"byoe/providers"
	"byoe/providers/httpclient"
	"byoe/providers/sendgrid"
	"byoe/providers/ses"
	"byoe/providers/smtp"
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
		{sendgrid.Name, s.SendGrid.Validate, func(client *http.Client) (providers.Provider, error) { return sendgrid.New(s.SendGrid, client) }},
		{ses.Name, s.SES.Validate, func(client *http.Client) (providers.Provider, error) { return ses.New(s.SES, client) }},
		{smtp.Name, s.SMTP.Validate, func(*http.Client) (providers.Provider, error) { return smtp.New(s.SMTP) }},
	}
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
		e, found := s.provider(name)
		if !found {
			return nil, config.Problem{Setting: "MAIL_PROVIDERS", What: "names a provider that byoe does not know"}
		}
		provider, err := e.open(client)
		if err != nil {
			return nil, err
		}
		opened = append(opened, provider)
	}
	return opened, nil
}

// providerNames lists the words that MAIL_PROVIDERS takes.
func providerNames() []string {
	var names []string
	for _, e := range (&Settings{}).table() {
		names = append(names, e.name)
	}
	return names
}
