package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"byoe/app"
	"byoe/doctor"
	"byoe/entra"
)

// wiringPermissions are what reading the Entra side back needs of Graph.
func wiringPermissions() []string {
	return []string{"Organization.Read.All", "Application.Read.All", "CustomAuthenticationExtension.Read.All", "EventListener.Read.All"}
}

// wiring is how doctor reads the Entra side. Without --sign-in it is nil: nobody is asked for a sign-in that they did not
// want. The sign-in comes before the checks, because a person at a browser takes longer than all of them may.
func (c doctorRunCommand) wiring(p *program, s *app.Settings) doctor.Wiring {
	if c.SignIn == "" {
		return nil
	}
	if len(s.Auth.Validate()) > 0 {
		return failedWiring(errors.New("which tenant is meant is not known: mend ENTRA_TENANT_ID and ENTRA_AUDIENCE"))
	}
	flags := signInFlags{Tenant: s.Auth.TenantIDs[0], Cloud: c.Cloud, SignIn: c.SignIn}
	d, err := flags.open(p, wiringPermissions()...)
	if err != nil {
		return failedWiring(err)
	}
	return d.wiring(s, c.Endpoint)
}

func failedWiring(err error) doctor.Wiring {
	return func(context.Context) (doctor.Wired, error) { return doctor.Wired{}, err }
}

// wiring reads the tenant's set-up of this webhook and says what is wrong with it.
func (d *directory) wiring(s *app.Settings, endpoint string) doctor.Wiring {
	audience := clientIDOf(s.Auth.Audiences[0])
	return func(ctx context.Context) (doctor.Wired, error) {
		w, err := entra.Inspect(ctx, d.client, entra.Sought{CallerAppID: s.Auth.CallerAppID, AppID: audience, Endpoint: endpoint})
		if err != nil {
			return doctor.Wired{}, d.remedy(err, wiringPermissions()...)
		}
		wired := doctor.Wired{Results: resultsOf(entra.Diagnose(w, entra.Expect{
			TenantID: s.Auth.TenantIDs[0], Audience: audience, CallerAppID: s.Auth.CallerAppID, Endpoint: endpoint, AcceptV1: s.Auth.AcceptV1,
			Budget: s.Delivery.Budget, AllowedApps: s.Handler.AllowedApps, AllowedExtensions: s.Handler.AllowedExtensions,
		}))}
		if w.Extension != nil {
			falls := w.FallsBack()
			wired.Target, wired.Fallback = w.Extension.Endpoint.URL, &falls
		}
		return wired, nil
	}
}

// clientIDOf takes the client id out of an audience in any of its forms.
func clientIDOf(audience string) string { return audience[strings.LastIndexByte(audience, '/')+1:] }

// resultsOf passes findings on. Both packages say ok, warn, fail and skip.
func resultsOf(findings []entra.Finding) []doctor.Result {
	results := make([]doctor.Result, len(findings))
	for i, f := range findings {
		evidence := f.Evidence
		if len(f.Codes) > 0 && f.Verdict != entra.OK {
			evidence = strings.TrimSpace(evidence + " (shows as " + strings.Join(f.Codes, ", ") + ")")
		}
		results[i] = doctor.Result{ID: doctor.WiringID + "." + f.ID, Title: f.Title, Verdict: doctor.Verdict(f.Verdict), Evidence: evidence, Remedy: f.Remedy}
	}
	return results
}

// doctorExplainCommand is byoe doctor explain.
type doctorExplainCommand struct {
	Code string `arg:"" help:"Code from the sign-in log or the browser, such as 1003005, AADSTS1100001 or AADB2C90063."`
}

// errUnknownCode says that there is nothing to tell of a code.
var errUnknownCode = errors.New("no code that byoe knows: give one such as 1003005, AADSTS1100001 or AADB2C90063")

// Run prints what the code means and what to do.
func (c doctorExplainCommand) Run(p *program) error {
	e, known := entra.Explain(c.Code)
	if !known {
		return errUnknownCode
	}
	_, err := fmt.Fprintf(p.stdout, "%s\n  meaning  %s\n  cause    %s\n  remedy   %s\n", strings.TrimSpace(e.Code+" "+e.Name), e.Meaning, e.Cause, e.Remedy)
	return err
}
