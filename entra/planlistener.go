package entra

import (
	"fmt"

	"byoe/entra/graph"
)

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
	p.finish = func(r *Record, _ Wiring) { r.Off = nil } // it is on, whatever the record says
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
