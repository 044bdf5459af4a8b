package entra

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"byoe/entra/graph"
)

// PlanApply plans what makes the tenant as it is wanted. It changes only what is ours, by the record or by its mark: what
// somebody else made is a reason to refuse, and [PlanAdopt] takes it over.
func PlanApply(w Wiring, want Want, r *Record) (Plan, error) {
	p := newPlanner("apply", w, want, r)
	if err := p.set(); err != nil {
		return Plan{}, err
	}
	p.validates = true
	p.begin = func(r *Record) { r.recognise(w, want) }
	p.replan = func(w Wiring, r *Record) (Plan, error) { return PlanApply(w, want, r) }
	return p.Plan, nil
}

// set plans the whole wiring. The order is that of dependence; and where codes are already sent through the extension, all
// that its next state needs is there before it is changed, in one request, and what only its last state needed goes after.
func (p *planner) set() error {
	if err := admit(p.w, p.want); err != nil {
		return err
	}
	if err := p.foreign(); err != nil {
		return err
	}
	if p.w.Graph == nil {
		return &Failure{What: "the tenant has no service principal of Microsoft Graph (error 1003022)", Remedy: "Every tenant is born with one: ask Microsoft's support, or restore it among the deleted ones"}
	}
	p.caller()
	p.application()
	p.principal()
	p.consent()
	p.extension()
	p.tidy()
	if err := p.listener(); err != nil {
		return err
	}
	p.told()
	return nil
}

// foreign refuses to touch an extension that somebody else made.
func (p *planner) foreign() error {
	e := p.w.Extension
	if e == nil || p.ours(ResourceExtension, e.ID, e.marked() && e.DisplayName == p.want.Name) {
		return nil
	}
	return &Failure{
		What:   fmt.Sprintf("the extension %q (%s) calls %s already and was not made by byoe setup", e.DisplayName, e.ID, WithoutQuery(e.Endpoint.URL)),
		Remedy: "Take it over with byoe setup adopt --extension " + e.ID,
	}
}

// caller makes the service principal as which Entra calls. It comes first: without it Graph refuses the extension with
// AADB2C90063, and a sign-in fails with 1003017.
func (p *planner) caller() {
	if p.w.Caller == nil {
		p.add(Step{
			Action: Create, Resource: ResourceCaller, path: pathPrincipals, body: map[string]any{"appId": p.want.CallerAppID},
			Changes: []Change{{"appId", "", p.want.CallerAppID}},
			Why:     "Entra calls as this application; without it Graph answers " + codeB2C,
		})
		return
	}
	p.enable(ResourceCaller, p.w.Caller, "error 1003018")
}

func (p *planner) enable(of Resource, principal *Principal, why string) {
	if !principal.Disabled() {
		return
	}
	p.add(Step{
		Action: Update, Resource: of, ID: principal.ID, Name: principal.DisplayName, path: pathPrincipals + "/" + refOf(of),
		body: map[string]any{"accountEnabled": true}, Changes: []Change{{propEnabled, "false", "true"}}, Why: why,
	})
}

// uri is the App ID URI that is wanted.
func (p *planner) uri() string {
	if p.w.Application != nil {
		return identifierURI(p.want.host(), p.w.Application.AppID)
	}
	return identifierURI(p.want.host(), refAppID)
}

