package entra

import (
	"fmt"
	"strings"

	"byoe/entra/graph"
)

// PlanOff plans to hand the codes back to Microsoft: it deletes the listener, which is one request. The extension and the app
// registration stay as they are.
//
// Of the ways to do it this is the one that cannot be misread: what Entra makes of a listener that names no application is
// written nowhere, and one that points elsewhere needs an elsewhere. Without a listener the event has nobody to go to.
func PlanOff(w Wiring, want Want, r *Record) (Plan, error) {
	if err := admitOff(w, want); err != nil {
		return Plan{}, err
	}
	p := newPlanner("off", w, want, r)
	p.brief = true
	p.finish = func(r *Record, _ Wiring) { r.gone(ResourceListener) }
	p.replan = func(w Wiring, r *Record) (Plan, error) { return PlanOff(w, want, r) }
	listeners := p.calling()
	if len(listeners) == 0 {
		p.note("no listener calls the webhook: Microsoft sends the codes already")
		return p.Plan, nil
	}
	saved := listeners[0]
	for _, l := range listeners {
		p.add(Step{
			Action: Delete, Resource: ResourceListener, ID: l.ID, path: pathListeners + "/" + l.ID,
			Changes: []Change{{propApps, l.words()[propApps], ""}}, Why: "from then on Microsoft sends the codes itself",
		})
		if l.ID == r.id(ResourceListener) {
			saved = l
		}
	}
	if len(listeners) > 1 {
		p.note("there are %d listeners; byoe setup on makes one again, for %s", len(listeners), saved.words()[propApps])
	}
	p.begin = func(r *Record) { r.Off = &saved }
	return p.Plan, nil
}

// admitOff is milder than [admit]: whoever signed in to the right tenant may always switch off.
func admitOff(w Wiring, want Want) error {
	if strings.EqualFold(w.Tenant.ID, want.TenantID) {
		return nil
	}
	return admit(w, want)
}

// calling are the listeners that bring codes to the webhook.
func (p *planner) calling() []Listener {
	var list []Listener
	if p.w.Extension != nil {
		list = p.w.ListenersOf(p.w.Extension.ID)
	}
	if l := p.w.listener(p.r.id(ResourceListener)); l != nil && (p.w.Extension == nil || l.Handler.Extension.ID != p.w.Extension.ID) {
		list = append(list, *l)
	}
	return list
}

// PlanOn plans to have Entra call the webhook again, as the record says that it was, or for the wanted applications.
func PlanOn(w Wiring, want Want, r *Record) (Plan, error) {
	if err := admit(w, want); err != nil {
		return Plan{}, err
	}
	if w.Extension == nil {
		return Plan{}, &Failure{What: "there is no extension of this set-up in the tenant", Remedy: "Make it with byoe setup apply"}
	}
	p := newPlanner("on", w, want, r)
	p.finish = func(r *Record, w Wiring) {
		r.Off = nil
		if w.Listener != nil {
			r.own(ResourceListener, Created, w.Listener.ID, "")
		}
	}
	p.replan = func(w Wiring, r *Record) (Plan, error) { return PlanOn(w, want, r) }
	if w.Listener != nil {
		p.note("Entra calls the webhook for %s already", w.Listener.words()[propApps])
		return p.Plan, nil
	}
	l := p.wantedListener()
	if !l.Conditions.Applications.All && len(l.apps()) == 0 {
		return Plan{}, &Failure{
			What:   "the record " + r.Path() + " does not tell for which applications",
			Remedy: "Give their client ids with --app, or --all-apps",
		}
	}
	if err := p.conflict(l); err != nil {
		return Plan{}, err
	}
	s := p.makeListener(l)
	s.Why = fmt.Sprintf("from then on Entra calls %s", WithoutQuery(w.Extension.Endpoint.URL))
	p.add(s)
	if s.Version == graph.Beta {
		p.told()
	}
	return p.Plan, nil
}
