package entra

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"byoe/entra/graph"
)

// PlanRemove plans to take away what byoe setup made, and to give what it adopted back as it was. What somebody changed since
// stays, and so does what that needs: it is told in the notes, and Left counts it.
//
// want.Endpoint is needed only to give back an extension whose old target URL had a query, which the record does not keep.
func PlanRemove(w Wiring, want Want, r *Record) (Plan, error) {
	if err := admitOff(w, want); err != nil {
		return Plan{}, err
	}
	lost := r.Fresh() && len(r.Items) == 0
	known := *r
	known.Items = maps.Clone(r.Items)
	known.recognise(w, want)
	p := newPlanner("remove", w, want, &known)
	if lost && len(known.Items) > 0 {
		p.note("there is no record in %s: what is taken away bears our mark", r.Path())
	}
	if err := p.remove(); err != nil {
		return Plan{}, err
	}
	p.begin = func(r *Record) { r.recognise(w, want) }
	p.finish = func(r *Record, w Wiring) { r.forget(w) }
	p.replan = func(w Wiring, r *Record) (Plan, error) { return PlanRemove(w, want, r) }
	return p.Plan, nil
}

// remove goes against the order of making, so that nothing ever points at what is gone.
func (p *planner) remove() error {
	p.removeListener()
	left, err := p.removeExtension()
	if err != nil {
		return err
	}
	p.removeApplication(left)
	p.removeCaller()
	return nil
}

func (p *planner) removeListener() {
	l := p.w.listener(p.r.id(ResourceListener))
	if l == nil {
		if p.r.origin(ResourceListener) == Adopted {
			p.note("the listener that was there before is switched off and stays so; byoe setup on before this brings it back")
		}
		return
	}
	if p.changed(ResourceListener, l.words()) {
		return
	}
	if p.r.origin(ResourceListener) == Created {
		p.take(ResourceListener, l.ID, "", pathListeners)
		return
	}
	before := p.r.Items[ResourceListener].Before
	if before == nil || before.Listener == nil {
		return
	}
	e := p.edit()
	old := before.Listener
	now, then := l.words(), old.words()
	e.set(propApps, now[propApps], then[propApps], "conditions", conditions(old, graph.Beta))
	e.set(propOverrides, now[propOverrides], then[propOverrides], "handler", p.handlerBack(old))
	if old.Priority != nil {
		e.set(propPriority, now[propPriority], then[propPriority], "priority", *old.Priority)
	}
	p.back(e, ResourceListener, l.ID, pathListeners, typeListener)
}

func (p *planner) handlerBack(l *Listener) map[string]any {
	h := handler(l)
	if h["configuration"] == nil {
		h["configuration"] = nil
	}
	return h
}

// removeExtension says whether an extension of ours stays that needs the app registration.
func (p *planner) removeExtension() (left bool, err error) {
	e := p.w.extension(p.r.id(ResourceExtension))
	if e == nil {
		return false, nil
	}
	for _, l := range p.w.ListenersOf(e.ID) {
		if !p.r.owns(ResourceListener, l.ID) {
			p.left(ResourceExtension, e.ID, "the listener "+l.ID+", which is not ours, calls it")
			return true, nil
		}
	}
	if p.changed(ResourceExtension, e.words()) {
		return true, nil
	}
	if p.r.origin(ResourceExtension) == Created {
		p.take(ResourceExtension, e.ID, e.DisplayName, pathExtensions)
		return false, nil
	}
	before := p.r.Items[ResourceExtension].Before
	if before == nil || before.Extension == nil {
		return true, nil
	}
	return true, p.extensionBack(e, before.Extension)
}

// extensionBack gives an adopted extension back: its target URL and resource id in one request, as they came.
func (p *planner) extensionBack(e, old *Extension) error {
	target := old.Endpoint.URL
	if strings.HasSuffix(target, leftOut) {
		switch {
		case WithoutQuery(e.Endpoint.URL) == target:
			target = e.Endpoint.URL
		case WithoutQuery(p.want.Endpoint) == target:
			target = p.want.Endpoint
		default:
			return &Failure{
				What:   "the extension called " + target + " before, and the record does not keep the key that was left out",
				Remedy: "Give that whole URL with --endpoint",
			}
		}
	}
	edit := p.edit()
	now, then := e.words(), old.words()
	edit.set(propTarget, now[propTarget], then[propTarget], "endpointConfiguration", map[string]any{"@odata.type": typeEndpoint, "targetUrl": target})
	edit.set(propResource, now[propResource], then[propResource], "authenticationConfiguration",
		map[string]any{"@odata.type": typeAuthenticate, "resourceId": old.Authentication.ResourceID})
	if len(edit.changes) > 0 {
		edit.body["endpointConfiguration"] = map[string]any{"@odata.type": typeEndpoint, "targetUrl": target}
		edit.body["authenticationConfiguration"] = map[string]any{"@odata.type": typeAuthenticate, "resourceId": old.Authentication.ResourceID}
	}
	var policy any
	if old.Client != nil {
		policy = old.Client
	}
	edit.set(propTimeout, now[propTimeout], then[propTimeout], "clientConfiguration", policy)
	edit.set(propRetries, now[propRetries], then[propRetries], "clientConfiguration", policy)
	var onError any
	if old.OnError != nil {
		onError = map[string]any{"@odata.type": old.OnError.Type}
	}
	edit.set(propOnError, now[propOnError], then[propOnError], "behaviorOnError", onError)
	p.back(edit, ResourceExtension, e.ID, pathExtensions, typeExtension)
	return nil
}

