package cli

import (
	"fmt"

	"byoe/entra/graph"
)

// signInFlags say who signs in to which directory. The commands on Microsoft Graph share them.
type signInFlags struct {
	Tenant string `help:"The directory's tenant id; there is no default, so that no other one is changed." required:"" placeholder:"GUID"`
	Cloud  string `help:"Cloud of the directory: public or usgov." enum:"public,usgov" default:"public" placeholder:"public|usgov"`
	SignIn string `help:"How to sign in: cli (az login), device (code for a browser), managed-identity, certificate or env (AZURE_CLIENT_ID and so on). Without it: cli, and device where that fails." name:"sign-in" enum:"cli,device,managed-identity,certificate,env," default:"" placeholder:"HOW"`
}

// directory is one that somebody has signed in to.
type directory struct {
	graph.Directory

	client *graph.Client
	cloud  graph.Cloud
	who    graph.Identity
}

// open signs in, refuses another directory than the one that was asked for, and says on stderr which it is. permissions are
// what a person is asked to consent to where they sign in with a device code.
func (f signInFlags) open(p *program, permissions ...string) (*directory, error) {
	cloud, err := graph.CloudNamed(f.Cloud)
	if err != nil {
		return nil, err
	}
	credential, err := graph.NewCredential(graph.SignIn{
		How: f.SignIn, TenantID: f.Tenant, Cloud: cloud, Permissions: permissions, Prompt: p.stderr, Environ: p.environ,
	})
	if err != nil {
		return nil, err
	}
	return f.openWith(p, graph.Options{Cloud: cloud, Credential: credential})
}

func (f signInFlags) openWith(p *program, o graph.Options) (*directory, error) {
	who, err := graph.WhoAmI(p.ctx, o.Credential, o.Cloud)
	if err != nil {
		return nil, err
	}
	if err := who.RequireTenant(f.Tenant); err != nil {
		return nil, err
	}
	client, err := graph.New(o)
	if err != nil {
		return nil, err
	}
	described, err := client.Directory(p.ctx)
	if graph.IsForbidden(err) { // its name is a comfort, not a condition
		described, err = graph.Directory{ID: who.TenantID}, nil
	}
	if err != nil {
		return nil, err
	}
	d := &directory{Directory: described, client: client, cloud: o.Cloud, who: who}
	_, err = fmt.Fprintf(p.stderr, "Directory %s (%s, %s), signed in as %s\n", orUnknown(d.DisplayName), d.ID, d.kind(), orUnknown(who.Name))
	return d, err
}

func (d *directory) kind() string {
	switch d.Type {
	case "CIAM":
		return "external tenant"
	case "AAD":
		return "workforce tenant"
	default:
		return "kind of tenant not told"
	}
}

// remedy adds to an error what to do about it where the token lacks a permission.
func (d *directory) remedy(err error, permissions ...string) error {
	lacks := d.who.Lacks(permissions...)
	if !graph.IsForbidden(err) || len(lacks) == 0 {
		return err
	}
	return fmt.Errorf("%w\nThe sign-in lacks %s. The Azure CLI's own has not every permission, whoever signs in: use --sign-in device, or an application that was given it", err, joinWords(lacks))
}

func orUnknown(name string) string {
	if name == "" {
		return "(unknown)"
	}
	return name
}
