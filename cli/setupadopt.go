package cli

import (
	"errors"

	"byoe/entra"
)

type setupAdopt struct {
	setupFlags
	wantFlags

	Extension string `help:"Id of the extension; byoe setup adopt without it lists them." placeholder:"GUID"`
	Back      bool   `help:"The way back: give everything back as it was. Give the old URL with --endpoint where it had a key."`
	DryRun    bool   `help:"Show what would be changed, and change nothing."`
}

// Run takes an extension over, or gives it back.
func (c setupAdopt) Run(p *program) error {
	if c.Back {
		want := c.want()
		c.addTo(&want)
		if err := validate(want, false); err != nil {
			return err
		}
		s, err := c.start(p, "remove", want)
		if err != nil {
			return err
		}
		return s.giveBack(c.DryRun)
	}
	want, app, err := c.wanted(p, c.setupFlags)
	if err != nil {
		return err
	}
	s, err := c.start(p, "adopt", want)
	if err != nil {
		return err
	}
	return s.adopt(c.Extension, c.DryRun, app)
}

func (s *session) adopt(extension string, dryRun bool, app *functionApp) error {
	sought := s.record.Sought(s.want)
	sought.Endpoint = "" // it is to be named, not guessed
	if extension != "" {
		sought.ExtensionID = extension
	}
	if dryRun {
		plan, err := s.plan(entra.PlanAdopt, sought)
		if err != nil {
			return err
		}
		return s.report(plan).write()
	}
	return s.carryOut(entra.PlanAdopt, sought, app)
}

// errNothingAdopted says that there is no way to go back.
var errNothingAdopted = errors.New("the record has nothing that was adopted")

func (s *session) giveBack(dryRun bool) error {
	if !s.record.HasAdopted() {
		return errNothingAdopted
	}
	err := s.takeAway(!dryRun, "")
	if dryRun && errors.Is(err, errNotConfirmed) {
		return nil
	}
	return err
}
