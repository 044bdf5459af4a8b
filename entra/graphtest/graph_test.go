package graphtest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"byoe/entra/graph"
	"byoe/entra/graphtest"
)

type object = graphtest.Object

const host = "otp.contoso.net"

// wired is a directory with all that a working extension needs, made through Graph.
type wired struct {
	*graphtest.Graph

	appID, appObjectID, principalID, extensionID string
}

func do(t *testing.T, c *graph.Client, method string, v graph.Version, path string, in object) object {
	t.Helper()
	var out object
	if err := c.Do(t.Context(), method, v, path, in, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func text(o object, name string) string {
	s, _ := o[name].(string)
	return s
}

func extension(appID string) object {
	return object{
		"@odata.type": "#microsoft.graph.onOtpSendCustomExtension", "displayName": "byoe",
		"authenticationConfiguration": object{"@odata.type": "#microsoft.graph.azureAdTokenAuthentication", "resourceId": "api://" + host + "/" + appID},
		"endpointConfiguration":       object{"@odata.type": "#microsoft.graph.httpRequestEndpoint", "targetUrl": "https://" + host + "/api/EmailOtpSend"},
		"clientConfiguration":         object{"timeoutInMilliseconds": 2000, "maximumRetries": 1},
		"behaviorOnError":             object{"@odata.type": "#microsoft.graph.fallbackToMicrosoftProviderOnError"},
	}
}

func listener(extensionID string) object {
	return object{
		"@odata.type": "#microsoft.graph.onEmailOtpSendListener",
		"conditions":  object{"applications": object{"includeApplications": []any{object{"appId": "55555555-aaaa-4bbb-8ccc-000000000005"}}}},
		"handler":     object{"@odata.type": "#microsoft.graph.onOtpSendCustomExtensionHandler", "customExtension": object{"id": extensionID}},
	}
}

func wire(t *testing.T) wired {
	t.Helper()
	w := wired{Graph: graphtest.New(t)}
	c := w.Client()
	do(t, c, "POST", graph.V1, "/servicePrincipals", object{"appId": graphtest.CallerAppID})
	app := do(t, c, "POST", graph.V1, "/applications", object{"displayName": "byoe"})
	w.appID, w.appObjectID = text(app, "appId"), text(app, "id")
	w.principalID = text(do(t, c, "POST", graph.V1, "/servicePrincipals", object{"appId": w.appID}), "id")
	do(t, c, "PATCH", graph.V1, "/applications/"+w.appObjectID, object{
		"identifierUris": []any{"api://" + host + "/" + w.appID}, "api": object{"requestedAccessTokenVersion": 2},
		"requiredResourceAccess": []any{object{"resourceAppId": graphtest.GraphAppID, "resourceAccess": []any{object{"id": graphtest.ReceivePayload, "type": "Role"}}}},
	})
	of := do(t, c, "GET", graph.V1, "/servicePrincipals(appId='"+graphtest.GraphAppID+"')?$select=id", nil)
	do(t, c, "POST", graph.V1, "/servicePrincipals/"+w.principalID+"/appRoleAssignments", object{
		"principalId": w.principalID, "resourceId": of["id"], "appRoleId": graphtest.ReceivePayload,
	})
	w.extensionID = text(do(t, c, "POST", graph.V1, "/identity/customAuthenticationExtensions", extension(w.appID)), "id")
	return w
}

// The walkthrough's steps work in their order, and everything can be read back and taken away again.
func TestWholeWay(t *testing.T) {
	t.Parallel()
	w := wire(t)
	c := w.Client()
	var found struct{ Errors, Warnings []object }
	if err := c.Ask(t.Context(), graph.V1, "/identity/customAuthenticationExtensions/"+w.extensionID+"/validateAuthenticationConfiguration", nil, &found); err != nil || len(found.Errors)+len(found.Warnings) > 0 {
		t.Fatal(found, err)
	}
	all := listener(w.extensionID)
	all["conditions"] = object{"applications": object{"includeAllApplications": true, "includeApplications": []any{}}}
	all["priority"] = 400
	id := text(do(t, c, "POST", graph.Beta, "/identity/authenticationEventListeners", all), "id")
	do(t, c, "PATCH", graph.Beta, "/identity/authenticationEventListeners/"+id, object{
		"@odata.type": "#microsoft.graph.onEmailOtpSendListener",
		"handler": object{"@odata.type": "#microsoft.graph.onOtpSendCustomExtensionHandler", "configuration": object{
			"behaviorOnError": object{"@odata.type": "#microsoft.graph.fallbackToMicrosoftProviderOnError"},
		}},
	})
	got := do(t, c, "GET", graph.Beta, "/identity/authenticationEventListeners/"+id, nil)
	handler, _ := got["handler"].(object)
	if handler["customExtension"] == nil || handler["configuration"] == nil || got["priority"] != 400.0 {
		t.Errorf("a change of the handler's configuration lost something: %v", got)
	}
	if got := do(t, c, "GET", graph.V1, "/identity/authenticationEventListeners/"+id, nil); got["priority"] != nil {
		t.Errorf("v1.0 shows %v", got)
	}
	for _, path := range []string{"/identity/authenticationEventListeners/" + id, "/identity/customAuthenticationExtensions/" + w.extensionID, "/applications/" + w.appObjectID} {
		do(t, c, "DELETE", graph.V1, path, nil)
		if err := c.Do(t.Context(), "GET", graph.V1, path, nil, nil); !graph.IsNotFound(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left := w.List(graphtest.AppRoleAssignments); len(left) > 0 || w.Get(graphtest.ServicePrincipals, w.principalID) != nil {
		t.Error("the application's service principal or its consent outlived it")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := wire(t)
	of := w.List(graphtest.ServicePrincipals)[0]
	without := func(name string) object { o := extension(w.appID); delete(o, name); return o }
	with := func(o object, name string, value any) object { o[name] = value; return o }
	const extensions, listeners = "/identity/customAuthenticationExtensions", "/identity/authenticationEventListeners"
	assignments := "/servicePrincipals/" + w.principalID + "/appRoleAssignments"
	for name, tt := range map[string]struct {
		method  string
		version graph.Version
		path    string
		body    object
		status  int
		says    string
	}{
		"application without a name":            {"POST", graph.V1, "/applications", object{"signInAudience": "AzureADMyOrg"}, 400, "displayName"},
		"foreign identifier URI":                {"PATCH", graph.V1, "/applications/" + w.appObjectID, object{"identifierUris": []any{"api://otp.contoso.net"}}, 400, "verified domain"},
		"identifier URI of another application": {"PATCH", graph.V1, "/applications/" + w.appObjectID, object{"identifierUris": []any{"api://" + host + "/" + graphtest.CallerAppID}}, 400, "verified domain"},
		"principal of no application":           {"POST", graph.V1, "/servicePrincipals", object{"appId": "55555555-aaaa-4bbb-8ccc-000000000005"}, 400, "valid application object"},
		"second principal":                      {"POST", graph.V1, "/servicePrincipals", object{"appId": w.appID}, 409, "already in use"},
		"unknown role":                          {"POST", graph.V1, assignments, object{"principalId": w.principalID, "resourceId": of["id"], "appRoleId": w.principalID}, 400, "was not found"},
		"second assignment":                     {"POST", graph.V1, assignments, object{"principalId": w.principalID, "resourceId": of["id"], "appRoleId": graphtest.ReceivePayload}, 400, "already exists"},
		"assignment of half":                    {"POST", graph.V1, assignments, object{"principalId": w.principalID}, 400, "resourceId"},
		"extension without a type":              {"POST", graph.V1, extensions, without("@odata.type"), 400, "abstract"},
		"abstract extension":                    {"POST", graph.V1, extensions, with(extension(w.appID), "@odata.type", "#microsoft.graph.customAuthenticationExtension"), 400, "Invalid OData type"},
		"extension without an endpoint":         {"POST", graph.V1, extensions, without("endpointConfiguration"), 400, "required"},
		"abstract behaviour":                    {"POST", graph.V1, extensions, with(extension(w.appID), "behaviorOnError", object{"@odata.type": "#microsoft.graph.customExtensionBehaviorOnError"}), 400, "Invalid OData type"},
		"property that Graph has not":           {"POST", graph.V1, extensions, with(extension(w.appID), "onFailedOtpSend", object{}), 400, "does not exist"},
		"time-out too long":                     {"POST", graph.V1, extensions, with(extension(w.appID), "clientConfiguration", object{"timeoutInMilliseconds": 3000}), 400, "out of range"},
		"resource of another form":              {"POST", graph.V1, extensions, with(extension(w.appID), "authenticationConfiguration", object{"@odata.type": "#microsoft.graph.azureAdTokenAuthentication", "resourceId": "api://" + w.appID}), 400, "format"},
		"another host":                          {"POST", graph.V1, extensions, with(extension(w.appID), "endpointConfiguration", object{"@odata.type": "#microsoft.graph.httpRequestEndpoint", "targetUrl": "https://other.example/"}), 400, "should match"},
		"resource not among the URIs":           {"POST", graph.V1, extensions, with(with(extension(w.appID), "authenticationConfiguration", object{"@odata.type": "#microsoft.graph.azureAdTokenAuthentication", "resourceId": "api://other.example/" + w.appID}), "endpointConfiguration", object{"@odata.type": "#microsoft.graph.httpRequestEndpoint", "targetUrl": "https://other.example/"}), 400, "IdentifierUris"},
		"change without a type":                 {"PATCH", graph.V1, extensions + "/" + w.extensionID, object{"displayName": "x"}, 400, "type"},
		"listener for all in v1.0":              {"POST", graph.V1, listeners, with(listener(w.extensionID), "conditions", object{"applications": object{"includeAllApplications": true}}), 400, "includeAllApplications"},
		"listener to nowhere":                   {"POST", graph.V1, listeners, listener("nowhere"), 400, "does not exist"},
		"priority out of range":                 {"POST", graph.Beta, listeners, with(listener(w.extensionID), "priority", 1001), 400, "out of range"},
		"unknown thing":                         {"GET", graph.V1, "/applications/x", nil, 404, "does not exist"},
		"unknown collection":                    {"GET", graph.V1, "/groups", nil, 400, "segment"},
		"unknown filter":                        {"GET", graph.V1, "/users?$filter=identities/any(i:i/issuer eq 'mail')", nil, 400, "filter"},
		"page too large":                        {"GET", graph.V1, "/users?$top=1000", nil, 400, "page size"},
		"method that Graph has not":             {"DELETE", graph.V1, "/invitations", nil, 405, "not allowed"},
		"invitation to nowhere":                 {"POST", graph.V1, "/invitations", object{"invitedUserEmailAddress": "a@b.example"}, 400, "inviteRedirectUrl"},
		"reset of nobody":                       {"POST", graph.V1, "/invitations", object{"invitedUserEmailAddress": "a@b.example", "inviteRedirectUrl": "https://x.example", "resetRedemption": true}, 400, "invitedUser"},
		"policy of no known value":              {"PATCH", graph.V1, "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email", object{"@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration", "allowExternalIdToUseEmailOtp": "on"}, 400, "not one of"},
	} {
		before := len(w.Requests())
		err := w.Client().Do(t.Context(), tt.method, tt.version, tt.path, tt.body, nil)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
		requests := w.Requests()
		if len(requests) != before+1 || requests[before].Status != tt.status {
			t.Errorf("%s: %+v", name, requests[before:])
		}
	}
}

// Without a service principal of Entra's caller nothing works, and Graph does not say why.
func TestCallerIsMissing(t *testing.T) {
	t.Parallel()
	w := wire(t)
	for _, sp := range w.List(graphtest.ServicePrincipals) {
		if text(sp, "appId") == graphtest.CallerAppID {
			w.Remove(graphtest.ServicePrincipals, text(sp, "id"))
		}
	}
	if err := w.Client().Do(t.Context(), "POST", graph.V1, "/identity/customAuthenticationExtensions", extension(w.appID), nil); !graph.IsCode(err, "AADB2C90063") {
		t.Error(err)
	}
}

func TestLag(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	c := g.Client()
	g.Lag(2)
	app := do(t, c, "POST", graph.V1, "/applications", object{"displayName": "byoe"})
	list := func() int {
		apps, err := graph.All[object](t.Context(), c, graph.V1, "/applications?$filter=appId eq "+graph.Literal(text(app, "appId")))
		if err != nil {
			t.Fatal(err)
		}
		return len(apps)
	}
	if n := list(); n != 0 {
		t.Errorf("%d listed at once", n)
	}
	if err := c.Do(t.Context(), "POST", graph.V1, "/servicePrincipals", object{"appId": app["appId"]}, nil); err == nil {
		t.Error("referenced at once")
	}
	if n := list(); n != 1 {
		t.Errorf("%d listed after two answers", n)
	}
	do(t, c, "POST", graph.V1, "/servicePrincipals", object{"appId": app["appId"]})
	if err := c.Do(t.Context(), "POST", graph.V1, "/servicePrincipals", object{"appId": app["appId"]}, nil); !graph.IsConflict(err) {
		t.Errorf("what lags is not there for a second one: %v", err)
	}
}

// A request fails before or after it took effect, once or for good.
func TestFailures(t *testing.T) {
	t.Parallel()
	for mode, effect := range map[graphtest.Mode]int{
		graphtest.LostBefore: 0, graphtest.LostAfter: 1, graphtest.Broken: 0, graphtest.BrokenAfter: 1, graphtest.Unavailable: 0,
	} {
		g := graphtest.New(t)
		c := g.ClientOnce()
		g.FailAt(2, mode)
		do(t, c, "GET", graph.V1, "/organization", nil)
		err := c.Do(t.Context(), "POST", graph.V1, "/applications", object{"displayName": "x"}, nil)
		if !graph.OutcomeUnknown(err) || len(g.List(graphtest.Applications)) != effect {
			t.Errorf("mode %d: %v, %d made", mode, err, len(g.List(graphtest.Applications)))
		}
		do(t, c, "GET", graph.V1, "/organization", nil)
		g.StopAt(1, mode)
		for range 3 {
			if err := c.Do(t.Context(), "GET", graph.V1, "/organization", nil, nil); err == nil {
				t.Errorf("mode %d: it goes on", mode)
			}
		}
		g.Heal()
		do(t, c, "GET", graph.V1, "/organization", nil)
	}
}

// A server of the network gives the same answers as the transport, links to the next page among them.
func TestServer(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	for range 5 {
		g.AddGuest("guest@fabrikam.example", "mail")
	}
	g.PageSize(2)
	server := newServer(t, g)
	c, err := graph.New(graph.Options{Cloud: graph.Cloud{Endpoint: server.URL}, Credential: g.Credential(), Transport: server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	users, err := graph.All[object](t.Context(), c, graph.V1, "/users?$filter=userType eq 'Guest'&$select=id,identities")
	if err != nil || len(users) != 5 || users[0]["identities"] == nil || users[0]["mail"] != nil {
		t.Errorf("%d users: %v, %v", len(users), users, err)
	}
	g.Throttle(1, time.Second)
	g.FailAt(2, graphtest.LostBefore)
	do(t, c, http.MethodGet, graph.V1, "/organization", nil)
}

func TestFork(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	fork := g.Fork(t)
	do(t, fork.Client(), "POST", graph.V1, "/applications", object{"displayName": "x"})
	if len(g.List(graphtest.Applications)) != 0 || len(g.Requests()) != 0 || len(fork.Writes()) != 1 {
		t.Error("a fork shares something")
	}
}