func (p *planner) removeApplication(needed bool) {
	a := p.w.Application
	if a == nil || !p.r.owns(ResourceApplication, a.ID) {
		return
	}
	if p.r.origin(ResourceApplication) == Adopted {
		p.applicationBack(a)
		return
	}
	switch {
	case needed:
		p.left(ResourceApplication, a.ID, "the extension that stays needs it")
		return
	case p.changed(ResourceApplication, a.words()):
		return
	case len(a.Passwords)+len(a.Keys) > 0:
		p.left(ResourceApplication, a.ID, "somebody gave it a secret or a certificate, so it serves something else too")
		return
	}
	for _, e := range p.w.Extensions {
		if strings.EqualFold(e.appID(), a.AppID) && !p.r.owns(ResourceExtension, e.ID) {
			p.left(ResourceApplication, a.ID, "the extension "+e.ID+", which is not ours, uses it")
			return
		}
	}
	if p.w.Consent != nil && p.w.Principal != nil && p.r.owns(ResourceConsent, p.w.Consent.ID) {
		p.take(ResourceConsent, p.w.Consent.ID, "", pathPrincipals+"/"+p.w.Principal.ID+"/appRoleAssignments")
	}
	if p.w.Principal != nil && p.r.owns(ResourcePrincipal, p.w.Principal.ID) {
		p.take(ResourcePrincipal, p.w.Principal.ID, p.w.Principal.DisplayName, pathPrincipals)
	}
	p.take(ResourceApplication, a.ID, a.DisplayName, pathApplications)
}

func (p *planner) applicationBack(a *Application) {
	before := p.r.Items[ResourceApplication].Before
	if before == nil || before.Application == nil || p.changed(ResourceApplication, a.words()) {
		return
	}
	e := p.edit()
	now, then := a.words(), before.Application.words()
	uris := before.Application.IdentifierURIs
	if uris == nil {
		uris = []string{}
	}
	e.set(propURIs, now[propURIs], then[propURIs], "identifierUris", uris)
	var version any
	if v := before.Application.API.TokenVersion; v != nil {
		version = *v
	}
	e.set(propVersion, now[propVersion], then[propVersion], "api", map[string]any{"requestedAccessTokenVersion": version})
	p.back(e, ResourceApplication, a.ID, pathApplications, "")
}

// removeCaller leaves Entra's caller where any extension, of whatever event, may still need it.
func (p *planner) removeCaller() {
	c := p.w.Caller
	if c == nil || !p.r.owns(ResourceCaller, c.ID) || p.r.origin(ResourceCaller) != Created {
		return
	}
	others := p.w.Others
	for _, e := range p.w.Extensions {
		if !p.takes(ResourceExtension, e.ID) {
			others++
		}
	}
	if others > 0 {
		p.note("the %s stays: %d other extensions of the tenant need it", ResourceCaller.title(), others)
		return
	}
	p.take(ResourceCaller, c.ID, c.DisplayName, pathPrincipals)
}

// takes says whether the plan takes the thing away.
func (p *planner) takes(of Resource, id string) bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Action == Delete && s.Resource == of && s.ID == id })
}

func (p *planner) take(of Resource, id, name, collection string) {
	p.add(Step{Action: Delete, Resource: of, ID: id, Name: name, path: collection + "/" + id})
}

// back adds the step that gives an adopted thing back.
func (p *planner) back(e *edit, of Resource, id, collection, odataType string) {
	if len(e.changes) == 0 {
		return
	}
	s := Step{Action: Update, Resource: of, ID: id, path: collection + "/" + id, body: e.body, Changes: e.changes, Why: "as it was before it was adopted"}
	if odataType != "" {
		e.body["@odata.type"] = odataType
	}
	if of == ResourceListener {
		s.Version = graph.Beta
	}
	p.add(s)
}

// changed says whether somebody changed a thing since we left it, and tells so. A thing that no run finished is as we made it.
func (p *planner) changed(of Resource, now map[string]string) bool {
	item := p.r.Items[of]
	if item == nil || item.After == nil {
		return false
	}
	if item.Before != nil && maps.Equal(now, item.Before.words()) {
		return false // it is back as it was already
	}
	for _, property := range slices.Sorted(maps.Keys(item.After)) {
		if now[property] != item.After[property] {
			p.left(of, item.ID, fmt.Sprintf("somebody changed its %s since, from %s to %s", property, item.After[property], now[property]))
			return true
		}
	}
	return false
}

func (p *planner) left(of Resource, id, why string) {
	p.Left = append(p.Left, fmt.Sprintf("the %s (%s) stays: %s", of.title(), id, why))
}

// words are the properties of what an adopted thing was.
func (b *Before) words() map[string]string {
	switch {
	case b.Application != nil:
		return b.Application.words()
	case b.Extension != nil:
		return b.Extension.words()
	case b.Listener != nil:
		return b.Listener.words()
	default:
		return nil
	}
}

// forget leaves out of the record what is not ours any more: what is gone, and what was given back.
func (r *Record) forget(w Wiring) {
	gone := map[Resource]bool{
		ResourceCaller: w.Caller == nil, ResourceApplication: w.Application == nil, ResourcePrincipal: w.Principal == nil,
		ResourceConsent:   w.Consent == nil,
		ResourceExtension: w.extension(r.id(ResourceExtension)) == nil, ResourceListener: w.listener(r.id(ResourceListener)) == nil,
	}
	for of, item := range r.Items {
		back := item.Origin == Adopted && (item.Before == nil || item.Before.words() == nil || maps.Equal(item.Before.words(), w.wordsOf(of)))
		if gone[of] || back {
			delete(r.Items, of)
		}
	}
	if r.Items[ResourceExtension] == nil {
		r.Off = nil
	}
	if r.Items[ResourceApplication] == nil { // what we added to an adopted one goes with it
		delete(r.Items, ResourcePrincipal)
		delete(r.Items, ResourceConsent)
	}
}
