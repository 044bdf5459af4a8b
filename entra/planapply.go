package entra

import (
	"fmt"
	"slices"
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
