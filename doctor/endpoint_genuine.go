package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"byoe/auth"
	"byoe/redact"
)

// Genuine is an application of the same tenant that is not Entra's caller. Its tokens are right in all but the caller, so
// that the check which refuses them tells whether Entra's would pass.
type Genuine struct {
	ClientID     string
	ClientSecret redact.Secret
	// Auth are the webhook's settings: the token is held against them here as well, because from outside a 401 is a 401.
	Auth auth.Config
}

// errNoToken says that the tenant gave none.
var errNoToken = errors.New("the tenant gave no token")

// lookGenuine gets a token, has it refused here for the caller alone, and by the webhook at all.
func (e Endpoint) lookGenuine(ctx context.Context, w *web, target *url.URL) Result {
	if e.Genuine == nil {
		return skip("no other application is at hand",
			"Give one of the same tenant by AZURE_CLIENT_ID and AZURE_CLIENT_SECRET: its token proves issuer, audience and keys without Entra")
	}
	token, err := e.Genuine.token(ctx, w)
	if err != nil {
		return skip(err.Error(), "See that the application is of this tenant, that its secret is right, and that ENTRA_AUDIENCE has a service principal there")
	}
	if bad := e.Genuine.refusedHere(ctx, w, token); bad != nil {
		return *bad
	}
	r, err := call(ctx, w, target, token.Reveal())
	if err != nil {
		return tlsFailure(err)
	}
	found := judgeRefusal(r, "by another application")
	if found.Verdict == OK {
		found.Evidence = "issuer, audience and keys are right; refused for the caller, as it must be"
	}
	return found
}

// token asks the tenant for a token for the webhook (client credentials, RFC 6749, section 4.4).
func (g *Genuine) token(ctx context.Context, w *web) (redact.Secret, error) {
	tenant := strings.ToLower(g.Auth.TenantIDs[0])
	endpoint, err := tokenEndpoint(ctx, w, strings.ReplaceAll(g.Auth.Authority, "{tenant}", tenant))
	if err != nil {
		return redact.Secret{}, fmt.Errorf("%w: its metadata could not be had", errNoToken)
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {g.ClientID}, "client_secret": {g.ClientSecret.Reveal()},
		"scope": {g.Auth.Audiences[0] + "/.default"},
	}
	r, err := w.ask(ctx, http.MethodPost, endpoint, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
	if err != nil {
		return redact.Secret{}, fmt.Errorf("%w: %s", errNoToken, why(err))
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		Codes       []int  `json:"error_codes"`
	}
	_ = json.Unmarshal(r.body, &answer) // an answer of another shape has no token
	switch {
	case answer.AccessToken != "":
		return redact.NewSecret(answer.AccessToken), nil
	case len(answer.Codes) > 0:
		return redact.Secret{}, fmt.Errorf("%w: AADSTS%d", errNoToken, answer.Codes[0])
	default:
		return redact.Secret{}, fmt.Errorf("%w: status %d", errNoToken, r.status)
	}
}

// refusedHere holds the token against the settings, with the code that the webhook uses. nil where the caller alone is wrong.
func (g *Genuine) refusedHere(ctx context.Context, w *web, token redact.Secret) *Result {
	verifier, err := auth.New(g.Auth, w.client.Transport)
	if err != nil {
		return &Result{Verdict: Skip, Evidence: "the settings cannot be used"}
	}
	_, err = verifier.Verify(ctx, []string{"Bearer " + token.Reveal()})
	refusal, refused := errors.AsType[*auth.Refusal](err)
	var found Result
	switch {
	case err == nil:
		found = warn("the application is the one that ENTRA_CALLER_APP_ID names: whoever has its secret can have codes sent",
			"Leave ENTRA_CALLER_APP_ID out, and give another application for this check")
	case !refused:
		found = fail("the signing keys cannot be had", "Let this machine reach the tenant's metadata")
	case refusal.Check != auth.CheckCaller:
		found = fail("a genuine token of the tenant fails the check “"+string(refusal.Check)+"”, and so would Entra's", upperFirst(refusal.Remedy))
	case refusal.Received.Version != "2.0" && !g.Auth.AcceptV1:
		found = fail("the tenant makes tokens of version "+printable(refusal.Received.Version)+" for the webhook, and Entra's will be the same",
			"Set api.requestedAccessTokenVersion to 2 on the app registration, or ENTRA_ACCEPT_V1=true")
	default:
		return nil
	}
	return &found
}

// upperFirst makes a sentence of a remedy that was written for the middle of one.
func upperFirst(text string) string {
	if text == "" {
		return "Compare the token's claims with the settings: the webhook's log shows them under this check"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
