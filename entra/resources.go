package entra

import (
	"net/url"
	"slices"
	"strings"
)

// Application is an app registration, as far as it matters here.
type Application struct {
	ID             string   `json:"id"`
	AppID          string   `json:"appId"`
	DisplayName    string   `json:"displayName"`
	IdentifierURIs []string `json:"identifierUris"`
	Tags           []string `json:"tags,omitempty"`
	API            API      `json:"api"`
	// Required are the permissions that it asks for; what was granted is a [Consent].
	Required []ResourceAccess `json:"requiredResourceAccess"`
	// Passwords and Keys tell that somebody uses the registration for something else: we make none.
	Passwords []struct{} `json:"passwordCredentials,omitempty"`
	Keys      []struct{} `json:"keyCredentials,omitempty"`
}

// API is an app registration's part about the tokens that are made for it.
type API struct {
	// TokenVersion is 2 for v2 tokens; nil and 1 mean v1.
	TokenVersion *int `json:"requestedAccessTokenVersion"`
}

// ResourceAccess lists permissions of one resource.
type ResourceAccess struct {
	ResourceAppID string       `json:"resourceAppId"`
	Access        []Permission `json:"resourceAccess"`
}

// Permission is an app role ("Role") or a delegated permission ("Scope").
type Permission struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// tokenVersion is the version of the tokens that Entra makes for the application.
func (a *Application) tokenVersion() int {
	if a.API.TokenVersion == nil {
		return 1
	}
	return *a.API.TokenVersion
}

// hasURI says whether the application goes by uri. Entra compares without regard to case.
func (a *Application) hasURI(uri string) bool {
	return slices.ContainsFunc(a.IdentifierURIs, func(have string) bool { return strings.EqualFold(have, uri) })
}

// asksToReceive says whether the application asks for the role without which Entra sends it nothing.
func (a *Application) asksToReceive() bool {
	return slices.ContainsFunc(a.Required, func(r ResourceAccess) bool {
		return strings.EqualFold(r.ResourceAppID, graphAppID) && slices.ContainsFunc(r.Access, func(p Permission) bool {
			return strings.EqualFold(p.ID, receivePayload)
		})
	})
}

// marked says whether the application bears our mark.
func (a *Application) marked() bool { return slices.Contains(a.Tags, markTag) }

// Principal is a service principal: an application as it exists in the tenant.
type Principal struct {
	ID          string `json:"id"`
	AppID       string `json:"appId"`
	DisplayName string `json:"displayName"`
	Enabled     *bool  `json:"accountEnabled"`
}

// Disabled says whether an administrator switched the service principal off. Entra then makes no token for it, or by it.
func (p *Principal) Disabled() bool { return p.Enabled != nil && !*p.Enabled }

// Consent is an app role that a service principal was granted.
type Consent struct {
	ID          string `json:"id"`
	RoleID      string `json:"appRoleId"`
	PrincipalID string `json:"principalId"`
	ResourceID  string `json:"resourceId"`
}

// Extension is a custom authentication extension: the endpoint that Entra calls, and how.
type Extension struct {
	Type           string         `json:"@odata.type"`
	ID             string         `json:"id"`
	DisplayName    string         `json:"displayName"`
	Description    string         `json:"description"`
	Endpoint       Endpoint       `json:"endpointConfiguration"`
	Authentication Authentication `json:"authenticationConfiguration"`
	Client         *CallPolicy    `json:"clientConfiguration"`
	OnError        *OnError       `json:"behaviorOnError"`
}

// Endpoint is where Entra calls.
type Endpoint struct {
	// URL is called as it is. Its query may hold a function key: show [WithoutQuery] of it.
	URL string `json:"targetUrl"`
}

// Authentication is what Entra gets a token for before it calls.
type Authentication struct {
	// ResourceID is one of the app registration's identifier URIs, api://{host}/{appId}.
	ResourceID string `json:"resourceId"`
}

// CallPolicy is how long Entra waits and how often it calls again; nil fields mean the service's defaults.
type CallPolicy struct {
	Timeout *int `json:"timeoutInMilliseconds"`
	Retries *int `json:"maximumRetries"`
}

