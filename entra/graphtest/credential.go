package graphtest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Me is who a token speaks of: a person, or an application where Name is "".
type Me struct {
	TenantID, Name string
	Permissions    []string
}

// SignIn sets who the tokens speak of from now on.
func (g *Graph) SignIn(me Me) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.me = me
}

type credential struct{ graph *Graph }

// GetToken implements [azcore.TokenCredential].
func (c credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.graph.mu.Lock()
	defer c.graph.mu.Unlock()
	return azcore.AccessToken{Token: Token(c.graph.me), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// Token is an unsigned access token.
func Token(me Me) string {
	claims := Object{"tid": me.TenantID, "appid": "22222222-aaaa-4bbb-8ccc-000000000002"}
	if me.Name != "" {
		claims["upn"], claims["scp"], claims["idtyp"] = me.Name, strings.Join(me.Permissions, " "), "user"
	} else {
		claims["app_displayname"], claims["roles"], claims["idtyp"] = "pipeline", me.Permissions, "app"
	}
	raw, err := json.Marshal(claims)
	if err != nil { // strings can always be encoded
		return ""
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(raw) + ".c2lnbmF0dXJl"
}
