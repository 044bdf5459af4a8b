package acs

import (
	"strings"

	"byoe/providers"
)

// Records implements [providers.Publisher] (Microsoft's page "Add custom verified domains").
func (p *Provider) Records(domain string) providers.Records {
	if strings.HasSuffix(domain, ".azurecomm.net") {
		return providers.Records{} // a domain of Azure's own, whose records are Azure's
	}
	return providers.Records{
		Envelope: domain, Include: "spf.protection.outlook.com",
		Signer: domain, Selectors: []string{"selector1-azurecomm-prod-net", "selector2-azurecomm-prod-net"},
	}
}
