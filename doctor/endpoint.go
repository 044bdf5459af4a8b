package doctor

import (
	"context"
	"net/url"
	"path"
	"strings"

	"byoe/config"
)

const groupEndpoint = "endpoint"

// Endpoint is the webhook as Entra sees it.
type Endpoint struct {
	// Target returns the URL that Entra calls, "" where it is not known. It is asked after the checks that Awaits names.
	Target func() string
	Awaits []string
	// Audiences are the values of ENTRA_AUDIENCE: an App ID URI among them has the endpoint's host in it.
	Audiences []string
	// TenantID and CallerAppID are what a forged token says of itself.
	TenantID, CallerAppID string
	Transport             *Transport
	// Genuine is another application of the tenant, whose token proves most of the chain; nil where there is none.
	Genuine *Genuine
}

// The checks that others of this group need.
const (
	checkURL    = "endpoint.url"
	checkTLS    = "endpoint.tls"
	checkHealth = "endpoint.health"
	checkForged = "endpoint.forged"
)

// Checks returns the checks in the order in which one rests on the other; the genuine token comes last.
func (e Endpoint) Checks() []Check {
	check := func(id, title string, after []string, look func(ctx context.Context, w *web, target *url.URL) Result) Check {
		return Check{ID: id, Title: title, Group: groupEndpoint, After: after, Awaits: e.Awaits, Look: func(ctx context.Context) []Result {
			target, err := url.Parse(e.Target())
			if err != nil || target.Host == "" {
				return []Result{skip("the endpoint is not known", "Name it with --endpoint https://<host>/api/EmailOtpSend")}
			}
			w := e.Transport.web()
			defer w.close()
			return []Result{look(ctx, w, target)}
		}}
	}
	return []Check{
		check(checkURL, "Endpoint's URL", nil, e.judgeURL),
		check(checkTLS, "TLS", []string{checkURL}, lookTLS),
		check(checkHealth, "Reachability", []string{checkTLS}, lookHealth),
		check("endpoint.latency", "Latency", []string{checkHealth}, lookLatency),
		check("endpoint.anonymous", "Call without a token", []string{checkTLS}, lookAnonymous),
		check(checkForged, "Call with a forged token", []string{checkTLS}, e.lookForged),
		check("endpoint.genuine", "Call by another application", []string{checkForged, Metadata}, e.lookGenuine),
	}
}

// judgeURL finds what Entra would refuse before it calls (1003014, 1003015 and 1003020).
func (e Endpoint) judgeURL(_ context.Context, _ *web, target *url.URL) Result {
	if target.Scheme != "https" && (target.Scheme != "http" || !config.IsLoopback(target.Hostname())) {
		return fail("not https", "Give the https URL: Entra calls nothing else (1003020)")
	}
	for _, audience := range e.Audiences {
		uri, isURI := strings.CutPrefix(audience, "api://")
		host, _, hasPath := strings.Cut(uri, "/")
		if isURI && hasPath && !strings.EqualFold(host, target.Hostname()) {
			return fail("the App ID URI has the host "+printable(host)+", the endpoint has "+printable(target.Hostname()),
				"Move both together: identifierUris of the app registration, and resourceId and targetUrl of the extension (1003015)")
		}
	}
	return ok(printable(target.Host + target.Path))
}

// health is the URL of the same app's Health function, with the same key where there is one.
func health(target *url.URL) string {
	u := *target
	u.Path = path.Join(path.Dir(strings.TrimSuffix(u.Path, "/")), "Health")
	if !strings.HasPrefix(u.Path, "/") {
		u.Path = "/" + u.Path
	}
	u.RawPath = ""
	return u.String()
}
