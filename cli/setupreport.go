package cli

import (
	"fmt"
	"strings"

	"byoe/entra"
)

// setupReport is what a setup command tells in the end, as text or JSON.
type setupReport struct {
	Tenant   string          `json:"tenant"`
	Name     string          `json:"tenantName,omitempty"`
	Plan     entra.Plan      `json:"plan"`
	Applied  bool            `json:"applied"`
	Record   string          `json:"record"`
	Settings []entra.Setting `json:"settings,omitempty"`
	// Changed are the settings that were changed on the Function App.
	Changed []string `json:"settingsChanged,omitempty"`
	Next    []string `json:"next,omitempty"`

	session *session
}

func (s *session) report(plan entra.Plan) *setupReport {
	return &setupReport{Tenant: s.ID, Name: s.DisplayName, Plan: plan, Record: s.record.Path(), session: s}
}

func (r *setupReport) next(what string) { r.Next = append(r.Next, what) }

// write prints it. What was carried out has been shown before.
func (r *setupReport) write() error {
	if r.session.flags.JSON {
		return writeJSON(r.session.p, r)
	}
	var b strings.Builder
	switch {
	case !r.Applied:
		b.WriteString(r.Plan.String())
	case r.Plan.Empty():
		b.WriteString("Everything is as it is to be, and was read back so.\n")
	default:
		b.WriteString("Done, and read back. The record is " + r.Record + ": keep it, byoe setup remove goes by it.\n")
	}
	if len(r.Settings) > 0 {
		b.WriteString("\nThe webhook's settings:\n\n")
		for _, s := range r.Settings {
			fmt.Fprintf(&b, "  %s=%s\n", s.Name, s.Value)
		}
	}
	if len(r.Changed) > 0 {
		b.WriteString("\nSet on the Function App, which restarts: " + joinWords(r.Changed) + "\n")
	}
	if len(r.Next) > 0 {
		b.WriteString("\nNext:\n")
		for _, next := range r.Next {
			b.WriteString("  " + next + "\n")
		}
	}
	_, err := fmt.Fprint(r.session.p.stdout, b.String())
	return err
}
