package entra

import (
	"strconv"
)

// moves says whether the extension calls somewhere else now.
func (p *planner) moves() bool {
	return p.w.Extension != nil && p.w.Extension.Endpoint.URL != p.want.Endpoint
}

func (p *planner) extension() {
	e := p.edit()
	have := p.w.Extension
	endpoint := map[string]any{"@odata.type": typeEndpoint, "targetUrl": p.want.Endpoint}
	authentication := map[string]any{"@odata.type": typeAuthenticate, "resourceId": p.uri()}
	policy := map[string]any{"timeoutInMilliseconds": p.want.Timeout, "maximumRetries": p.want.Retries}
	before := map[string]string{}
	if have != nil {
		before = have.words()
	}
	e.set(propTarget, before[propTarget], WithoutQuery(p.want.Endpoint), "endpointConfiguration", endpoint)
	if have != nil && len(e.changes) == 0 && p.moves() {
		e.note(propTarget, before[propTarget], WithoutQuery(p.want.Endpoint)+", with another query")
		e.body["endpointConfiguration"] = endpoint
	}
	e.set(propResource, before[propResource], p.uri(), "authenticationConfiguration", authentication)
	e.set(propTimeout, before[propTimeout], strconv.Itoa(p.want.Timeout), "clientConfiguration", policy)
	e.set(propRetries, before[propRetries], strconv.Itoa(p.want.Retries), "clientConfiguration", policy)
	p.onError(e, before[propOnError])
	if have == nil {
		e.body["displayName"], e.body["description"] = p.want.Name, markDescription
		e.body["@odata.type"] = typeExtension
		p.add(Step{
			Action: Create, Resource: ResourceExtension, Name: p.want.Name, path: pathExtensions, body: e.body, Changes: e.changes,
		})
		return
	}
	if e.body["endpointConfiguration"] != nil || e.body["authenticationConfiguration"] != nil {
		// Both in one request, always: between two of them their hosts would differ, and every sign-in fail with 1003015.
		e.body["endpointConfiguration"], e.body["authenticationConfiguration"] = endpoint, authentication
	}
	e.body["@odata.type"] = typeExtension
	p.update(e, ResourceExtension, have.DisplayName, pathExtensions)
}

// onError sets the fallback on the extension. That is where it holds: a listener has a place for it too, whose values go
// first, but where that one is empty the extension's count (Graph's description of the handler's configuration).
func (p *planner) onError(e *edit, before string) {
	if p.want.Fallback {
		e.set(propOnError, before, wordFallback, "behaviorOnError", map[string]any{"@odata.type": typeFallback})
		return
	}
	if before == "" { // a new one needs nothing said
		e.note(propOnError, "", wordError)
		return
	}
	e.set(propOnError, before, wordError, "behaviorOnError", nil)
}
