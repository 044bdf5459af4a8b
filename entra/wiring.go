package entra

import (
	"strings"

	"byoe/entra/graph"
)

// Wiring is everything in a tenant that decides whether Entra calls the webhook, as it was read.
type Wiring struct {
	Cloud  string
	Tenant graph.Directory
	// Caller is the service principal as which Entra calls, Graph that of Microsoft Graph; nil where the tenant has none.
	Caller, Graph *Principal

	// Extensions are those of this event, Listeners too. Others counts the extensions of other events.
	Extensions []Extension
	Listeners  []Listener
	Others     int

	// Extension, Listener and Application are those of the set-up that was sought; nil where there is none. Principal and
	// Consent belong to the application.
	Extension   *Extension
	Listener    *Listener
	Application *Application
	Principal   *Principal
	Consent     *Consent
	// Validation is what Graph says of the extension's configuration; nil where there is no extension.
	Validation *Validation

	// Found says how each of them was found.
	Found map[Resource]How
	// Twins are applications of the same name and mark beside the one that was taken.
	Twins []string
}

// How says by what a thing was known.
type How string

// The ways.
const (
	ByRecord    How = "by its id"
	ByReference How = "by what refers to it"
	ByMark      How = "by its name and mark"
	ByTarget    How = "by its target URL"
)

// Validation is what validateAuthenticationConfiguration answers. It looks at the configuration only and does not call the
// endpoint.
type Validation struct {
	Errors   []Complaint `json:"errors"`
	Warnings []Complaint `json:"warnings"`
}

// Complaint is one thing that Graph finds wrong.
type Complaint struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// all are the errors and the warnings: one that keeps Entra from calling, PermissionNotGrantedToServicePrincipal, is a mere
// warning to Graph.
func (v *Validation) all() []Complaint {
	if v == nil {
		return nil
	}
	return append(append([]Complaint{}, v.Errors...), v.Warnings...)
}

// ListenersOf are the listeners that call the extension of that id.
func (w *Wiring) ListenersOf(extensionID string) []Listener {
	var list []Listener
	for _, l := range w.Listeners {
		if strings.EqualFold(l.Handler.Extension.ID, extensionID) {
			list = append(list, l)
		}
	}
	return list
}

// extension returns the event's extension of that id, nil where there is none.
func (w *Wiring) extension(id string) *Extension {
	for i, e := range w.Extensions {
		if id != "" && strings.EqualFold(e.ID, id) {
			return &w.Extensions[i]
		}
	}
	return nil
}

// listener returns the event's listener of that id, nil where there is none.
func (w *Wiring) listener(id string) *Listener {
	for i, l := range w.Listeners {
		if id != "" && strings.EqualFold(l.ID, id) {
			return &w.Listeners[i]
		}
	}
	return nil
}

// FallsBack says whether Microsoft mails the code where the webhook fails: what the listener says counts, and where it says
// nothing the extension does.
func (w *Wiring) FallsBack() bool {
	if w.Listener != nil && w.Listener.Handler.Overrides != nil && w.Listener.Handler.Overrides.OnError != nil {
		return w.Listener.Handler.Overrides.OnError.fallsBack()
	}
	return w.Extension != nil && w.Extension.OnError.fallsBack()
}

// Timeout is how long Entra waits for the webhook, in milliseconds.
func (w *Wiring) Timeout() int {
	if w.Listener != nil && w.Listener.Handler.Overrides != nil {
		if c := w.Listener.Handler.Overrides.Client; c != nil && c.Timeout != nil {
			return *c.Timeout
		}
	}
	if w.Extension != nil && w.Extension.Client != nil && w.Extension.Client.Timeout != nil {
		return *w.Extension.Client.Timeout
	}
	return silentTimeout
}
