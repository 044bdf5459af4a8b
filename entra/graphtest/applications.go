package graphtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (q *query) createApplication() *answer {
	if text(q.body, "displayName") == "" {
		return badRequest("A value is required for property 'displayName' of resource 'Application'.")
	}
	if refusal := readOnly(q.body, "Application", "id", "appId"); refusal != nil {
		return refusal
	}
	o := Object{
		"appId": newID(), "createdDateTime": time.Now().UTC().Format(time.RFC3339), "signInAudience": "AzureADMyOrg",
		"identifierUris": []any{}, "requiredResourceAccess": []any{}, "tags": []any{}, "appRoles": []any{},
		"api": Object{
			"acceptMappedClaims": nil, "knownClientApplications": []any{}, "requestedAccessTokenVersion": nil,
			"oauth2PermissionScopes": []any{}, "preAuthorizedApplications": []any{},
		},
	}
	merge(o, q.body)
	if refusal := q.checkApplication(o); refusal != nil {
		return refusal
	}
	return q.created(Applications, o)
}

func (q *query) changeApplication(e *entry) *answer {
	if refusal := readOnly(q.body, "Application", "id", "appId"); refusal != nil {
		return refusal
	}
	o := clone(e.object)
	merge(o, q.body)
	if refusal := q.checkApplication(o); refusal != nil {
		return refusal
	}
	e.object = o
	if sp := q.graph.principalOf(text(o, "appId")); sp != nil {
		sp.object["servicePrincipalNames"] = namesOf(o)
	}
	return done()
}

// removeApplication takes the service principal along, as the home directory does.
func (q *query) removeApplication(e *entry) *answer {
	if sp := q.graph.principalOf(text(e.object, "appId")); sp != nil {
		q.removePrincipal(sp)
	}
	q.graph.drop(Applications, text(e.object, "id"))
	return done()
}

// checkApplication refuses identifier URIs as the default policy of directories does (learn.microsoft.com, Restrictions on
// identifier URIs of Microsoft Entra applications), and those that another application has.
func (q *query) checkApplication(o Object) *answer {
	seen := map[string]bool{}
	for _, uri := range texts(o["identifierUris"]) {
		if !q.graph.mayIdentify(uri, text(o, "appId")) {
			return badRequest("Failed to add identifier URI %s. All newly added URIs must contain a tenant verified domain, tenant ID, or app ID, "+
				"as per the default tenant policy of your organization. See https://aka.ms/identifier-uri-formatting-error for more information on this error.", uri)
		}
		other := q.graph.first(Applications, func(a Object) bool {
			return text(a, "appId") != text(o, "appId") && slices.Contains(texts(a["identifierUris"]), uri)
		})
		if other != nil || seen[uri] {
			return badRequest("Another object with the same value for property identifierUris already exists.")
		}
		seen[uri] = true
	}
	for _, access := range objects(o["requiredResourceAccess"]) {
		for _, permission := range objects(access["resourceAccess"]) {
			if kind := text(permission, "type"); text(permission, "id") == "" || kind != "Role" && kind != "Scope" {
				return badRequest("Invalid value specified for property 'resourceAccess' of resource 'Application'.")
			}
		}
	}
	return nil
}

// mayIdentify takes api://{appId}, api://{tenantId}/…, api://{anything}/{appId} and whatever is below a verified domain.
func (g *Graph) mayIdentify(uri, appID string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "api" && u.Scheme != "https" || u.Host == "" || strings.HasSuffix(uri, "/") {
		return false
	}
	if u.Scheme == "api" && (u.Host == TenantID || slices.Contains(append(strings.Split(u.Path, "/"), u.Host), appID)) {
		return true
	}
	for _, domain := range objects(g.find(Organizations, TenantID).object["verifiedDomains"]) {
		if name := text(domain, "name"); u.Host == name || strings.HasSuffix(u.Host, "."+name) {
			return true
		}
	}
	return false
}

// readOnly refuses what only Graph sets.
func readOnly(body Object, resource string, names ...string) *answer {
	for _, name := range names {
		if _, ok := body[name]; ok {
			return badRequest("Property '%s' is read-only and cannot be set on resource '%s'.", name, resource)
		}
	}
	return nil
}

func namesOf(application Object) []any {
	names := []any{text(application, "appId")}
	for _, uri := range texts(application["identifierUris"]) {
		names = append(names, uri)
	}
	return names
}

// conflict is the 409 of a second thing with the same key.
func conflict(message string) *answer {
	return refuse(http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue", message)
}
