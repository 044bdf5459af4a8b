package entra

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"byoe/entra/graph"
)

// Applier carries plans out.
type Applier struct {
	Client *graph.Client
	Record *Record
	// Pace is how long news is waited for; the zero value is [DefaultPace].
	Pace Pace
	// Tell is told each step as it begins, and each wait; nil for nobody.
	Tell func(line string)

	made map[string]bool // the references to what this run made
}

// newsTakes is how long a thing that we made may be unknown to some part of the directory.
const newsTakes = 5 * time.Minute

// Apply does what the plan says, in its order, then reads everything back and returns it. It leaves a record at every step: a
// run that was cut short, at whatever request, is finished by planning and applying once more, and nothing is made twice.
func (a *Applier) Apply(ctx context.Context, p Plan) (Wiring, error) {
	if p.begin != nil {
		p.begin(a.Record)
	}
	a.made = map[string]bool{}
	ids := known{}
	for ref, id := range p.known {
		ids[ref] = id
	}
	var run *Run
	if !p.Empty() {
		run = a.Record.run(p.Command, time.Now())
	}
	if err := a.Record.Save(); err != nil {
		return Wiring{}, err
	}
	for _, s := range p.Steps {
		a.tell(s.what())
		if err := a.step(ctx, p.want, ids, s); err != nil {
			return Wiring{}, failed("cannot "+s.what(), err)
		}
		s.ID = ids[refOf(s.Resource)]
		run.Steps = append(run.Steps, s)
		if err := a.Record.Save(); err != nil {
			return Wiring{}, err
		}
	}
	w, err := a.readBack(ctx, p)
	if err != nil {
		return w, err
	}
	if p.finish != nil {
		p.finish(a.Record, w)
	}
	a.settle(w)
	return w, a.Record.Save()
}

func (a *Applier) tell(line string) {
	if a.Tell != nil {
		a.Tell(line)
	}
}

func (a *Applier) step(ctx context.Context, want Want, ids known, s Step) error {
	path, _ := ids.fill(s.path).(string)
	switch s.Action {
	case Create:
		return a.create(ctx, want, ids, s, path)
	case Update:
		return a.patiently(ctx, a.isNews(s), func() error {
			if err := a.precheck(ctx, ids, s); err != nil {
				return err
			}
			return a.Client.Do(ctx, http.MethodPatch, s.Version, path, ids.fill(s.body), nil)
		})
	case Delete:
		err := a.Client.Do(ctx, http.MethodDelete, s.Version, path, nil, nil)
		if err != nil && !graph.IsNotFound(err) {
			return err
		}
		a.Record.gone(s.Resource)
		return nil
	default:
		return nil
	}
}

// create looks before it makes anything, and again where it cannot tell whether it did.
func (a *Applier) create(ctx context.Context, want Want, ids known, s Step, path string) error {
	item := a.Record.Items[s.Resource]
	sent := item != nil && !item.Sent.IsZero()
	var until time.Time
	if item != nil { // what an earlier run asked for, or even made, may be there and not show yet
		until = later(item.Sent, item.Made).Add(a.pace().Most)
	}
	found, err := a.await(ctx, until, want, ids, s.Resource)
	if err != nil {
		return err
	}
	if found != nil {
		if sent || s.Resource != ResourceCaller { // a caller that appeared by itself is not ours to take away
			a.own(s.Resource, found)
		}
		a.learn(ids, s.Resource, found)
		return nil
	}
	a.Record.sending(s.Resource, time.Now())
	if err := a.Record.Save(); err != nil {
		return err
	}
	var reply thing
	err = a.patiently(ctx, a.isNews(s), func() error {
		if err := a.precheck(ctx, ids, s); err != nil {
			return err
		}
		return a.Client.Do(ctx, http.MethodPost, s.Version, path, ids.fill(s.body), &reply)
	})
	found = &reply
	switch {
	case err == nil:
	case graph.OutcomeUnknown(err) || isThere(err):
		looked, lookErr := a.await(ctx, time.Now().Add(a.pace().Most), want, ids, s.Resource)
		if lookErr != nil || looked == nil {
			return errors.Join(err, lookErr, a.Record.Save())
		}
		found = looked
	default:
		a.Record.gone(s.Resource)
		return errors.Join(err, a.Record.Save())
	}
	a.own(s.Resource, found)
	a.learn(ids, s.Resource, found)
	return nil
}

// isThere says that Graph refuses to make a thing a second time; for a consent it says so with 400.
func isThere(err error) bool {
	e, ok := errors.AsType[*graph.Error](err)
	return ok && (e.Status == http.StatusConflict || strings.Contains(e.Message, "already exists on the object"))
}

func later(one, other time.Time) time.Time {
	if one.After(other) {
		return one
	}
	return other
}

// thing is what there is to know of whatever was made.
type thing struct {
	ID    string `json:"id"`
	AppID string `json:"appId"`
}

func (a *Applier) own(of Resource, t *thing) {
	a.Record.own(of, Created, t.ID, t.AppID).Made = time.Now().UTC().Truncate(time.Second)
}

func (a *Applier) learn(ids known, of Resource, t *thing) {
	ids[refOf(of)] = t.ID
	a.made[refOf(of)] = true
	if of == ResourceApplication {
		ids[refAppID] = t.AppID
		a.made[refAppID] = true
	}
}

