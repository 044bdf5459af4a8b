package app

import (
	"context"
	"strings"

	"byoe/config"
	"byoe/devtenant"
	"byoe/devtenant/conformance"
)

// DevConfig is the local tenant's part of the settings.
type DevConfig struct {
	Enabled     bool   `env:"DEV_TENANT" desc:"Start the local tenant in this process; only under byoe dev or Core Tools, never in Azure"`
	Addr        string `env:"DEV_TENANT_ADDR" envDefault:"127.0.0.1:7072" desc:"Where the local tenant listens"`
	MailboxAddr string `env:"DEV_MAILBOX_ADDR" envDefault:"127.0.0.1:1025" desc:"Where the local tenant takes mail by SMTP"`
	Exposed     bool   `env:"DEV_TENANT_EXPOSED" desc:"Let the local tenant listen where other machines reach it, as in a container; they can then read its mail and sign its tokens"`
}

// StartDevTenant starts the local tenant and returns what makes a webhook belong to it: values for the settings that the
// environment does not have.
func StartDevTenant(ctx context.Context, environ map[string]string) (*devtenant.Tenant, []config.Given, error) {
	s, _, problems := Load(environ)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	options := devtenant.Options{Addr: s.Dev.Addr, MailboxAddr: s.Dev.MailboxAddr, Exposed: s.Dev.Exposed, Conformance: conformance.Run}
	if len(s.Auth.TenantIDs) == 1 && len(s.Auth.Audiences) == 1 {
		options.TenantID, options.Audience = s.Auth.TenantIDs[0], s.Auth.Audiences[0]
	}
	options.B2C = devtenant.B2C{Key: s.B2CCallers.FirstAPIKey(), KeyHeader: s.B2CCallers.APIKeyHeader, Claims: s.B2C.Names(), Tenant: s.B2C.Tenant}
	tenant, err := devtenant.Start(ctx, options, environ)
	if err != nil {
		return nil, nil, err
	}
	given := []config.Given{{Setting: "HEALTH_DETAILS", Value: "true", Source: devSource}}
	for setting, value := range tenant.Settings() {
		if !s.ownProvider(setting) {
			given = append(given, config.Given{Setting: setting, Value: value, Source: devSource})
		}
	}
	return tenant, given, nil
}

// devSource is where the local tenant's values come from, for byoe config.
const devSource = "local tenant"

// ownProvider says that a setting belongs to a provider for which the environment names an account or a server of its own.
// Half of ours and half of theirs would send a real key to the stand-in, or dial the stand-in's port at the real server.
func (s *Settings) ownProvider(setting string) bool {
	switch {
	case strings.HasPrefix(setting, "SMTP_"):
		return s.SMTP.Host != ""
	case strings.HasPrefix(setting, "SENDGRID_"):
		return !s.SendGrid.APIKey.IsZero()
	default:
		return false
	}
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