// application makes or mends the app registration. Its URI holds its client id, which is not known before it is made: so the
// URI is a request of its own.
func (p *planner) application() {
	a := p.w.Application
	version := 2
	if a == nil {
		p.add(Step{
			Action: Create, Resource: ResourceApplication, Name: p.want.Name, path: pathApplications,
			body: map[string]any{
				"displayName": p.want.Name, "signInAudience": "AzureADMyOrg", "tags": []string{markTag},
				"api": map[string]any{"requestedAccessTokenVersion": version}, "requiredResourceAccess": []any{receiveAccess(nil)},
			},
			Changes: []Change{{propVersion, "", "2"}, {propRequired, "", wordReceive}},
			Why:     "the webhook takes only tokens that are made for it",
		})
		a = &Application{API: API{TokenVersion: &version}, Required: []ResourceAccess{{graphAppID, []Permission{{receivePayload, "Role"}}}}}
	}
	e := p.edit()
	if !a.hasURI(p.uri()) {
		uris := append(slices.Clone(a.IdentifierURIs), p.uri())
		e.set(propURIs, strings.Join(a.IdentifierURIs, ", "), strings.Join(uris, ", "), "identifierUris", uris)
	}
	if !a.asksToReceive() {
		e.set(propRequired, "without Receive.Payload", wordReceive, "requiredResourceAccess", withReceive(a.Required))
	}
	if !p.moves() {
		p.tokenVersion(e, a)
	}
	p.update(e, ResourceApplication, p.want.Name, pathApplications)
}

// tokenVersion wants v2 tokens. While the extension still calls another endpoint, which may know v1 tokens only, that waits
// until after the move.
func (p *planner) tokenVersion(e *edit, a *Application) {
	e.set(propVersion, strconv.Itoa(a.tokenVersion()), "2", "api", map[string]any{"requestedAccessTokenVersion": 2})
}

// moves says whether the extension calls somewhere else now.
func (p *planner) moves() bool {
	return p.w.Extension != nil && p.w.Extension.Endpoint.URL != p.want.Endpoint
}

func (p *planner) edit() *edit { return &edit{body: map[string]any{}} }

// update adds the step that makes the edit, if there is anything in it.
func (p *planner) update(e *edit, of Resource, name, collection string) {
	if len(e.changes) == 0 {
		return
	}
	p.add(Step{
		Action: Update, Resource: of, ID: p.known[refOf(of)], Name: name, path: collection + "/" + refOf(of),
		body: e.body, Changes: e.changes,
	})
}

// receiveAccess is the entry of Graph in requiredResourceAccess, with what else the application asks of Graph.
func receiveAccess(others []Permission) map[string]any {
	access := []any{map[string]any{"id": receivePayload, "type": "Role"}}
	for _, p := range others {
		access = append(access, map[string]any{"id": p.ID, "type": p.Type})
	}
	return map[string]any{"resourceAppId": graphAppID, "resourceAccess": access}
}

// withReceive is the whole list with Receive.Payload in it: Graph replaces it whole.
func withReceive(have []ResourceAccess) []any {
	var list []any
	var ofGraph []Permission
	for _, r := range have {
		if strings.EqualFold(r.ResourceAppID, graphAppID) {
			ofGraph = append(ofGraph, r.Access...)
			continue
		}
		var access []any
		for _, p := range r.Access {
			access = append(access, map[string]any{"id": p.ID, "type": p.Type})
		}
		list = append(list, map[string]any{"resourceAppId": r.ResourceAppID, "resourceAccess": access})
	}
	return append(list, receiveAccess(ofGraph))
}

func (p *planner) principal() {
	if p.w.Principal != nil {
		p.enable(ResourcePrincipal, p.w.Principal, "error 1003019")
		return
	}
	p.add(Step{
		Action: Create, Resource: ResourcePrincipal, Name: p.want.Name, path: pathPrincipals, body: map[string]any{"appId": refAppID},
		Why: "without it Entra makes no token for the webhook (1003016)",
	})
}

func (p *planner) consent() {
	if p.w.Consent != nil {
		return
	}
	p.add(Step{
		Action: Create, Resource: ResourceConsent, path: pathPrincipals + "/" + refPrincipal + "/appRoleAssignments",
		body: map[string]any{"principalId": refPrincipal, "resourceId": refGraph, "appRoleId": receivePayload},
		Why:  "an administrator's consent; without it Entra sends nothing (1003021)",
	})
}

