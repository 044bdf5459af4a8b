package entra

import (
	"fmt"
)

// PlanAdopt plans to take over the extension of that id, with its app registration and listener, that somebody made by hand,
// and to move it to the wanted endpoint. w must have been read with the extension's id in [Sought].
//
// Nothing is broken on the way: the app registration gets the new App ID URI beside the old one, then one request moves the
// extension's target URL and resource id together, and what only the old endpoint needed changes after that. The old URI
// stays: [PlanRemove] is the way back.
func PlanAdopt(w Wiring, want Want, r *Record) (Plan, error) {
	if err := admit(w, want); err != nil {
		return Plan{}, err
	}
	e := w.Extension
	switch {
	case e == nil:
		return Plan{}, &Failure{What: "there is no extension to take over", Remedy: "Give the id of one of these with --extension: " + w.extensionList()}
	case r.origin(ResourceExtension) == Created && r.owns(ResourceExtension, e.ID) || e.marked() && e.DisplayName == want.Name:
		return Plan{}, &Failure{What: fmt.Sprintf("the extension %s was made by byoe setup", e.ID), Remedy: "byoe setup apply moves it"}
	case r.id(ResourceExtension) != "" && !r.owns(ResourceExtension, e.ID):
		return Plan{}, &Failure{
			What:   "the record " + r.Path() + " has another extension, " + r.id(ResourceExtension),
			Remedy: "Give another --name and --record for this one",
		}
	}
	p := newPlanner("adopt", w, want, r)
	p.adopting = true
	if err := p.set(); err != nil {
		return Plan{}, err
	}
	p.note("the extension keeps its id, its name and its applications; byoe setup adopt --back gives it back as it was")
	if WithoutQuery(e.Endpoint.URL) != e.Endpoint.URL && !r.owns(ResourceExtension, e.ID) {
		p.note("its target URL has a key in it, which the record does not keep: have the old URL at hand, the way back asks for it")
	}
	p.validates = true
	p.begin = func(r *Record) { r.adopt(w) }
	p.replan = func(w Wiring, r *Record) (Plan, error) { return PlanAdopt(w, want, r) }
	return p.Plan, nil
}

// adopt takes what is there into the record, as it is before the first change. A second run finds it there and keeps that.
func (r *Record) adopt(w Wiring) {
	take := func(of Resource, id, appID string, before Before) {
		if item := r.Items[of]; item != nil && item.ID == "" {
			r.own(of, Created, id, appID) // an interrupted run's own
			return
		}
		if !r.owns(of, id) {
			r.own(of, Adopted, id, appID).Before = &before
		}
	}
	if e := w.Extension; e != nil {
		before := *e
		before.Endpoint.URL = WithoutQuery(e.Endpoint.URL)
		take(ResourceExtension, e.ID, "", Before{Extension: &before})
	}
	if a := w.Application; a != nil {
		take(ResourceApplication, a.ID, a.AppID, Before{Application: a})
	}
	if w.Principal != nil {
		take(ResourcePrincipal, w.Principal.ID, w.Principal.AppID, Before{Principal: w.Principal})
	}
	if w.Listener != nil {
		take(ResourceListener, w.Listener.ID, "", Before{Listener: w.Listener})
	}
	if w.Caller != nil && r.Items[ResourceCaller] != nil && r.Items[ResourceCaller].ID == "" {
		r.own(ResourceCaller, Created, w.Caller.ID, w.Caller.AppID)
	}
	if w.Consent != nil && r.Items[ResourceConsent] != nil && r.Items[ResourceConsent].ID == "" {
		r.own(ResourceConsent, Created, w.Consent.ID, "")
	}
}

// extensionList names the event's extensions to people.
func (w *Wiring) extensionList() string {
	if len(w.Extensions) == 0 {
		return "the tenant has none, byoe setup apply makes one"
	}
	text := ""
	for i, e := range w.Extensions {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s (%q, %s)", e.ID, e.DisplayName, WithoutQuery(e.Endpoint.URL))
	}
	return text
}
