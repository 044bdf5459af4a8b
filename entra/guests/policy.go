package guests

import (
	"context"
	"fmt"
	"net/http"

	"byoe/entra/graph"
)

// Policy says whether guests may get codes by mail: emailAuthenticationMethodConfiguration's allowExternalIdToUseEmailOtp.
type Policy string

// The policies.
const (
	// Default leaves it to Microsoft.
	Default  Policy = "default"
	Enabled  Policy = "enabled"
	Disabled Policy = "disabled"
)

const (
	policyPath = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"
	policyType = "#microsoft.graph.emailAuthenticationMethodConfiguration"
)

// Means says what p does in a cloud, in words.
func (p Policy) Means(cloud graph.Cloud) string {
	off := cloud.Name == graph.USGovernment().Name
	switch {
	case p == Enabled:
		return "guests who have no other account get a code by mail"
	case p == Disabled:
		return "no guest gets a code by mail; who has no other account is asked to make a Microsoft account"
	case p == Default && off:
		return "as Microsoft has it: off in the US Government cloud"
	case p == Default:
		return "as Microsoft has it: on, outside of the US Government cloud"
	default:
		return "unknown to this program"
	}
}

// configuration is what of the policy is read and written.
type configuration struct {
	Type   string `json:"@odata.type"`
	Policy Policy `json:"allowExternalIdToUseEmailOtp"`
}

// GetPolicy reads the directory's. It needs Policy.Read.AuthenticationMethod.
func GetPolicy(ctx context.Context, c *graph.Client) (Policy, error) {
	var have configuration
	err := c.Do(ctx, http.MethodGet, graph.V1, policyPath, nil, &have)
	return have.Policy, err
}

// SetPolicy changes the directory's and reads it back. It needs Policy.ReadWrite.AuthenticationMethod and the role
// Authentication Policy Administrator.
func SetPolicy(ctx context.Context, c *graph.Client, p Policy) error {
	if err := c.Do(ctx, http.MethodPatch, graph.V1, policyPath, configuration{Type: policyType, Policy: p}, nil); err != nil {
		return err
	}
	got, err := GetPolicy(ctx, c)
	if err != nil {
		return fmt.Errorf("it was changed, but cannot be read back: %w", err)
	}
	if got != p {
		return fmt.Errorf("it was changed, but Graph still says %s: look again in a minute", got)
	}
	return nil
}
