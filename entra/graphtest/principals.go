package graphtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func (g *Graph) principalOf(appID string) *entry {
	return g.first(ServicePrincipals, func(o Object) bool { return strings.EqualFold(text(o, "appId"), appID) })
}

func (g *Graph) applicationOf(appID string) *entry {
	return g.first(Applications, func(o Object) bool { return strings.EqualFold(text(o, "appId"), appID) })
}

// createPrincipal makes one of the directory's own applications, or of Entra's caller, which every directory can have.
func (q *query) createPrincipal() *answer {
	appID := text(q.body, "appId")
	if appID == "" {
		return badRequest("A value is required for property 'appId' of resource 'ServicePrincipal'.")
	}
	if q.graph.principalOf(appID) != nil {
		return conflict("The service principal cannot be created, updated, or restored because the service principal name " + appID + " is already in use.")
	}
	o := Object{
		"accountEnabled": true, "appRoles": []any{}, "servicePrincipalType": "Application", "tags": []any{},
		"appRoleAssignmentRequired": false,
	}
	switch application := q.graph.applicationOf(appID); {
	case application.isSeen():
		o["displayName"], o["appDisplayName"] = application.object["displayName"], application.object["displayName"]
		o["servicePrincipalNames"], o["appOwnerOrganizationId"] = namesOf(application.object), TenantID
	case strings.EqualFold(appID, CallerAppID):
		o["displayName"], o["appDisplayName"] = "Azure AD Authentication Extensions", "Azure AD Authentication Extensions"
		o["servicePrincipalNames"] = []any{CallerAppID}
	default:
		return badRequest("The appId '%s' of the service principal does not reference a valid application object.", appID)
	}
	merge(o, q.body)
	return q.created(ServicePrincipals, o)
}

func (q *query) changePrincipal(e *entry) *answer {
	if refusal := readOnly(q.body, "ServicePrincipal", "id", "appId"); refusal != nil {
		return refusal
	}
	merge(e.object, q.body)
	return done()
}

func (q *query) removePrincipal(e *entry) *answer {
	id := text(e.object, "id")
	q.graph.store[AppRoleAssignments] = slices.DeleteFunc(q.graph.store[AppRoleAssignments], func(a *entry) bool {
		return text(a.object, "principalId") == id || text(a.object, "resourceId") == id
	})
	q.graph.drop(ServicePrincipals, id)
	return done()
}

// onAssignments lists and makes a service principal's app role assignments.
func (q *query) onAssignments(principal Object) *answer {
	switch q.request.Method {
	case http.MethodGet:
		var own []*entry
		for _, e := range q.graph.store[AppRoleAssignments] {
			if text(e.object, "principalId") == text(principal, "id") {
				own = append(own, e)
			}
		}
		return q.list(kind{collection: AppRoleAssignments}, own)
	case http.MethodPost:
		return q.createAssignment(principal)
	default:
		return notAllowed()
	}
}

func (q *query) createAssignment(principal Object) *answer {
	for _, name := range []string{"principalId", "resourceId", "appRoleId"} {
		if text(q.body, name) == "" {
			return badRequest("A value is required for property '%s' of resource 'AppRoleAssignment'.", name)
		}
	}
	if text(q.body, "principalId") != text(principal, "id") {
		return badRequest("The principalId of the assignment is not the id of the service principal.")
	}
	resource := q.graph.find(ServicePrincipals, text(q.body, "resourceId"))
	if !resource.isSeen() {
		return notFound(text(q.body, "resourceId"))
	}
	role := text(q.body, "appRoleId")
	if !slices.ContainsFunc(objects(resource.object["appRoles"]), func(r Object) bool { return text(r, "id") == role }) {
		return badRequest("Permission being assigned was not found on application '%s'.", text(resource.object, "appId"))
	}
	for _, e := range q.graph.store[AppRoleAssignments] {
		if text(e.object, "principalId") == text(principal, "id") && text(e.object, "appRoleId") == role &&
			text(e.object, "resourceId") == text(q.body, "resourceId") {
			return badRequest("Permission being assigned already exists on the object")
		}
	}
	return q.created(AppRoleAssignments, Object{
		"principalId": text(principal, "id"), "resourceId": text(q.body, "resourceId"), "appRoleId": role,
		"principalType": "ServicePrincipal", "principalDisplayName": text(principal, "displayName"),
		"resourceDisplayName": text(resource.object, "displayName"), "createdDateTime": time.Now().UTC().Format(time.RFC3339),
	})
}

// onAssignment shows or removes one.
func (q *query) onAssignment(principal Object, id string) *answer {
	e := q.graph.find(AppRoleAssignments, id)
	if !e.isSeen() || text(e.object, "principalId") != text(principal, "id") {
		return notFound(id)
	}
	switch q.request.Method {
	case http.MethodGet:
		return reply(http.StatusOK, e.object)
	case http.MethodDelete:
		q.graph.drop(AppRoleAssignments, id)
		return done()
	default:
		return notAllowed()
	}
}
