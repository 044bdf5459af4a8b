package entra

import (
	"fmt"
	"strings"

	"byoe/entra/graph"
)

// Plan is what a command is going to change: each step is one request.
type Plan struct {
	Command string `json:"command"`
	Tenant  string `json:"tenant"`
	Steps   []Step `json:"steps"`
	// Notes are what a person should know beside.
	Notes []string `json:"notes,omitempty"`
	// Left is what [PlanRemove] has to leave, and why.
	Left []string `json:"left,omitempty"`

	want  Want
	known known
	// begin changes the record before the first request, finish after everything was read back.
	begin  func(r *Record)
	finish func(r *Record, w Wiring)
	// replan plans the same again: after the steps there must be none left.
	replan func(w Wiring, r *Record) (Plan, error)
	// validates says that Graph has to find nothing wrong with the extension in the end.
	validates bool
	// brief reads back no more than [Sought] says.
	brief bool
}

// Empty says that everything is as it is to be.
func (p Plan) Empty() bool { return len(p.Steps) == 0 }

// String is the plan for people: a step a paragraph, a change a line.
func (p Plan) String() string {
	var b strings.Builder
	if p.Empty() {
		b.WriteString("Nothing to change.\n")
	}
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%s %s\n", map[Action]string{Create: "+", Update: "~", Delete: "-"}[s.Action], s.headline())
		for _, c := range s.Changes {
			b.WriteString("    " + c.line() + "\n")
		}
	}
	for _, left := range p.Left {
		b.WriteString("= " + left + "\n")
	}
	for _, note := range p.Notes {
		b.WriteString("! " + note + "\n")
	}
	return b.String()
}

func (s Step) headline() string {
	text := s.what()
	if s.ID != "" {
		text += " (" + s.ID + ")"
	}
	if s.Version == graph.Beta {
		text += " [beta]"
	}
	if s.Why != "" {
		text += ": " + s.Why
	}
	return text
}

func (c Change) line() string {
	switch {
	case c.Before == "":
		return c.Property + ": " + c.After
	case c.After == "":
		return c.Property + ": " + c.Before + " -> none"
	default:
		return c.Property + ": " + c.Before + " -> " + c.After
	}
}

// planner makes one plan.
type planner struct {
	Plan

	w    Wiring
	want Want
	r    *Record
	// adopting takes what was found as ours.
	adopting bool
}

func newPlanner(command string, w Wiring, want Want, r *Record) *planner {
	return &planner{
		Plan: Plan{Command: command, Tenant: w.Tenant.ID, Steps: []Step{}, want: want, known: knownOf(w)},
		w:    w, want: want, r: r,
	}
}

func (p *planner) add(s Step) {
	if s.Version == "" {
		s.Version = graph.V1
	}
	p.Steps = append(p.Steps, s)
}

func (p *planner) note(format string, args ...any) {
	p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
}

// ours says whether the thing of that kind may be changed.
func (p *planner) ours(of Resource, id string, marked bool) bool {
	return p.adopting || marked || p.r.owns(of, id)
}

// admit refuses a tenant in which nothing may or need be done.
func admit(w Wiring, want Want) error {
	switch {
	case !strings.EqualFold(w.Tenant.ID, want.TenantID):
		return &Failure{
			What:   fmt.Sprintf("signed in to the directory %s (%s), not to --tenant %s: nothing was changed", w.Tenant.ID, w.Tenant.DisplayName, want.TenantID),
			Remedy: "Sign in to the external tenant, where the users are; the Function App's subscription normally is in another directory",
		}
	case w.Cloud == graph.USGovernment().Name:
		return &Failure{
			What:   "the EmailOtpSend event does not exist in the cloud " + w.Cloud,
			Remedy: "It exists in the public cloud only",
		}
	case !w.Tenant.IsExternal():
		return &Failure{
			What:   fmt.Sprintf("%s (%s) is %s: the EmailOtpSend event does not fire there", w.Tenant.DisplayName, w.Tenant.ID, kindOf(w.Tenant)),
			Remedy: "Give the external tenant's id with --tenant. For guests of a workforce tenant see byoe guests",
		}
	default:
		return nil
	}
}

func kindOf(d graph.Directory) string {
	switch d.Type {
	case "", "AAD":
		return "a workforce tenant"
	case "CIAM":
		return "an external tenant"
	default:
		return "a tenant of type " + d.Type
	}
}
