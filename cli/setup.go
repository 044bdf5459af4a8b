package cli

import (
	"errors"
	"fmt"
	"strings"

	"byoe/config"
	"byoe/entra"
	"byoe/entra/graph"
)

// setupCommand is byoe setup.
type setupCommand struct {
	Plan   setupPlan   `cmd:"" help:"Show what apply would change. Changes nothing."`
	Apply  setupApply  `cmd:"" help:"Make the tenant as wanted, and read it back. Done twice, the second changes nothing."`
	Adopt  setupAdopt  `cmd:"" help:"Take over an extension that was made by hand, and move it to the webhook."`
	Off    setupOff    `cmd:"" help:"Hand the codes back to Microsoft, in one request."`
	On     setupOn     `cmd:"" help:"Have Entra call the webhook again."`
	Remove setupRemove `cmd:"" help:"Take away what setup made, and give back what it adopted."`
}

// Help says in which order things go, and what each command needs.
func (setupCommand) Help() string {
	var b strings.Builder
	b.WriteString("Sets up the external tenant so that Entra calls the webhook. The order that works: make the Function App (its host " +
		"name is known), byoe setup apply --prepare (the audience is known), the settings that it prints, deploy, byoe doctor, byoe setup on.\n\n" +
		"Permissions of Microsoft Graph, the least that does:\n\n")
	for _, command := range []string{"plan", "apply", "adopt", "off", "on", "remove"} {
		fmt.Fprintf(&b, "%s: %s\n\n", command, joinWords(entra.Permissions(command)))
	}
	b.WriteString("A person also needs the roles Authentication Extensibility Administrator and Cloud Application Administrator, and for the " +
		"consent Privileged Role Administrator; the Azure CLI's sign-in has not all of these permissions, a device code asks for them. " +
		"--function-app needs Website Contributor on the app, in the directory of its subscription.")
	return b.String()
}

// setupFlags say which set-up is meant.
type setupFlags struct {
	signInFlags

	Name   string `help:"Name of what is made; a second set-up in the same tenant needs another." default:"byoe EmailOtpSend"`
	Record string `help:"File that remembers what was made; byoe-setup-<tenant>.json where none is given." type:"path" placeholder:"FILE"`
	Caller string `help:"Application as which Entra calls; the default is the public cloud's." default:"99045fe1-7639-4a75-9d4a-577b6ca3810f" placeholder:"GUID"`
	JSON   bool   `help:"Write JSON; progress goes to stderr."`
}

// appsFlags say whose codes go to the webhook.
type appsFlags struct {
	App      []string `help:"Client id of an application whose codes go to the webhook; several, comma-separated." placeholder:"GUID"`
	AllApps  bool     `help:"The codes of every application, those to come among them."`
	Priority *int     `help:"Decides between listeners for the same application, 0 (low) to 1000." placeholder:"N"`
}

// wantFlags say how the tenant is to be.
type wantFlags struct {
	appsFlags
	functionAppFlags

	Host     string `help:"Host name of the Function App." placeholder:"NAME"`
	Endpoint string `help:"Whole URL of the webhook, in place of --host; Entra calls it as it is, with a ?code= for example." placeholder:"URL"`
	Fallback bool   `help:"Microsoft mails the code where the webhook does not answer 200." default:"true" negatable:""`
	Timeout  int    `help:"Milliseconds that Entra waits, 200 to 2000." default:"2000" placeholder:"MS"`
	Retries  int    `help:"How often Entra calls again, 0 or 1." default:"1" placeholder:"N"`
	Prepare  bool   `help:"Make everything ready and have no code go to the webhook yet; byoe setup on does."`
}

func (f setupFlags) want() entra.Want {
	return entra.Want{TenantID: f.Tenant, Name: f.Name, CallerAppID: f.Caller, Fallback: true, Timeout: entra.MostTimeout, Retries: entra.MostRetries}
}

func (f appsFlags) addTo(w *entra.Want) { w.Apps, w.All, w.Priority = f.App, f.AllApps, f.Priority }

func (f wantFlags) addTo(w *entra.Want) {
	f.appsFlags.addTo(w)
	w.Endpoint, w.Fallback, w.Timeout, w.Retries, w.Detached = f.Endpoint, f.Fallback, f.Timeout, f.Retries, f.Prepare
	if w.Endpoint == "" && f.Host != "" {
		w.Endpoint = entra.DefaultEndpoint(f.Host)
	}
}

// validate tells everything that is wrong at once. A command that needs no endpoint does not ask for one.
func validate(w entra.Want, needsEndpoint bool) error {
	problems := w.Validate()
	if !needsEndpoint && w.Endpoint == "" {
		var kept config.Problems
		for _, problem := range problems {
			if problem.Setting != "--endpoint" {
				kept = append(kept, problem)
			}
		}
		problems = kept
	}
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// errOtherCloud says that there is nothing to set up.
var errOtherCloud = errors.New("the EmailOtpSend event exists in the public cloud only: there is nothing to set up in this one")

// session is one setup command at work in a tenant.
type session struct {
	*directory

	p      *program
	flags  setupFlags
	want   entra.Want
	record *entra.Record
	pace   entra.Pace
}

// start signs in and opens the record.
func (f setupFlags) start(p *program, command string, want entra.Want) (*session, error) {
	if f.Cloud == graph.USGovernment().Name {
		return nil, errOtherCloud
	}
	d, err := f.open(p, entra.Permissions(command)...)
	if err != nil {
		return nil, err
	}
	return f.startIn(p, d, want)
}

func (f setupFlags) startIn(p *program, d *directory, want entra.Want) (*session, error) {
	path := f.Record
	if path == "" {
		path = entra.RecordPath(f.Tenant)
	}
	record, err := entra.OpenRecord(path, f.Tenant, f.Name)
	if err != nil {
		return nil, err
	}
	return &session{directory: d, p: p, flags: f, want: want, record: record}, nil
}

// planner is one of entra's planning functions.
type planner func(entra.Wiring, entra.Want, *entra.Record) (entra.Plan, error)

// plan reads the tenant and plans.
func (s *session) plan(plan planner, sought entra.Sought) (entra.Plan, error) {
	w, err := entra.Inspect(s.p.ctx, s.client, sought)
	if err != nil {
		return entra.Plan{}, err
	}
	return plan(w, s.want, s.record)
}

// apply carries a plan out.
func (s *session) apply(plan entra.Plan) (entra.Wiring, error) {
	applier := entra.Applier{Client: s.client, Record: s.record, Pace: s.pace, Tell: func(line string) {
		_, _ = fmt.Fprintf(s.p.stderr, "  %s\n", line) // to the terminal
	}}
	w, err := applier.Apply(s.p.ctx, plan)
	if err != nil {
		return w, fmt.Errorf("%w\nWhat was done is in %s", err, s.record.Path())
	}
	return w, nil
}