// await looks for a thing until it is there or the time is up; once at least.
func (a *Applier) await(ctx context.Context, until time.Time, want Want, ids known, of Resource) (*thing, error) {
	wait := a.pace().start()
	for {
		found, err := a.look(ctx, want, ids, of)
		if err != nil || found != nil {
			return found, err
		}
		if !time.Now().Before(until) {
			return nil, nil //nolint:nilnil // it is not there, and that is an answer
		}
		a.tell("looking whether an earlier request made the " + of.title())
		if err := wait.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// look finds what a step would make, where it is there already.
func (a *Applier) look(ctx context.Context, want Want, ids known, of Resource) (*thing, error) {
	switch of {
	case ResourceCaller:
		return a.lookPrincipal(ctx, want.CallerAppID)
	case ResourcePrincipal:
		return a.lookPrincipal(ctx, ids[refAppID])
	case ResourceApplication:
		marked, err := markedApplications(ctx, a.Client, want.Name)
		if err != nil || len(marked) == 0 {
			return nil, err
		}
		return &thing{marked[0].ID, marked[0].AppID}, nil
	case ResourceConsent:
		consent, err := findConsent(ctx, a.Client, ids[refPrincipal], ids[refGraph])
		if err != nil || consent == nil {
			return nil, err
		}
		return &thing{ID: consent.ID}, nil
	case ResourceExtension:
		list, err := graph.All[Extension](ctx, a.Client, graph.V1, pathExtensions)
		for _, e := range list {
			if e.isOurs() && e.marked() && e.DisplayName == want.Name && strings.EqualFold(e.appID(), ids[refAppID]) {
				return &thing{ID: e.ID}, err
			}
		}
		return nil, err
	case ResourceListener:
		list, err := graph.All[Listener](ctx, a.Client, graph.Beta, pathListeners)
		for _, l := range list {
			if sameType(l.Type, typeListener) && strings.EqualFold(l.Handler.Extension.ID, ids[refExtension]) {
				return &thing{ID: l.ID}, err
			}
		}
		return nil, err
	default:
		return nil, nil //nolint:nilnil // nothing else is made
	}
}

func (a *Applier) lookPrincipal(ctx context.Context, appID string) (*thing, error) {
	principal, err := findPrincipal(ctx, a.Client, appID)
	if err != nil || principal == nil {
		return nil, err
	}
	return &thing{principal.ID, principal.AppID}, nil
}

// precheck asks Graph about an extension's new addresses before they count: a sign-in would be the first to find a mistake.
func (a *Applier) precheck(ctx context.Context, ids known, s Step) error {
	if s.Resource != ResourceExtension || s.body["endpointConfiguration"] == nil || s.body["authenticationConfiguration"] == nil {
		return nil
	}
	body := map[string]any{
		"endpointConfiguration": ids.fill(s.body["endpointConfiguration"]), "authenticationConfiguration": ids.fill(s.body["authenticationConfiguration"]),
	}
	var v Validation
	if err := a.Client.Ask(ctx, graph.V1, pathExtensions+"/validateAuthenticationConfiguration", body, &v); err != nil {
		return err
	}
	if len(v.Errors) > 0 {
		return &refusal{v.Errors}
	}
	return nil
}

// refusal is what Graph finds wrong with an extension's configuration.
type refusal struct{ complaints []Complaint }

// Error implements error.
func (r *refusal) Error() string {
	lines := make([]string, len(r.complaints))
	for i, c := range r.complaints {
		lines[i] = c.Code + ": " + c.Message
	}
	return "Graph's validation says " + strings.Join(lines, "; ")
}

// isNews says whether a step builds on something that was made a moment ago, of which a part of the directory may not know.
func (a *Applier) isNews(s Step) bool {
	for ref := range a.made {
		if strings.Contains(s.path, ref) || holds(s.body, ref) {
			return true
		}
	}
	for of, item := range a.Record.Items {
		if time.Since(item.Made) < newsTakes && (strings.Contains(s.path, refOf(of)) || holds(s.body, item.ID)) {
			return true
		}
	}
	return false
}

// holds says whether a text is in a body, at whatever depth.
func holds(value any, text string) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(v, text)
	case []string:
		return strings.Contains(strings.Join(v, " "), text)
	case map[string]any:
		for _, one := range v {
			if holds(one, text) {
				return true
			}
		}
	case []any:
		for _, one := range v {
			if holds(one, text) {
				return true
			}
		}
	}
	return false
}

// readBack reads until the tenant is as planned: until then some answers are of before.
func (a *Applier) readBack(ctx context.Context, p Plan) (Wiring, error) {
	a.tell("reading everything back")
	wait := a.pace().start()
	for {
		sought := a.Record.Sought(p.want)
		sought.Brief = p.brief
		w, err := Inspect(ctx, a.Client, sought)
		if err != nil {
			return w, err
		}
		differs := a.differs(p, w)
		if differs == nil {
			return w, nil
		}
		if wait.over() {
			return w, differs
		}
		if err := wait.pause(ctx); err != nil {
			return w, failed("cannot read everything back", err)
		}
	}
}

// differs says what is not yet as it was planned.
func (a *Applier) differs(p Plan, w Wiring) error {
	again, err := p.replan(w, a.Record)
	if err != nil {
		return err
	}
	if !again.Empty() {
		s := again.Steps[0]
		what := s.what()
		if len(s.Changes) > 0 {
			what += ", " + s.Changes[0].line()
		}
		return &Failure{
			What:   "the tenant does not read back as planned; there would still be to do: " + what,
			Remedy: "Wait some minutes and run the same command again. If it stays so, somebody else changes the same things",
		}
	}
	if complaints := w.Validation.all(); p.validates && len(complaints) > 0 {
		return &Failure{What: "all is made", Err: &refusal{complaints}, Remedy: "Wait some minutes and run byoe setup plan; byoe doctor tells what each code means"}
	}
	return nil
}

// settle notes what we left, so that a later run sees what somebody else changed.
func (a *Applier) settle(w Wiring) {
	for of, item := range a.Record.Items {
		if after := w.wordsOf(of); after != nil {
			item.After = after
		}
	}
}
