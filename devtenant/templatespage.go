package devtenant

import (
	"net/http"
	"slices"
)

// defaultBrand is the word of [TemplateSet] for mails of applications without a brand of their own.
const defaultBrand = "default"

// The ways to look at a mail.
const (
	partLight = "light"
	partDark  = "dark"
	partText  = "text"
)

// templatesPage is the Templates page's data.
type templatesPage struct {
	TemplateSet

	// Somebodys says that the webhook is somebody else's, and nothing is known of its mails.
	Somebodys           bool
	Brand, Flow, Locale string
	Part, Screen        string
	Width               int
	Shown               []TemplateLocale
}

// serveTemplates shows the mails of one brand and flow, in one language or all.
func (t *Tenant) serveTemplates(w http.ResponseWriter, r *http.Request) {
	page := templatesPage{Somebodys: true}
	if source := t.webhook().Templates; source != nil {
		page = chosen(source.Set(), r)
	}
	w.Header().Set("Content-Security-Policy", framePolicy)
	t.pages.render(w, http.StatusOK, pageTemplates, view{Title: "Templates", Path: "/templates", Data: page})
}

// chosen reads what the visitor wants to see; what there is not is the first that there is.
func chosen(set TemplateSet, r *http.Request) templatesPage {
	q := r.URL.Query()
	page := templatesPage{
		TemplateSet: set, Brand: defaultBrand, Locale: q.Get("locale"),
		Part: oneOf(q.Get("part"), partLight, partDark, partText), Screen: oneOf(q.Get("screen"), "phone", "desktop"),
		Flow: oneOf(q.Get("flow"), set.Flows...), Width: 360,
	}
	if page.Screen == "desktop" {
		page.Width = 640
	}
	for _, brand := range set.Brands {
		if brand.ID == q.Get("brand") {
			page.Brand = brand.ID
		}
	}
	for _, locale := range set.Locales {
		if page.Locale == "" || page.Locale == locale.Tag {
			page.Shown = append(page.Shown, locale)
		}
	}
	return page
}

// oneOf returns the value where it is among the words, else the first of them.
func oneOf(value string, words ...string) string {
	if slices.Contains(words, value) || len(words) == 0 {
		return value
	}
	return words[0]
}

// serveTemplate is one mail, for a frame of the page. Nothing in it runs, is loaded or leads anywhere.
func (t *Tenant) serveTemplate(w http.ResponseWriter, r *http.Request) {
	source := t.webhook().Templates
	if source == nil {
		t.serveNotFound(w, r)
		return
	}
	mail, err := source.Mail(r.PathValue("brand"), r.PathValue("locale"), r.PathValue("flow"))
	if err != nil {
		t.serveNotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", framedPolicy)
	w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	body := mail.HTML
	switch r.PathValue("part") {
	case partDark:
		body = mail.DarkHTML
	case partText:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		body = mail.Text
	default: // light
	}
	_, _ = w.Write([]byte(body)) // a client that has gone needs no mail
}
