package cli

import (
	"errors"
	"fmt"

	"byoe/entra"
)

type setupPlan struct {
	setupFlags
	wantFlags
}

// Run prints the plan.
func (c setupPlan) Run(p *program) error {
	want, _, err := c.wanted(p, c.setupFlags)
	if err != nil {
		return err
	}
	s, err := c.start(p, "plan", want)
	if err != nil {
		return err
	}
	return s.showPlan()
}

func (s *session) showPlan() error {
	plan, err := s.plan(entra.PlanApply, s.record.Sought(s.want))
	if err != nil {
		return err
	}
	r := s.report(plan)
	if !plan.Empty() {
		r.next("byoe setup apply with the same flags does it")
	}
	return r.write()
}

type setupApply struct {
	setupFlags
	wantFlags
}

// Run plans, shows, applies, and gives the webhook its settings or tells them.
func (c setupApply) Run(p *program) error {
	want, app, err := c.wanted(p, c.setupFlags)
	if err != nil {
		return err
	}
	s, err := c.start(p, "apply", want)
	if err != nil {
		return err
	}
	return s.doApply(app)
}

// wanted is what the flags say, with the Function App's own host name where no other is given.
func (f wantFlags) wanted(p *program, s setupFlags) (entra.Want, *functionApp, error) {
	app, err := f.openApp(p, s.Cloud)
	if err != nil {
		return entra.Want{}, nil, err
	}
	want, err := f.wantedFor(p, s, app)
	return want, app, err
}

func (f wantFlags) wantedFor(p *program, s setupFlags, app *functionApp) (entra.Want, error) {
	if app != nil && f.Host == "" && f.Endpoint == "" {
		host, err := app.host(p)
		if err != nil {
			return entra.Want{}, err
		}
		f.Host = host
	}
	want := s.want()
	f.addTo(&want)
	return want, validate(want, true)
}

func (s *session) doApply(app *functionApp) error {
	return s.carryOut(entra.PlanApply, s.record.Sought(s.want), app)
}

// carryOut plans, applies, and sets or tells the webhook's settings.
func (s *session) carryOut(planning planner, sought entra.Sought, app *functionApp) error {
	plan, err := s.plan(planning, sought)
	if err != nil {
		return err
	}
	if err := s.announce(plan); err != nil {
		return err
	}
	w, err := s.apply(plan)
	if err != nil {
		return err
	}
	r := s.report(plan)
	r.Applied = true
	r.Settings = entra.Settings(w)
	var unset error
	if app == nil {
		r.next("Set these on the Function App: byoe setup apply --function-app RESOURCE-ID --app-tenant GUID does it, or the portal")
	} else {
		r.Changed, unset = app.set(s.p, r.Settings)
	}
	r.next("Deploy the webhook, then run byoe doctor")
	if s.record.Off != nil {
		r.next("byoe setup on has Entra call the webhook; until then Microsoft sends the codes")
	}
	return errors.Join(r.write(), unset) // the settings are told in any case: the tenant is ready for them
}

// announce prints a plan before it is carried out, where people read along.
func (s *session) announce(plan entra.Plan) error {
	if s.flags.JSON {
		return nil
	}
	_, err := fmt.Fprintf(s.p.stdout, "%s\n", plan)
	return err
}