// OnError is what Entra does when the call fails; none means that it shows an error.
type OnError struct {
	Type string `json:"@odata.type"`
}

// fallsBack says whether Microsoft mails the code where the endpoint does not. The type comes with and without its #.
func (b *OnError) fallsBack() bool {
	return b != nil && strings.EqualFold(strings.TrimPrefix(b.Type, "#"), strings.TrimPrefix(typeFallback, "#"))
}

// appID is the client id in the extension's resource id; "" where it is not of the form api://{host}/{appId}.
func (e *Extension) appID() string {
	_, id, _ := splitURI(e.Authentication.ResourceID)
	return id
}

// marked says whether the extension bears our mark.
func (e *Extension) marked() bool { return e.Description == markDescription }

// isOurs tells the extensions of this event from those of others.
func (e *Extension) isOurs() bool { return sameType(e.Type, typeExtension) }

// Listener makes Entra call an extension when the event happens in some applications.
type Listener struct {
	Type        string     `json:"@odata.type"`
	ID          string     `json:"id"`
	DisplayName string     `json:"displayName"`
	Priority    *int       `json:"priority"`
	Conditions  Conditions `json:"conditions"`
	Handler     Handler    `json:"handler"`
}

// Conditions say when a listener counts.
type Conditions struct {
	Applications AppConditions `json:"applications"`
}

// AppConditions are the applications to which people sign in.
type AppConditions struct {
	// All is in beta only.
	All  bool  `json:"includeAllApplications"`
	Apps []App `json:"includeApplications"`
}

// App names an application by its client id.
type App struct {
	AppID string `json:"appId"`
}

// Handler is what a listener calls.
type Handler struct {
	Type string `json:"@odata.type"`
	// Overrides goes before the extension's own values; nil where the extension's count.
	Overrides *Overrides `json:"configuration"`
	Extension struct {
		ID string `json:"id"`
	} `json:"customExtension"`
}

// Overrides are a listener's own values in place of its extension's.
type Overrides struct {
	OnError *OnError    `json:"behaviorOnError"`
	Client  *CallPolicy `json:"clientConfiguration"`
}

// apps are the client ids that the listener names, sorted, in small letters.
func (l *Listener) apps() []string {
	var ids []string
	for _, app := range l.Conditions.Applications.Apps {
		ids = append(ids, strings.ToLower(app.AppID))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// overlaps says whether a sign-in can meet both listeners.
func (l *Listener) overlaps(all bool, apps []string) bool {
	if l.Conditions.Applications.All || all {
		return true
	}
	return slices.ContainsFunc(l.apps(), func(id string) bool { return slices.Contains(apps, id) })
}

func sameType(have, want string) bool {
	return strings.EqualFold(strings.TrimPrefix(have, "#"), strings.TrimPrefix(want, "#"))
}

// identifierURI is the only form that Entra takes for an endpoint on host (error 1003014).
func identifierURI(host, appID string) string { return "api://" + host + "/" + appID }

// splitURI takes api://{host}/{appId} apart.
func splitURI(uri string) (host, appID string, ok bool) {
	rest, isURI := strings.CutPrefix(uri, "api://")
	host, appID, hasID := strings.Cut(rest, "/")
	if !isURI || !hasID || host == "" || appID == "" || strings.Contains(appID, "/") {
		return "", "", false
	}
	return strings.ToLower(host), strings.ToLower(appID), true
}

// leftOut stands for a URL's query where it is shown or kept.
const leftOut = "?(left out)"

// WithoutQuery is a target URL fit to be shown and kept: a function key in the query is a secret.
func WithoutQuery(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return "(not a URL)"
	}
	hadQuery := u.RawQuery != "" || u.ForceQuery || u.User != nil || u.Fragment != ""
	u.RawQuery, u.ForceQuery, u.User, u.Fragment = "", false, nil, ""
	if hadQuery {
		return u.String() + leftOut
	}
	return u.String()
}

// hostOf is the host name that a target URL and an identifier URI must share.
func hostOf(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
