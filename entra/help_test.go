package entra_test

import (
	"context"
	"os"

	"byoe/entra"
	"byoe/entra/graphtest"
)

// lose takes the record away.
func (b *bench) lose() { _ = os.Remove(b.record) }

func (b *bench) recordText() string {
	raw, err := os.ReadFile(b.record)
	if err != nil {
		return ""
	}
	return string(raw)
}

// look reads the tenant n times, so that whatever lags is seen.
func (b *bench) look(n int) {
	for range n {
		_, _ = entra.Inspect(context.Background(), b.graph.Client(), b.open().Sought(b.want))
	}
}

const (
	handAppID  = "66666666-aaaa-4bbb-8ccc-000000000006"
	handTarget = "https://walkthrough.azurewebsites.net/api/CustomEmailACS?code=hunter2"
	handURI    = "api://walkthrough.azurewebsites.net/" + handAppID
)

// handMade is what Microsoft's walkthrough leaves behind, and returns the extension's id. Its endpoint is ours' where the
// bench's is.
func handMade(b *bench) string {
	app := b.graph.Add(graphtest.Applications, graphtest.Object{
		"appId": handAppID, "displayName": "Azure Functions authentication events API", "identifierUris": []any{handURI},
		"api": graphtest.Object{"requestedAccessTokenVersion": nil}, "requiredResourceAccess": []any{},
	})
	_ = app
	b.graph.Add(graphtest.ServicePrincipals, graphtest.Object{"appId": graphtest.CallerAppID, "displayName": "Azure AD Authentication Extensions", "accountEnabled": true})
	b.graph.Add(graphtest.ServicePrincipals, graphtest.Object{"appId": handAppID, "displayName": "Azure Functions authentication events API", "accountEnabled": true})
	target := handTarget
	if b.want.Endpoint == endpoint {
		target = endpoint
	}
	id := b.graph.Add(graphtest.Extensions, graphtest.Object{
		"@odata.type": "#microsoft.graph.onOtpSendCustomExtension", "displayName": "onEmailOtpSendCustomExtension", "description": "by hand",
		"authenticationConfiguration": graphtest.Object{"@odata.type": "#microsoft.graph.azureAdTokenAuthentication", "resourceId": handURI},
		"endpointConfiguration":       graphtest.Object{"@odata.type": "#microsoft.graph.httpRequestEndpoint", "targetUrl": target},
		"clientConfiguration":         nil, "behaviorOnError": nil,
	})
	b.graph.Add(graphtest.Listeners, graphtest.Object{
		"@odata.type": "#microsoft.graph.onEmailOtpSendListener", "priority": 500,
		"conditions": graphtest.Object{"applications": graphtest.Object{"includeAllApplications": false, "includeApplications": []any{graphtest.Object{"appId": customerApp}}}},
		"handler": graphtest.Object{
			"@odata.type": "#microsoft.graph.onOtpSendCustomExtensionHandler", "customExtension": graphtest.Object{"id": id}, "configuration": nil,
		},
	})
	return id
}
