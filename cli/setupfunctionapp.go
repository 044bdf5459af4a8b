package cli

import (
	"errors"
	"fmt"
	"strings"

	"byoe/entra"
	"byoe/entra/graph"
)

// functionAppFlags name the Function App and the directory of its subscription, which normally is another one than that of
// the users.
type functionAppFlags struct {
	FunctionApp string `help:"Resource id of the Function App: its host name is taken from there, and apply sets its settings." placeholder:"RESOURCE-ID"`
	AppTenant   string `help:"Tenant id of the directory that the Function App's subscription belongs to." placeholder:"GUID"`
	AppSignIn   string `help:"How to sign in there, as --sign-in." enum:"cli,device,managed-identity,certificate,env," default:"" placeholder:"HOW"`
}

// functionApp is an app that somebody has signed in for.
type functionApp struct {
	site      graph.Site
	resources *graph.Resources
}

// errNoAppTenant says that there is no telling in which directory the app is.
var errNoAppTenant = errors.New("--function-app needs --app-tenant: the directory of the app's subscription, which normally is not that of the users")

// openApp signs in to the subscription's directory; nil where no app was named.
func (f functionAppFlags) openApp(p *program, cloudName string) (*functionApp, error) {
	if f.FunctionApp == "" {
		return nil, nil //nolint:nilnil // no app is an answer
	}
	if f.AppTenant == "" {
		return nil, errNoAppTenant
	}
	cloud, err := graph.CloudNamed(cloudName)
	if err != nil {
		return nil, err
	}
	credential, err := graph.NewCredential(graph.SignIn{How: f.AppSignIn, TenantID: f.AppTenant, Cloud: cloud, Prompt: p.stderr, Environ: p.environ})
	if err != nil {
		return nil, fmt.Errorf("for the Function App: %w", err)
	}
	return f.openAppWith(p, graph.Options{Cloud: cloud, Credential: credential})
}

func (f functionAppFlags) openAppWith(p *program, o graph.Options) (*functionApp, error) {
	site, err := graph.ParseSite(f.FunctionApp)
	if err != nil {
		return nil, fmt.Errorf("--function-app: %w", err)
	}
	who, err := graph.WhoAmIAtResources(p.ctx, o.Credential, o.Cloud)
	if err != nil {
		return nil, fmt.Errorf("for the Function App: %w", err)
	}
	if err := who.RequireTenant(f.AppTenant); err != nil {
		return nil, fmt.Errorf("for the Function App: %w", err)
	}
	resources, err := graph.NewResources(o)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(p.stderr, "Function App %s (subscription %s, directory %s), signed in as %s\n", site.Name, site.Subscription, who.TenantID, orUnknown(who.Name))
	return &functionApp{site: site, resources: resources}, err
}

// host is the name under which Entra calls the app.
func (a *functionApp) host(p *program) (string, error) {
	names, err := a.resources.HostNames(p.ctx, a.site)
	if err != nil {
		return "", fmt.Errorf("cannot read the Function App: %w", err)
	}
	return names[0], nil
}

// errSeveral says that a setting serves several tenants, and that what it is to be takes a person.
var errSeveral = errors.New("has several values already: add this one by hand, ENTRA_TENANT_ID and ENTRA_AUDIENCE at the same position")

// set gives the app its settings and tells which of them changed.
func (a *functionApp) set(p *program, settings []entra.Setting) ([]string, error) {
	have, err := a.resources.Settings(p.ctx, a.site)
	if err != nil {
		return nil, fmt.Errorf("cannot read the Function App's settings: %w", err)
	}
	values := map[string]string{}
	for _, s := range settings {
		if strings.Contains(have[s.Name], ",") {
			return nil, fmt.Errorf("%s %w", s.Name, errSeveral)
		}
		values[s.Name] = s.Value
	}
	changed, err := a.resources.Merge(p.ctx, a.site, values)
	if err != nil {
		return changed, fmt.Errorf("cannot set the Function App's settings: %w", err)
	}
	return changed, nil
}
