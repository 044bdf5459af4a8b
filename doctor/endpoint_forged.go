package doctor

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// lookForged presents a token that says everything right and is signed by nobody.
func (e Endpoint) lookForged(ctx context.Context, w *web, target *url.URL) Result {
	token, err := e.forge()
	if err != nil {
		return skip("no token could be made", "")
	}
	r, err := call(ctx, w, target, token)
	if err != nil {
		return tlsFailure(err)
	}
	return judgeRefusal(r, "with a forged token")
}

// forge makes such a token. The key is new and thrown away.
func (e Endpoint) forge() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	tenant := e.TenantID
	if tenant == "" {
		tenant = "00000000-0000-0000-0000-000000000000"
	}
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": "https://" + tenant + ".ciamlogin.com/" + tenant + "/v2.0", "tid": tenant, "aud": e.audience(), "azp": e.CallerAppID,
		"ver": "2.0", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = rand.Text() // nobody publishes it: the webhook has to look for the key and find none
	return token.SignedString(key)
}

// audience is the client id that tokens are for.
func (e Endpoint) audience() string {
	if len(e.Audiences) == 0 {
		return ""
	}
	return e.Audiences[0][strings.LastIndexByte(e.Audiences[0], '/')+1:]
}
