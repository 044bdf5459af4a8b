// Package app is the composition: the settings of all owners in one place, the table of providers, and the program that
// serve, dev and the end-to-end tests start. It holds no logic of its own.
package app

import (
	"slices"
	"strings"

	"byoe/auth"
	"byoe/b2c"
	"byoe/b2c/credential"
	"byoe/config"
	"byoe/delivery"
	"byoe/delivery/claims/tables"
	"byoe/handler"
	"byoe/message"
	"byoe/providers/acs"
	"byoe/providers/graph"
	"byoe/providers/mailgun"
	"byoe/providers/mailjet"
	"byoe/providers/postmark"
	"byoe/providers/resend"
	"byoe/providers/sendgrid"
	"byoe/providers/ses"
	"byoe/providers/smtp"
	"byoe/providers/webhook"
	"byoe/telemetry"
)

// Settings is everything that can be set, each part declared by its owner.
type Settings struct {
	Server     ServerConfig
	Auth       auth.Config
	Handler    handler.Config
	B2C        b2c.Config
	B2CCallers credential.Config
	Message    message.Config
	Delivery   delivery.Config
	Recipients delivery.RecipientConfig
	Store      StoreConfig
	Tables     tables.Config
	Providers  ProvidersConfig
	ACS        acs.Config
	Graph      graph.Config
	HTTP       webhook.Config
	Mailgun    mailgun.Config
	Mailjet    mailjet.Config
	Postmark   postmark.Config
	Resend     resend.Config
	SendGrid   sendgrid.Config
	SES        ses.Config
	SMTP       smtp.Config
	Telemetry  telemetry.Config
	Dev        DevConfig

	// composer is made when the settings are checked, because that is how templates and brands are checked.
	composer *message.Composer
}

// ProvidersConfig names the providers.
type ProvidersConfig struct {
	Names []string `env:"MAIL_PROVIDERS" desc:"Ordered list of providers: the first is asked first, the next where it fails"`
}

// Load reads the settings out of environ. given are values that something else than the environment gives; a setting of
// the environment goes before them. The problems are those of form; see [Settings.Validate] for those of meaning.
func Load(environ map[string]string, given ...config.Given) (*Settings, *config.Report, config.Problems) {
	s := &Settings{}
	report, problems := config.Load(environ, append(walkthroughAliases(environ), given...),
		&s.Auth, &s.Handler, &s.B2C, &s.B2CCallers, &s.Message, &s.Delivery, &s.Recipients, &s.Store, &s.Tables, &s.Providers,
		&s.ACS, &s.Graph, &s.HTTP, &s.Mailgun, &s.Mailjet, &s.Postmark, &s.Resend, &s.SendGrid, &s.SES, &s.SMTP,
		&s.Server, &s.Telemetry, &s.Dev)
	return s, report, problems
}

// Validate returns everything that keeps the webhook from starting.
func (s *Settings) Validate() config.Problems {
	return slices.Concat(s.validateCallers(), s.Handler.Validate(), s.ValidateMail(), s.validateStore(), s.Server.Validate(), s.Telemetry.Validate())
}

// ValidateMail returns everything that keeps a mail from being sent: the part that byoe send needs.
func (s *Settings) ValidateMail() config.Problems {
	return slices.Concat(s.validateMessage(), s.Delivery.Validate(), s.Recipients.Validate(), s.validateProviders())
}

// validateMessage checks what the mail says, and that a template of the owner's lies at a provider that takes one.
func (s *Settings) validateMessage() config.Problems {
	composer, problems := message.NewComposer(s.Message)
	if len(problems) > 0 {
		return problems
	}
	s.composer = composer
	return foreignTemplates(composer)
}

// foreignTemplates are those at a provider that takes none, or by an id that it cannot have.
func foreignTemplates(composer *message.Composer) config.Problems {
	var problems config.Problems
	for _, name := range composer.TemplateProviders() {
		if !slices.Contains(templateProviders(), name) {
			problems = append(problems, config.Problem{
				Setting: "BRANDS_FILE", What: "names a template at a provider that byoe sends no templates through",
				Remedy: "Give one of " + strings.Join(templateProviders(), ", ") + ", or take the template out",
			})
		}
	}
	if slices.ContainsFunc(composer.TemplateIDs(mailjet.Name), func(id string) bool { return !mailjet.IsTemplateID(id) }) {
		problems = append(problems, config.Problem{
			Setting: "BRANDS_FILE", What: "names a template at mailjet by something else than a number",
			Remedy: "Give the number that Mailjet shows as the template's id",
		})
	}
	return problems
}

// Composer is what makes the mails, or everything that is wrong with what it needs.
func (s *Settings) Composer() (*message.Composer, config.Problems) {
	if s.composer == nil {
		if problems := s.validateMessage(); len(problems) > 0 {
			return nil, problems
		}
	}
	return s.composer, nil
}

// templateProviders are those that can take a template of the owner's.
func templateProviders() []string { return []string{mailjet.Name, sendgrid.Name} }

// validateProviders checks the list, and each provider on it; what the others would need is nobody's concern.
func (s *Settings) validateProviders() config.Problems {
	const setting = "MAIL_PROVIDERS"
	known := strings.Join(providerNames(), ", ")
	if len(s.Providers.Names) == 0 {
		return config.Problems{{Setting: setting, What: "not set", Remedy: "Give one or more of " + known}}
	}
	var problems config.Problems
	for i, name := range s.Providers.Names {
		open, found := s.provider(name)
		switch {
		case !found:
			problems = append(problems, config.Problem{Setting: setting, What: "names a provider that byoe does not know", Remedy: "Give one or more of " + known})
		case slices.Contains(s.Providers.Names[:i], name):
			problems = append(problems, config.Problem{Setting: setting, What: "names " + name + " twice", Remedy: "Name each provider once"})
		default:
			problems = append(problems, open.validate()...)
		}
	}
	return problems
}
