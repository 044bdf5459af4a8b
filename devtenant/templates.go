package devtenant

// Templates is where the Templates page gets its mails from. The tenant makes none itself: it shares nothing with the
// webhook that it is there to test. The methods are safe for concurrent use, and each answers for the files as they are
// when it is called.
type Templates interface {
	// Set is what there is now. Where a finding stops, the mails are those of the last files that could be used.
	Set() TemplateSet
	// Mail renders one of them, by the words of Set. It fails where there is none, as after an edit that took a brand away.
	Mail(brand, locale, flow string) (TemplateMail, error)
}

// TemplateSet is what there are mails of, and what is wrong with the files that they are made of.
type TemplateSet struct {
	// Version is another one whenever the files are.
	Version  string
	Brands   []TemplateBrand // the default first
	Locales  []TemplateLocale
	Flows    []string
	Findings []TemplateFinding
}

// TemplateBrand is a brand by its application's id, or "default", and what people call it.
type TemplateBrand struct{ ID, Label string }

// TemplateLocale is a language and how it runs: "ltr" or "rtl".
type TemplateLocale struct{ Tag, Direction string }

// TemplateFinding is one thing that is wrong with a file, or that a reader of the mail would suffer from.
type TemplateFinding struct {
	// Place is file:line as editors understand it, or the file, or a setting.
	Place string
	// What and Remedy are one clause each, without a full stop.
	What, Remedy string
	// Stops says that the webhook would not start with it. The others make a mail worse, not wrong.
	Stops bool
}

// TemplateMail is one mail for a browser.
type TemplateMail struct {
	Subject, Direction string
	// HTML is the mail as it is, DarkHTML as a dark screen shows it.
	HTML, DarkHTML string
	// Text is the header fields and the text part.
	Text string
}
