package entra

import (
	"net/url"
	"strings"

	"byoe/config"
)

// Want is how the tenant is to be.
type Want struct {
	// TenantID is the external tenant's GUID.
	TenantID string
	// Endpoint is the webhook's whole URL. Entra calls it as it is, with its query.
	Endpoint string
	// Name is the display name of what is made; it tells two set-ups in one tenant apart.
	Name string
	// Apps are the client ids of the applications whose codes go to the webhook; All stands for every application there is
	// and will be. With neither, a listener that is there keeps its applications.
	Apps []string
	All  bool
	// Priority decides between listeners for the same application, 0 (low) to 1000; nil leaves it to Entra.
	Priority *int
	// Fallback has Microsoft mail the code where the webhook does not answer 200.
	Fallback bool
	// Timeout is how long Entra waits for an answer, in milliseconds; Retries how often it calls again.
	Timeout, Retries int
	// CallerAppID is the application as which Entra calls.
	CallerAppID string
	// Detached leaves the listener out: everything is made ready, and no code goes to the webhook yet.
	Detached bool
}

// DefaultName is the name of what is made where nobody gives another.
const DefaultName = "byoe EmailOtpSend"

// DefaultEndpoint is the webhook's URL on host.
func DefaultEndpoint(host string) string { return "https://" + host + "/api/EmailOtpSend" }

// host is the endpoint's, in small letters.
func (w Want) host() string { return hostOf(w.Endpoint) }

// Validate returns everything that is wrong with what is wanted. Settings are named as the command's flags.
func (w Want) Validate() config.Problems {
	var problems config.Problems
	add := func(flag, what, remedy string) {
		problems = append(problems, config.Problem{Setting: flag, What: what, Remedy: remedy})
	}
	if !config.IsGUID(w.TenantID) {
		add("--tenant", "not a GUID", "Copy the tenant id from the overview page of the external tenant")
	}
	if what := endpointFault(w.Endpoint); what != "" {
		add("--endpoint", what, "Give the Function App's host name, or the whole URL such as https://contoso.azurewebsites.net/api/EmailOtpSend")
	}
	for _, id := range w.Apps {
		if !config.IsGUID(id) {
			add("--app", "not a GUID", "Give the client id of the application to which people sign in")
		}
	}
	if w.All && len(w.Apps) > 0 {
		add("--all-apps", "given together with --app", "Give one of the two")
	}
	if w.Timeout < leastTimeout || w.Timeout > MostTimeout {
		add("--timeout", "not between 200 and 2000", "Give 2000: the webhook answers sooner where it can")
	}
	if w.Retries < 0 || w.Retries > MostRetries {
		add("--retries", "neither 0 nor 1", "Give 1: the retry joins the first attempt")
	}
	if w.Priority != nil && (*w.Priority < 0 || *w.Priority > 1000) {
		add("--priority", "not between 0 and 1000", "Give a number above that of the listener that is to lose")
	}
	if !config.IsGUID(w.CallerAppID) {
		add("--caller", "not a GUID", "Leave it out for the public cloud")
	}
	if strings.TrimSpace(w.Name) == "" || len(w.Name) > 120 {
		add("--name", "empty, or longer than 120 characters", "Give a short name")
	}
	return problems
}

// endpointFault says what is wrong with an endpoint: Entra takes a valid https URL with a name in it, nothing else (error
// 1003020).
func endpointFault(endpoint string) string {
	u, err := url.Parse(endpoint)
	switch {
	case endpoint == "":
		return "not given"
	case err != nil || u.Host == "" || strings.ContainsAny(endpoint, " {}"):
		return "not a URL"
	case u.Scheme != "https":
		return "not https"
	case u.User != nil || u.Fragment != "":
		return "has a user or a fragment"
	case config.IsLoopback(u.Hostname()):
		return "on this machine, where Entra cannot call it"
	case !strings.Contains(u.Hostname(), "."):
		return "without a fully qualified host name"
	default:
		return ""
	}
}

// apps are the wanted client ids in the form of [Listener.apps].
func (w Want) apps() []string {
	var l Listener
	for _, id := range w.Apps {
		l.Conditions.Applications.Apps = append(l.Conditions.Applications.Apps, App{AppID: id})
	}
	return l.apps()
}
