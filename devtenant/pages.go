package devtenant

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed pages/*.html assets/*
var files embed.FS

// pages are the parsed templates, one set a page: each is the layout with the blocks that the page fills in.
type pages struct {
	sets  map[string]*template.Template
	links []link
}

// The pages, by the file that holds their blocks.
const (
	pageFront     = "front.html"
	pageSignIn    = "signin.html"
	pageJourney   = "journey.html"
	pageMailbox   = "mailbox.html"
	pageMail      = "mail.html"
	pageTemplates = "templates.html"
	pageRequests  = "requests.html"
	pageRequest   = "request.html"
	pageFaults    = "faults.html"
	pageCheck     = "check.html"
	pageNotFound  = "notfound.html"
)

// shared is the file with what several pages show.
const shared = "pages/trace.html"

// view is what the layout needs; Data is the page's own.
type view struct {
	Title string
	// Path is where the page is, so that the navigation can mark it.
	Path  string
	Links []link
	Data  any
}

// link is an entry of the navigation.
type link struct {
	Path, Name string
}

// navigation lists the tenant's pages.
func (t *Tenant) navigation() []link {
	links := []link{
		{Path: "/signin", Name: "Sign in"},
		{Path: "/mailbox", Name: "Mailbox"},
		{Path: "/templates", Name: "Templates"},
		{Path: "/requests", Name: "Requests"},
		{Path: "/faults", Name: "Faults"},
	}
	if t.conformance != nil {
		links = append(links, link{Path: "/check", Name: "Check"})
	}
	return append(links, link{Path: "/", Name: "Tenant"})
}

// loadPages parses everything at the start, so that a broken template stops the start and not a visitor.
func loadPages(links []link) (*pages, error) {
	p := &pages{sets: map[string]*template.Template{}, links: links}
	for _, name := range []string{
		pageFront, pageSignIn, pageJourney, pageMailbox, pageMail, pageTemplates, pageRequests, pageRequest, pageFaults, pageCheck, pageNotFound,
	} {
		functions := template.FuncMap{"clock": clock, "ms": inWords}
		set, err := template.New("layout.html").Funcs(functions).ParseFS(files, "pages/layout.html", shared, "pages/"+name)
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		p.sets[name] = set
	}
	return p, nil
}

// render writes a page whole or not at all.
func (p *pages) render(w http.ResponseWriter, status int, name string, v view) {
	v.Links = p.links
	var body bytes.Buffer
	err := p.sets[name].Execute(&body, v)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a client that has gone needs no page
}

// inWords prints how long something took.
func inWords(d time.Duration) string { return fmt.Sprintf("%.1f ms", inMilliseconds(d)) }

// clock prints a time for people who sit at this machine.
func clock(t time.Time) string { return t.Local().Format("15:04:05") }

// assets serves the style sheet and the scripts.
func assets() http.Handler {
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r) // no listing
			return
		}
		serve.ServeHTTP(w, r)
	})
}

// serveNotFound answers every address that there is not.
func (t *Tenant) serveNotFound(w http.ResponseWriter, r *http.Request) {
	if prefersJSON(r) {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "not found"})
		return
	}
	t.pages.render(w, http.StatusNotFound, pageNotFound, view{Title: "Not here"})
}
