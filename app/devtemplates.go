package app

import (
	"cmp"
	"log/slog"

	"byoe/devtenant"
	"byoe/handler"
	"byoe/message"
	"byoe/message/preview"
)

// BuildDev is [Build] for a developer: the webhook's mails follow the files of MAIL_TEMPLATES_DIR and BRANDS_FILE, and the
// local tenant can show them.
func BuildDev(s *Settings, logger *slog.Logger) (*App, devtenant.Templates, error) {
	reloader, problems := message.NewReloader(s.Message)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	webhook, err := build(s, reloader, reloaded, logger)
	if err != nil {
		return nil, nil, err
	}
	return webhook, devTemplates{reloader}, nil
}

// reloaded makes a composer that follows a developer's edits.
func reloaded(c message.Config) (handler.Composer, error) {
	reloader, problems := message.NewReloader(c)
	if len(problems) > 0 {
		return nil, problems
	}
	return reloader, nil
}

// devTemplates tells the local tenant of the webhook's mails.
type devTemplates struct{ reloader *message.Reloader }

var _ devtenant.Templates = devTemplates{}

// Set asks for the version first: where the files change while it asks for the rest, the page gets new content under the
// old version and comes again, and not old content under the new one for good.
func (t devTemplates) Set() devtenant.TemplateSet {
	set := devtenant.TemplateSet{Version: t.reloader.Version()}
	composer := t.reloader.Composer()
	list := preview.Contents(composer)
	for _, b := range list.Brands {
		set.Brands = append(set.Brands, devtenant.TemplateBrand(b))
	}
	for _, l := range list.Locales {
		set.Locales = append(set.Locales, devtenant.TemplateLocale(l))
	}
	set.Flows = list.Flows
	stopped := false
	for _, f := range t.reloader.Findings() {
		place := cmp.Or(f.Place(), f.Setting)
		set.Findings = append(set.Findings, devtenant.TemplateFinding{Place: place, What: f.What, Remedy: f.Remedy, Stops: f.Stops})
		stopped = stopped || f.Stops
	}
	if stopped {
		return set // the composer is of an earlier state, and so would be what follows
	}
	for _, p := range foreignTemplates(composer) { // message does not know who takes templates
		set.Findings = append(set.Findings, devtenant.TemplateFinding{Place: p.Setting, What: p.What, Remedy: p.Remedy, Stops: true})
	}
	return set
}

// Mail makes one mail as the preview shows it.
func (t devTemplates) Mail(brand, locale, flow string) (devtenant.TemplateMail, error) {
	page, err := preview.One(t.reloader.Composer(), brand, locale, flow)
	return devtenant.TemplateMail(page), err
}