func (p *planner) extension() {
	e := p.edit()
	have := p.w.Extension
	endpoint := map[string]any{"@odata.type": typeEndpoint, "targetUrl": p.want.Endpoint}
	authentication := map[string]any{"@odata.type": typeAuthenticate, "resourceId": p.uri()}
	policy := map[string]any{"timeoutInMilliseconds": p.want.Timeout, "maximumRetries": p.want.Retries}
	before := map[string]string{}
	if have != nil {
		before = have.words()
	}
	e.set(propTarget, before[propTarget], WithoutQuery(p.want.Endpoint), "endpointConfiguration", endpoint)
	if have != nil && len(e.changes) == 0 && p.moves() {
		e.note(propTarget, before[propTarget], WithoutQuery(p.want.Endpoint)+", with another query")
		e.body["endpointConfiguration"] = endpoint
	}
	e.set(propResource, before[propResource], p.uri(), "authenticationConfiguration", authentication)
	e.set(propTimeout, before[propTimeout], strconv.Itoa(p.want.Timeout), "clientConfiguration", policy)
	e.set(propRetries, before[propRetries], strconv.Itoa(p.want.Retries), "clientConfiguration", policy)
	p.onError(e, before[propOnError])
	if have == nil {
		e.body["displayName"], e.body["description"] = p.want.Name, markDescription
		e.body["@odata.type"] = typeExtension
		p.add(Step{
			Action: Create, Resource: ResourceExtension, Name: p.want.Name, path: pathExtensions, body: e.body, Changes: e.changes,
		})
		return
	}
	if e.body["endpointConfiguration"] != nil || e.body["authenticationConfiguration"] != nil {
		// Both in one request, always: between two of them their hosts would differ, and every sign-in fail with 1003015.
		e.body["endpointConfiguration"], e.body["authenticationConfiguration"] = endpoint, authentication
	}
	e.body["@odata.type"] = typeExtension
	p.update(e, ResourceExtension, have.DisplayName, pathExtensions)
}

// onError sets the fallback on the extension. That is where it holds: a listener has a place for it too, whose values go
// first, but where that one is empty the extension's count (Graph's description of the handler's configuration).
func (p *planner) onError(e *edit, before string) {
	if p.want.Fallback {
		e.set(propOnError, before, wordFallback, "behaviorOnError", map[string]any{"@odata.type": typeFallback})
		return
	}
	if before == "" { // a new one needs nothing said
		e.note(propOnError, "", wordError)
		return
	}
	e.set(propOnError, before, wordError, "behaviorOnError", nil)
}

// tidy does what had to wait for a move: v2 tokens, and taking away the URIs of an earlier host. Those of an application that
// was adopted stay: they are the way back.
func (p *planner) tidy() {
	a := p.w.Application
	if a == nil {
		return
	}
	e := p.edit()
	if p.moves() {
		p.tokenVersion(e, a)
	}
	then := a.IdentifierURIs // what they are once the application is mended
	if !a.hasURI(p.uri()) {
		then = append(slices.Clone(then), p.uri())
	}
	kept := slices.DeleteFunc(slices.Clone(then), func(uri string) bool { return p.stale(a, uri) })
	e.set(propURIs, strings.Join(then, ", "), strings.Join(kept, ", "), "identifierUris", kept)
	p.update(e, ResourceApplication, a.DisplayName, pathApplications)
}

// stale says whether a URI is of an earlier host of ours and nobody's any more.
func (p *planner) stale(a *Application, uri string) bool {
	host, appID, ok := splitURI(uri)
	if !ok || !a.marked() || p.adopting || !strings.EqualFold(appID, a.AppID) || host == p.want.host() {
		return false
	}
	return !slices.ContainsFunc(p.w.Extensions, func(e Extension) bool {
		return (p.w.Extension == nil || e.ID != p.w.Extension.ID) && strings.EqualFold(e.Authentication.ResourceID, uri)
	})
}

// listener makes Entra call the extension, unless it is off.
func (p *planner) listener() error {
	l := p.wantedListener()
	if p.w.Listener == nil {
		if p.r.Off != nil || p.want.Detached {
			p.off(l)
			return nil
		}
		if !l.Conditions.Applications.All && len(l.apps()) == 0 {
			return &Failure{
				What:   "which applications' codes go to the webhook was not said",
				Remedy: "Give their client ids with --app, or --all-apps; or --prepare to make everything ready and none go",
			}
		}
		if err := p.conflict(l); err != nil {
			return err
		}
		p.add(p.makeListener(l))
		return nil
	}
	if err := p.conflict(l); err != nil {
		return err
	}
	p.changeListener(l)
	return nil
}

