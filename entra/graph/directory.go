package graph

import (
	"context"
	"errors"
)

// Directory is a tenant as it describes itself.
type Directory struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	// Type is CIAM for an external tenant; AAD, or nothing, for a workforce tenant; "AAD B2C" for Azure AD B2C.
	Type            string           `json:"tenantType"`
	VerifiedDomains []VerifiedDomain `json:"verifiedDomains"`
}

// VerifiedDomain is a domain that the tenant has proven to be its own.
type VerifiedDomain struct {
	Name      string `json:"name"`
	IsDefault bool   `json:"isDefault"`
	// IsInitial is true for the one in onmicrosoft.com.
	IsInitial bool `json:"isInitial"`
}

// IsExternal says that it is an external tenant, the only kind in which the EmailOtpSend event fires.
func (d Directory) IsExternal() bool { return d.Type == "CIAM" }

// Directory asks which directory the client works in. It needs Organization.Read.All, delegated User.Read.
func (c *Client) Directory(ctx context.Context) (Directory, error) {
	directories, err := All[Directory](ctx, c, V1, "/organization?$select=id,displayName,tenantType,verifiedDomains")
	if err == nil && len(directories) != 1 {
		err = errors.New("graph: the token's directory does not describe itself")
	}
	if err != nil {
		return Directory{}, err
	}
	return directories[0], nil
}
