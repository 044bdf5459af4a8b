package app

import (
	"context"
	"strings"

	"byoe/config"
	"byoe/devtenant"
)

// DevConfig is the local tenant's part of the settings.
type DevConfig struct {
	Enabled     bool   `env:"DEV_TENANT" desc:"Start the local tenant in this process; only under byoe dev or Core Tools, never in Azure"`
	Addr        string `env:"DEV_TENANT_ADDR" envDefault:"127.0.0.1:7072" desc:"Where the local tenant listens"`
	MailboxAddr string `env:"DEV_MAILBOX_ADDR" envDefault:"127.0.0.1:1025" desc:"Where the local tenant takes mail by SMTP"`
}

// StartDevTenant starts the local tenant and returns what makes a webhook belong to it: values for the settings that the
// environment does not have.
func StartDevTenant(ctx context.Context, environ map[string]string) (*devtenant.Tenant, []config.Given, error) {
	s, _, problems := Load(environ)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	options := devtenant.Options{Addr: s.Dev.Addr, MailboxAddr: s.Dev.MailboxAddr}
	if len(s.Auth.TenantIDs) == 1 && len(s.Auth.Audiences) == 1 {
		options.TenantID, options.Audience = s.Auth.TenantIDs[0], s.Auth.Audiences[0]
	}
	tenant, err := devtenant.Start(ctx, options, environ)
	if err != nil {
		return nil, nil, err
	}
	given := []config.Given{{Setting: "HEALTH_DETAILS", Value: "true", Source: "local tenant"}}
	for setting, value := range tenant.Settings() {
		given = append(given, config.Given{Setting: setting, Value: value, Source: "local tenant"})
	}
	return tenant, given, nil
}

// DevTenantWanted says whether the environment asks for the local tenant, and refuses it where it may not be: in a process
// that is neither byoe dev nor under Core Tools somebody could have left the setting behind.
func DevTenantWanted(environ map[string]string) (bool, error) {
	var dev DevConfig
	_, problems := config.Load(environ, nil, &dev)
	if !dev.Enabled {
		return false, nil // problems are told when the settings are read for use
	}
	if len(problems) > 0 {
		return false, problems
	}
	if err := devtenant.RefusedInAzure(environ); err != nil {
		return false, err
	}
	if !strings.EqualFold(environ["FUNCTIONS_CORETOOLS_ENVIRONMENT"], "true") {
		return false, config.Problem{
			Setting: "DEV_TENANT", What: "set, but this is neither byoe dev nor Azure Functions Core Tools",
			Remedy: "Remove it, or run byoe dev",
		}
	}
	return true, nil
}