// off keeps what the listener is to be for byoe setup on.
func (p *planner) off(l *Listener) {
	p.note("codes go on being sent by Microsoft; byoe setup on has Entra call the webhook")
	p.finish = func(r *Record, w Wiring) {
		if r.Off == nil || l.Conditions.Applications.All || len(l.apps()) > 0 {
			l.Handler.Extension.ID = w.Extension.ID
			r.Off = l
		}
	}
}

// wantedListener is what there is with what is wanted in it.
func (p *planner) wantedListener() *Listener {
	l := &Listener{Type: typeListener}
	switch {
	case p.w.Listener != nil:
		copied := *p.w.Listener
		l = &copied
	case p.r.Off != nil:
		copied := *p.r.Off
		l = &copied
		l.ID = ""
	}
	if p.want.All || len(p.want.Apps) > 0 {
		l.Conditions.Applications = AppConditions{All: p.want.All}
		for _, id := range p.want.apps() {
			l.Conditions.Applications.Apps = append(l.Conditions.Applications.Apps, App{AppID: id})
		}
	}
	if p.want.Priority != nil {
		l.Priority = p.want.Priority
	}
	l.Handler.Extension.ID = refExtension
	if p.w.Extension != nil {
		l.Handler.Extension.ID = p.w.Extension.ID
	}
	return l
}

// conflict refuses a second listener for an application whose codes already go elsewhere, unless the priority says which of
// them counts.
func (p *planner) conflict(l *Listener) error {
	for _, other := range p.w.Listeners {
		if other.ID == l.ID || p.w.Extension != nil && other.Handler.Extension.ID == p.w.Extension.ID {
			continue
		}
		if !other.overlaps(l.Conditions.Applications.All, l.apps()) {
			continue
		}
		if l.Priority != nil && other.Priority != nil && *l.Priority != *other.Priority {
			p.note("the listener %s has some of the same applications, with priority %d against our %d", other.ID, *other.Priority, *l.Priority)
			continue
		}
		return &Failure{
			What: fmt.Sprintf("the listener %s sends codes of the same applications (%s) to another extension, %s",
				other.ID, other.words()[propApps], other.Handler.Extension.ID),
			Remedy: "Take that over with byoe setup adopt --extension " + other.Handler.Extension.ID +
				", give other applications, or give a --priority above its " + words(other.Priority),
		}
	}
	return nil
}

// makeListener is the request for a new listener. v1.0 knows chosen applications only.
func (p *planner) makeListener(l *Listener) Step {
	s := Step{
		Action: Create, Resource: ResourceListener, path: pathListeners, Version: graph.V1,
		Changes: []Change{{propApps, "", l.words()[propApps]}}, Why: "from then on Entra calls the webhook",
	}
	if l.Conditions.Applications.All || l.Priority != nil {
		s.Version = graph.Beta
	}
	s.body = map[string]any{"@odata.type": typeListener, "conditions": conditions(l, s.Version), "handler": handler(l)}
	if l.Priority != nil {
		s.body["priority"] = *l.Priority
		s.Changes = append(s.Changes, Change{propPriority, "", words(l.Priority)})
	}
	return s
}

// conditions are the listener's as that version of Graph takes them.
func conditions(l *Listener, v graph.Version) map[string]any {
	list := []any{}
	for _, id := range l.apps() {
		list = append(list, map[string]any{"appId": id})
	}
	apps := map[string]any{"includeApplications": list}
	if v == graph.Beta {
		apps["includeAllApplications"] = l.Conditions.Applications.All
	}
	return map[string]any{"applications": apps}
}

