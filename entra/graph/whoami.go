package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Identity is who has signed in, as the token says it.
type Identity struct {
	// TenantID is the directory that gave the token and that Graph will change.
	TenantID string
	// Name is a person's user principal name, or an application's display name; "" where the token has none.
	Name string
	// AppID is the application: the one itself, or the one with which the person signed in.
	AppID string
	// IsApplication is false for a person.
	IsApplication bool
	// Permissions are Graph's that the token carries. What a person may do is bounded by their roles beside.
	Permissions []string
}

// WhoAmI asks credential for a token of the cloud's Graph and reads it. The signature is not verified: the token came from
// the authority, is for Graph, and nobody is let in for it here.
func WhoAmI(ctx context.Context, credential azcore.TokenCredential, c Cloud) (Identity, error) {
	return whoIn(ctx, credential, c.Endpoint)
}

// WhoAmIAtResources is WhoAmI for a token of Azure Resource Manager, whose directory normally is another one.
func WhoAmIAtResources(ctx context.Context, credential azcore.TokenCredential, c Cloud) (Identity, error) {
	return whoIn(ctx, credential, c.Resources)
}

func whoIn(ctx context.Context, credential azcore.TokenCredential, endpoint string) (Identity, error) {
	token, err := credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{endpoint + "/.default"}, EnableCAE: true})
	if err != nil {
		return Identity{}, err
	}
	return identityOf(token.Token)
}

// errOpaque says that a token cannot be read. Its text must not be shown.
var errOpaque = errors.New("the access token does not tell its directory")

func identityOf(token string) (Identity, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Identity{}, errOpaque
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Identity{}, errOpaque
	}
	var claims struct {
		TID   string   `json:"tid"`
		UPN   string   `json:"upn"`
		Name  string   `json:"app_displayname"`
		AppID string   `json:"appid"`
		IDTyp string   `json:"idtyp"`
		Scp   string   `json:"scp"`
		Roles []string `json:"roles"`
	}
	if json.Unmarshal(raw, &claims) != nil || claims.TID == "" {
		return Identity{}, errOpaque
	}
	identity := Identity{TenantID: claims.TID, Name: line1(claims.UPN), AppID: claims.AppID, Permissions: strings.Fields(claims.Scp)}
	if claims.IDTyp == "app" || claims.Scp == "" && claims.UPN == "" {
		identity.IsApplication, identity.Name, identity.Permissions = true, line1(claims.Name), claims.Roles
	}
	return identity, nil
}

// RequireTenant refuses a token of another directory than tenantID.
func (i Identity) RequireTenant(tenantID string) error {
	if strings.EqualFold(i.TenantID, tenantID) {
		return nil
	}
	return fmt.Errorf("signed in to the directory %s, not to %s: nothing was changed. Sign in to the right one, such as with az login --tenant %s",
		i.TenantID, tenantID, tenantID)
}

// Lacks returns those of the permissions that the token does not carry by these very names. A higher one may do as well, so
// it is a hint for an error's remedy, not a reason to refuse.
func (i Identity) Lacks(permissions ...string) []string {
	return slices.DeleteFunc(slices.Clone(permissions), func(want string) bool { return slices.Contains(i.Permissions, want) })
}
