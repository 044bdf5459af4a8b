package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// probe is the body of every call of doctor's. It is no event: an endpoint that lets the call in can mail nobody for it.
const probe = "{}"

// call makes one call as Entra would, with a token or without.
func call(ctx context.Context, w *web, target *url.URL, token string) (*reply, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return w.ask(ctx, http.MethodPost, target.String(), header, []byte(probe))
}

func lookAnonymous(ctx context.Context, w *web, target *url.URL) Result {
	r, err := call(ctx, w, target, "")
	if err != nil {
		return tlsFailure(err)
	}
	return judgeRefusal(r, "without a token")
}

// judgeRefusal wants the webhook's own 401. Anything else means that the call got past the token, or never came to it.
func judgeRefusal(r *reply, how string) Result {
	if bad := inTheWay(r); bad != nil {
		return *bad
	}
	code := codeIn(r)
	switch {
	case r.status == http.StatusUnauthorized && code == "token_refused" && r.header.Get("Www-Authenticate") != "":
		return ok("refused with 401 token_refused")
	case r.status == http.StatusUnauthorized && code == "token_refused":
		return warn("refused with 401, and something on the way took WWW-Authenticate out", "Let the header through; tools for tests want it")
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden:
		return warn(fmt.Sprintf("refused with %d, and not by byoe: a function key, Easy Auth or a gateway stands before it", r.status),
			"See that what stands before the webhook lets Entra's token through, and that the URL holds the key where one is wanted")
	case r.status == http.StatusServiceUnavailable && code == "keys_unavailable":
		return fail("answers 503: the webhook has no signing keys", "Let the app reach the tenant's metadata")
	case r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed:
		return fail(fmt.Sprintf("answers %d: nothing takes a POST there", r.status), "Name the function's whole URL, such as https://<host>/api/EmailOtpSend")
	case r.status >= http.StatusInternalServerError:
		return fail(fmt.Sprintf("answers %d", r.status), "Look at the app's log: the webhook does not run, or not behind this URL")
	default:
		return fail(fmt.Sprintf("a call %s got past the token (%d): anybody can have codes sent", how, r.status),
			"Take the app off the internet until it checks tokens: see that the URL leads to byoe, and to a version of it that you built")
	}
}

// codeIn is the stable code of a problem, "" where the answer is none of byoe's.
func codeIn(r *reply) string {
	var problem struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(r.body, &problem) != nil {
		return ""
	}
	return problem.Code
}
