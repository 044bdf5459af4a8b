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
	sets map[string]*template.Template
}

// The pages, by the file that holds their blocks.
const (
	pageFront    = "front.html"
	pageMailbox  = "mailbox.html"
	pageMail     = "mail.html"
	pageNotFound = "notfound.html"
)

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
func navigation() []link {
	return []link{{Path: "/", Name: "Tenant"}, {Path: "/mailbox", Name: "Mailbox"}}
}

// loadPages parses everything at the start, so that a broken template stops the start and not a visitor.
func loadPages() (*pages, error) {
	p := &pages{sets: map[string]*template.Template{}}
	for _, name := range []string{pageFront, pageMailbox, pageMail, pageNotFound} {
		functions := template.FuncMap{"clock": clock}
		set, err := template.New("layout.html").Funcs(functions).ParseFS(files, "pages/layout.html", "pages/"+name)
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		p.sets[name] = set
	}
	return p, nil
}

// render writes a page whole or not at all.
func (p *pages) render(w http.ResponseWriter, status int, name string, v view) {
	v.Links = navigation()
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
