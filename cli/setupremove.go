package cli

import (
	"errors"

	"byoe/entra"
)

type setupRemove struct {
	setupFlags

	Endpoint string `help:"The URL that an adopted extension called before, where it had a key in it." placeholder:"URL"`
	Yes      bool   `help:"Do it; without this it is shown and nothing is changed."`
}

// Run takes away what setup made.
func (c setupRemove) Run(p *program) error {
	want := c.want()
	want.Endpoint = c.Endpoint
	if err := validate(want, false); err != nil {
		return err
	}
	s, err := c.start(p, "remove", want)
	if err != nil {
		return err
	}
	return s.takeAway(c.Yes, "The Function App and its settings are as they were: they are yours to delete")
}

// errLeft says that something of ours is still there; what and why was printed.
var errLeft = errors.New("not everything could be taken away: see what stays, and why")

func (s *session) takeAway(yes bool, next string) error {
	plan, err := s.plan(entra.PlanRemove, s.record.Sought(s.want))
	if err != nil {
		return err
	}
	if !yes {
		if err := s.report(plan).write(); err != nil || plan.Empty() {
			return err
		}
		return errNotConfirmed
	}
	if err := s.announce(plan); err != nil {
		return err
	}
	if _, err := s.apply(plan); err != nil {
		return err
	}
	r := s.report(plan)
	r.Applied = true
	if next != "" {
		r.next(next)
	}
	if err := r.write(); err != nil {
		return err
	}
	if len(plan.Left) > 0 {
		return errLeft
	}
	return nil
}