func handler(l *Listener) map[string]any {
	h := map[string]any{"@odata.type": typeHandler, "customExtension": map[string]any{"id": l.Handler.Extension.ID}}
	if o := l.Handler.Overrides; o != nil && (o.OnError != nil || o.Client != nil) {
		configuration := map[string]any{}
		if o.OnError != nil {
			configuration["behaviorOnError"] = map[string]any{"@odata.type": o.OnError.Type}
		}
		if o.Client != nil {
			configuration["clientConfiguration"] = o.Client
		}
		h["configuration"] = configuration
	}
	return h
}

// changeListener mends the listener that is there. What it overrides is made to say the same as the extension.
func (p *planner) changeListener(l *Listener) {
	have := p.w.Listener
	e := p.edit()
	before, after := have.words(), l.words()
	version := graph.V1
	if have.Conditions.Applications.All || l.Conditions.Applications.All {
		version = graph.Beta
	}
	if p.want.Priority != nil && words(have.Priority) != words(p.want.Priority) {
		version = graph.Beta
		e.set(propPriority, before[propPriority], words(p.want.Priority), "priority", *p.want.Priority)
	}
	e.set(propApps, before[propApps], after[propApps], "conditions", conditions(l, version))
	if p.overridesDiffer(have.Handler.Overrides) {
		l.Handler.Overrides = p.overrides()
		e.set(propOverrides, before[propOverrides], l.Handler.Overrides.words(), "handler", p.handlerWithOverrides(l))
	}
	e.set(propExtension, before[propExtension], after[propExtension], "handler", p.handlerOf(l))
	if len(e.changes) == 0 {
		return
	}
	e.body["@odata.type"] = typeListener
	p.add(Step{
		Action: Update, Resource: ResourceListener, ID: have.ID, Version: version, path: pathListeners + "/" + refListener,
		body: e.body, Changes: e.changes,
	})
}

// overridesDiffer says whether a listener's own values contradict what is wanted.
func (p *planner) overridesDiffer(o *Overrides) bool {
	if o == nil {
		return false
	}
	if o.OnError != nil && o.OnError.fallsBack() != p.want.Fallback {
		return true
	}
	c := o.Client
	return c != nil && (c.Timeout != nil && *c.Timeout != p.want.Timeout || c.Retries != nil && *c.Retries != p.want.Retries)
}

// overrides are a listener's own values that say what is wanted.
func (p *planner) overrides() *Overrides {
	o := &Overrides{Client: &CallPolicy{Timeout: &p.want.Timeout, Retries: &p.want.Retries}}
	if p.want.Fallback {
		o.OnError = &OnError{Type: typeFallback}
	}
	return o
}

func (p *planner) handlerOf(l *Listener) map[string]any {
	if l.Handler.Overrides == nil {
		return handler(l)
	}
	return p.handlerWithOverrides(l)
}

// handlerWithOverrides says everything out loud: what is left out of a PATCH stays as it was.
func (p *planner) handlerWithOverrides(l *Listener) map[string]any {
	h := handler(l)
	configuration := map[string]any{"behaviorOnError": nil, "clientConfiguration": nil}
	if o := l.Handler.Overrides; o.OnError != nil {
		configuration["behaviorOnError"] = map[string]any{"@odata.type": typeFallback}
	}
	if c := l.Handler.Overrides.Client; c != nil {
		configuration["clientConfiguration"] = c
	}
	h["configuration"] = configuration
	return h
}

// told says what a person should know beside.
func (p *planner) told() {
	if slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Version == graph.Beta }) {
		p.note("steps marked [beta] go to Graph's beta: v1.0 has neither \"all applications\" nor the priority of a listener")
	}
	if p.r.Fresh() && !p.adopting {
		for _, of := range []Resource{ResourceApplication, ResourceExtension, ResourceListener} {
			if how, found := p.w.Found[of]; found && how != ByRecord {
				p.note("there is no record in %s; the %s was found %s", p.r.Path(), of.title(), how)
			}
		}
	}
	if len(p.w.Twins) > 0 {
		p.note("there are further app registrations of the same name and mark, which nothing uses: %s", strings.Join(p.w.Twins, ", "))
	}
	if !p.want.Fallback {
		p.note("fallback is off: where the webhook fails, the person gets no code at all")
	}
}
