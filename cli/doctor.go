package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"byoe/app"
	"byoe/auth"
	"byoe/doctor"
	"byoe/doctor/dns"
	"byoe/redact"
)

// doctorCommand is byoe doctor with its parts.
type doctorCommand struct {
	Run     doctorRunCommand     `cmd:"" default:"withargs" help:"Make the checks (the default)."`
	Explain doctorExplainCommand `cmd:"" help:"Say what an error code of Entra's means and what to do."`
}

// doctorRunCommand is byoe doctor.
type doctorRunCommand struct {
	Endpoint     string   `help:"URL that Entra calls, such as https://<host>/api/EmailOtpSend; what Entra has where it is not given." placeholder:"URL"`
	Only         string   `help:"One group of checks: settings, clock, authority, providers, sender, wiring, policies or endpoint." placeholder:"GROUP"`
	JSON         bool     `help:"Write JSON."`
	DNS          []string `help:"Name servers to ask in place of this machine's." placeholder:"ADDRESS"`
	DKIMSelector []string `help:"More DKIM selectors to look at." placeholder:"NAME"`
	Fallback     string   `help:"Whether Entra lets Microsoft send the code where byoe does not: on or off." enum:"on,off," default:"" placeholder:"on|off"`
	SignIn       string   `name:"sign-in" help:"Read the Entra side too, signed in by cli (az login), device (code for a browser), managed-identity, certificate or env (AZURE_CLIENT_ID and so on)." enum:"cli,device,managed-identity,certificate,env," default:"" placeholder:"HOW"`
	Cloud        string   `help:"Cloud of the tenant: public or usgov." enum:"public,usgov" default:"public" placeholder:"public|usgov"`
}

var (
	// errNotInOrder says that a check failed; all were printed.
	errNotInOrder = errors.New("not everything is in order")
	// errStopped says that somebody stopped it: what was not looked at must not pass for healthy.
	errStopped = errors.New("stopped before every check had ended")
)

// Run makes the checks, prints what they found, and fails where one failed.
func (c doctorRunCommand) Run(p *program) error {
	checks := c.checks(p)
	if c.Only != "" {
		if !slices.Contains(doctor.Groups(checks), c.Only) {
			return fmt.Errorf("--only: no such group; there are %s", strings.Join(doctor.Groups(checks), ", "))
		}
		checks = doctor.Only(checks, c.Only)
	}
	results := doctor.Run(p.ctx, checks)
	write := doctor.WriteText
	if c.JSON {
		write = doctor.WriteJSON
	}
	if err := write(p.stdout, results); err != nil {
		return err
	}
	switch {
	case p.ctx.Err() != nil:
		return errStopped
	case doctor.Failed(results):
		return errNotInOrder
	default:
		return nil
	}
}

// checks lists them all. Wrong settings take nothing away but what rests on them.
func (c doctorRunCommand) checks(p *program) []doctor.Check {
	settings, _, problems := app.Load(p.environ)
	problems = problems.And(settings.Validate())
	entra := &doctor.Entra{Read: c.wiring(p, settings)}
	checks := []doctor.Check{
		doctor.Settings(problems),
		doctor.Instances(settings.OwnMemoryInAzure()),
		doctor.Clock(witnesses(settings), nil),
	}
	known := len(settings.Auth.Validate()) == 0
	if known {
		checks = append(checks, doctor.Authority(settings.Auth, nil)...)
	}
	checks = append(checks, mailChecks(settings, c.resolver(p.ctx), c.DKIMSelector)...)
	checks = append(checks, entra.Check())
	checks = append(checks, doctor.Policies(c.refusals(settings, entra)))
	endpoint := doctor.Endpoint{
		Target:    func() string { return c.Endpoint },
		Audiences: settings.Auth.Audiences, CallerAppID: settings.Auth.CallerAppID,
	}
	if c.Endpoint == "" {
		endpoint.Target = func() string { return entra.Known().Target }
		endpoint.Awaits = []string{doctor.WiringID}
	}
	if known {
		endpoint.TenantID, endpoint.Genuine = settings.Auth.TenantIDs[0], genuine(p.environ, settings.Auth)
	}
	return append(checks, endpoint.Checks()...)
}

// refusals joins what the owner says about recipients with what is known of Entra's fallback.
func (c doctorRunCommand) refusals(s *app.Settings, entra *doctor.Entra) doctor.Refusals {
	return doctor.Refusals{
		Some:    len(s.Recipients.Allow)+len(s.Recipients.Deny) > 0 || s.Recipients.Limit != "",
		ByError: s.Recipients.Refusal != "drop",
		Awaits:  []string{doctor.WiringID},
		Fallback: func() *bool {
			if c.Fallback == "" {
				return entra.Known().Fallback
			}
			on := c.Fallback == "on"
			return &on
		},
	}
}

// resolver asks the name servers of --dns, else this machine's.
func (c doctorRunCommand) resolver(ctx context.Context) *dns.Client {
	if len(c.DNS) == 0 {
		return &dns.Client{Servers: dns.System(ctx)}
	}
	servers := make([]string, len(c.DNS))
	for i, server := range c.DNS {
		if _, _, err := net.SplitHostPort(server); err != nil {
			server = net.JoinHostPort(strings.Trim(server, "[]"), "53")
		}
		servers[i] = server
	}
	return &dns.Client{Servers: servers}
}

// genuine is the other application that AZURE_CLIENT_ID and AZURE_CLIENT_SECRET name, the variables of every Azure tool; nil
// where there is none. A secret on the command line would be in the shell's history.
func genuine(environ map[string]string, c auth.Config) *doctor.Genuine {
	id, secret := environ["AZURE_CLIENT_ID"], environ["AZURE_CLIENT_SECRET"]
	if id == "" || secret == "" {
		return nil
	}
	return &doctor.Genuine{ClientID: id, ClientSecret: redact.NewSecret(secret), Auth: c}
}
