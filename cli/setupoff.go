package cli

import (
	"byoe/entra"
)

type setupOff struct {
	setupFlags

	Extension string `help:"Id of the extension whose listeners are deleted, where it is not byoe setup's." placeholder:"GUID"`
}

// Run deletes the listener.
func (c setupOff) Run(p *program) error {
	want := c.want()
	if err := validate(want, false); err != nil {
		return err
	}
	s, err := c.start(p, "off", want)
	if err != nil {
		return err
	}
	return s.off(c.Extension)
}

func (s *session) off(extension string) error {
	sought := s.record.Sought(s.want)
	sought.Brief = true
	if extension != "" {
		sought.ExtensionID, sought.ListenerID = extension, ""
	}
	return s.toggle(entra.PlanOff, sought, "byoe setup on has Entra call the webhook again")
}

type setupOn struct {
	setupFlags
	appsFlags
}

// Run makes the listener again.
func (c setupOn) Run(p *program) error {
	want := c.want()
	c.addTo(&want)
	if err := validate(want, false); err != nil {
		return err
	}
	s, err := c.start(p, "on", want)
	if err != nil {
		return err
	}
	return s.on()
}

func (s *session) on() error {
	return s.toggle(entra.PlanOn, s.record.Sought(s.want), "byoe setup off hands the codes back to Microsoft")
}

func (s *session) toggle(planning planner, sought entra.Sought, next string) error {
	plan, err := s.plan(planning, sought)
	if err != nil {
		return err
	}
	if err := s.announce(plan); err != nil {
		return err
	}
	if _, err := s.apply(plan); err != nil {
		return err
	}
	r := s.report(plan)
	r.Applied = true
	r.next(next)
	return r.write()
}
