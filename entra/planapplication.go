package entra

import (
	"slices"
	"strconv"
	"strings"
)

// uri is the App ID URI that is wanted.
func (p *planner) uri() string {
	if p.w.Application != nil {
		return identifierURI(p.want.host(), p.w.Application.AppID)
	}
	return identifierURI(p.want.host(), refAppID)
}

// application makes or mends the app registration. Its URI holds its client id, which is not known before it is made: so the
// URI is a request of its own.
func (p *planner) application() {
	a := p.w.Application
	version := 2
	if a == nil {
		p.add(Step{
			Action: Create, Resource: ResourceApplication, Name: p.want.Name, path: pathApplications,
			body: map[string]any{
				"displayName": p.want.Name, "signInAudience": "AzureADMyOrg", "tags": []string{markTag},
				"api": map[string]any{"requestedAccessTokenVersion": version}, "requiredResourceAccess": []any{receiveAccess(nil)},
			},
			Changes: []Change{{propVersion, "", "2"}, {propRequired, "", wordReceive}},
			Why:     "the webhook takes only tokens that are made for it",
		})
		a = &Application{API: API{TokenVersion: &version}, Required: []ResourceAccess{{graphAppID, []Permission{{receivePayload, "Role"}}}}}
	}
	e := p.edit()
	if !a.hasURI(p.uri()) {
		uris := append(slices.Clone(a.IdentifierURIs), p.uri())
		e.set(propURIs, strings.Join(a.IdentifierURIs, ", "), strings.Join(uris, ", "), "identifierUris", uris)
	}
	if !a.asksToReceive() {
		e.set(propRequired, "without Receive.Payload", wordReceive, "requiredResourceAccess", withReceive(a.Required))
	}
	if !p.moves() {
		p.tokenVersion(e, a)
	}
	p.update(e, ResourceApplication, p.want.Name, pathApplications)
}

// tokenVersion wants v2 tokens. While the extension still calls another endpoint, which may know v1 tokens only, that waits
// until after the move.
func (p *planner) tokenVersion(e *edit, a *Application) {
	e.set(propVersion, strconv.Itoa(a.tokenVersion()), "2", "api", map[string]any{"requestedAccessTokenVersion": 2})
}

// receiveAccess is the entry of Graph in requiredResourceAccess, with what else the application asks of Graph.
func receiveAccess(others []Permission) map[string]any {
	access := []any{map[string]any{"id": receivePayload, "type": "Role"}}
	for _, p := range others {
		access = append(access, map[string]any{"id": p.ID, "type": p.Type})
	}
	return map[string]any{"resourceAppId": graphAppID, "resourceAccess": access}
}

// withReceive is the whole list with Receive.Payload in it: Graph replaces it whole.
func withReceive(have []ResourceAccess) []any {
	var list []any
	var ofGraph []Permission
	for _, r := range have {
		if strings.EqualFold(r.ResourceAppID, graphAppID) {
			ofGraph = append(ofGraph, r.Access...)
			continue
		}
		var access []any
		for _, p := range r.Access {
			access = append(access, map[string]any{"id": p.ID, "type": p.Type})
		}
		list = append(list, map[string]any{"resourceAppId": r.ResourceAppID, "resourceAccess": access})
	}
	return append(list, receiveAccess(ofGraph))
}

func (p *planner) principal() {
	if p.w.Principal != nil {
		p.enable(ResourcePrincipal, p.w.Principal, "error 1003019")
		return
	}
	p.add(Step{
		Action: Create, Resource: ResourcePrincipal, Name: p.want.Name, path: pathPrincipals, body: map[string]any{"appId": refAppID},
		Why: "without it Entra makes no token for the webhook (1003016)",
	})
}

func (p *planner) consent() {
	if p.w.Consent != nil {
		return
	}
	p.add(Step{
		Action: Create, Resource: ResourceConsent, path: pathPrincipals + "/" + refPrincipal + "/appRoleAssignments",
		body: map[string]any{"principalId": refPrincipal, "resourceId": refGraph, "appRoleId": receivePayload},
		Why:  "an administrator's consent; without it Entra sends nothing (1003021)",
	})
}

// tidy does what had to wait for a move: v2 tokens, and taking away the URIs of an earlier host. Those of an application that
// was adopted stay: they are the way back.
func (p *planner) tidy() {
	a := p.w.Application
	if a == nil {
		return
	}
	e := p.edit()
	if p.moves() {
		p.tokenVersion(e, a)
	}
	then := a.IdentifierURIs // what they are once the application is mended
	if !a.hasURI(p.uri()) {
		then = append(slices.Clone(then), p.uri())
	}
	kept := slices.DeleteFunc(slices.Clone(then), func(uri string) bool { return p.stale(a, uri) })
	e.set(propURIs, strings.Join(then, ", "), strings.Join(kept, ", "), "identifierUris", kept)
	p.update(e, ResourceApplication, a.DisplayName, pathApplications)
}

// stale says whether a URI is of an earlier host of ours and nobody's any more.
func (p *planner) stale(a *Application, uri string) bool {
	host, appID, ok := splitURI(uri)
	if !ok || !a.marked() || p.adopting || !strings.EqualFold(appID, a.AppID) || host == p.want.host() {
		return false
	}
	return !slices.ContainsFunc(p.w.Extensions, func(e Extension) bool {
		return (p.w.Extension == nil || e.ID != p.w.Extension.ID) && strings.EqualFold(e.Authentication.ResourceID, uri)
	})
}
