package entra

import (
	"fmt"
	"strings"

	"byoe/entra/graph"
)

// Resource is a kind of thing in the tenant. A set-up has one of each.
type Resource string

// The kinds.
const (
	// ResourceCaller is the service principal as which Entra calls.
	ResourceCaller Resource = "caller"
	// ResourceApplication is the app registration that protects the endpoint, ResourcePrincipal its service principal.
	ResourceApplication Resource = "application"
	ResourcePrincipal   Resource = "principal"
	// ResourceConsent is the role Receive.Payload, granted to it.
	ResourceConsent   Resource = "consent"
	ResourceExtension Resource = "extension"
	ResourceListener  Resource = "listener"
)

// title names a kind to people.
func (r Resource) title() string {
	switch r {
	case ResourceCaller:
		return "service principal of Entra's caller"
	case ResourceApplication:
		return "app registration"
	case ResourcePrincipal:
		return "service principal of the app registration"
	case ResourceConsent:
		return "consent to CustomAuthenticationExtension.Receive.Payload"
	case ResourceExtension:
		return "custom authentication extension"
	case ResourceListener:
		return "event listener"
	default:
		return string(r)
	}
}

// Action is what a step does.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Step is one request that changes the tenant.
type Step struct {
	Action   Action   `json:"action"`
	Resource Resource `json:"resource"`
	// ID is the thing's; "" where it is yet to be made.
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Version is Graph's that the request goes to.
	Version graph.Version `json:"version"`
	Changes []Change      `json:"changes,omitempty"`
	// Why says what the step is good for, or what would be wrong without it.
	Why string `json:"why,omitempty"`

	// path and body may hold references to things that earlier steps make.
	path string
	body map[string]any
}

// Change is one property, in words fit to be shown.
type Change struct {
	Property string `json:"property"`
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
}

// what names the step in errors and progress.
func (s Step) what() string {
	text := string(s.Action) + " the " + s.Resource.title()
	if s.Name != "" {
		text += fmt.Sprintf(" %q", s.Name)
	}
	return text
}

// The references. What stands for an id that is not known before its thing is made.
const (
	refCaller      = "{caller.id}"
	refApplication = "{application.id}"
	refAppID       = "{application.appId}"
	refPrincipal   = "{principal.id}"
	refGraph       = "{graph.id}"
	refConsent     = "{consent.id}"
	refExtension   = "{extension.id}"
	refListener    = "{listener.id}"
)

// refOf is the reference to a kind's id.
func refOf(r Resource) string { return "{" + string(r) + ".id}" }

// known are the ids behind the references.
type known map[string]string

func knownOf(w Wiring) known {
	k := known{}
	k.principal(refCaller, w.Caller)
	k.principal(refGraph, w.Graph)
	k.principal(refPrincipal, w.Principal)
	if w.Application != nil {
		k[refApplication], k[refAppID] = w.Application.ID, w.Application.AppID
	}
	if w.Consent != nil {
		k[refConsent] = w.Consent.ID
	}
	if w.Extension != nil {
		k[refExtension] = w.Extension.ID
	}
	if w.Listener != nil {
		k[refListener] = w.Listener.ID
	}
	return k
}

func (k known) principal(ref string, p *Principal) {
	if p != nil {
		k[ref] = p.ID
	}
}

// fill puts ids in the place of references, in whatever a JSON body is made of.
func (k known) fill(value any) any {
	switch v := value.(type) {
	case string:
		for ref, id := range k {
			v = strings.ReplaceAll(v, ref, id)
		}
		return v
	case []string:
		filled := make([]string, len(v))
		for i, one := range v {
			filled[i], _ = k.fill(one).(string) // a string stays one
		}
		return filled
	case map[string]any:
		filled := make(map[string]any, len(v))
		for name, one := range v {
			filled[name] = k.fill(one)
		}
		return filled
	case []any:
		filled := make([]any, len(v))
		for i, one := range v {
			filled[i] = k.fill(one)
		}
		return filled
	default:
		return value
	}
}

// shown is a text with references in words.
func shown(text string) string {
	return strings.NewReplacer(refAppID, "(its client id)", refExtension, "(its id)").Replace(text)
}

// edit collects what is to be changed of one thing.
type edit struct {
	changes []Change
	body    map[string]any
}

// set changes one property of the body where before and after, in words, differ.
func (e *edit) set(property, before, after, field string, value any) {
	after = shown(after)
	if before == after {
		return
	}
	e.note(property, before, after)
	e.body[field] = value
}

func (e *edit) note(property, before, after string) {
	e.changes = append(e.changes, Change{Property: property, Before: before, After: after})
}
