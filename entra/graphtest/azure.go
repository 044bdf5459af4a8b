package graphtest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"byoe/entra/graph"
)

// AzureAddress is where [Azure.Transport] answers.
const AzureAddress = "https://management.example"

// Azure stands in for Azure Resource Manager with one Function App.
type Azure struct {
	// Site is the app, HostName where it answers.
	Site     graph.Site
	HostName string
	// Between is called after the settings were written and before they are read again, as by somebody else. It may be nil.
	Between func(settings map[string]string)

	mu       sync.Mutex
	settings map[string]string
	writes   int
}

// NewAzure returns one whose app has these settings.
func NewAzure(settings map[string]string) *Azure {
	return &Azure{
		Site:     graph.Site{Subscription: "33333333-aaaa-4bbb-8ccc-000000000003", ResourceGroup: "mail", Name: "contoso-otp"},
		HostName: "contoso-otp.azurewebsites.net", settings: maps.Clone(settings),
	}
}

// Settings returns the app's, and how often they were written.
func (a *Azure) Settings() (settings map[string]string, writes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.settings), a.writes
}

// Transport answers requests to [AzureAddress].
func (a *Azure) Transport() policy.Transporter { return transport{take: a.take} }

// Client is a client of the stand-in, signed in to another directory than Graph's.
func (a *Azure) Client(t testing.TB) *graph.Resources {
	client, err := graph.NewResources(graph.Options{
		Cloud: graph.Cloud{Name: "public", Resources: AzureAddress}, Transport: a.Transport(),
		Credential: credential{&Graph{me: Me{TenantID: "44444444-aaaa-4bbb-8ccc-000000000004", Name: "owner@fabrikam.example"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func (a *Azure) take(r *http.Request) *answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	given := a.answer(r)
	given.name(r.Header.Get("X-Ms-Client-Request-Id"))
	return given
}

func (a *Azure) answer(r *http.Request) *answer {
	rest, ok := strings.CutPrefix(r.URL.Path, a.Site.ID())
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
		return refuse(http.StatusUnauthorized, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
	case r.URL.Query().Get("api-version") == "":
		return refuse(http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	case !ok:
		return refuse(http.StatusNotFound, "ResourceNotFound", "The Resource was not found.")
	case r.Method == http.MethodGet && rest == "":
		return reply(http.StatusOK, Object{"id": a.Site.ID(), "name": a.Site.Name, "properties": Object{
			"defaultHostName":  a.HostName,
			"enabledHostNames": []string{a.HostName, strings.Replace(a.HostName, ".", ".scm.", 1)},
		}})
	case r.Method == http.MethodPost && rest == "/config/appsettings/list":
		return reply(http.StatusOK, Object{"name": "appsettings", "properties": a.settings})
	case r.Method == http.MethodPut && rest == "/config/appsettings":
		return a.replace(r.Body)
	default:
		return refuse(http.StatusNotFound, "ResourceNotFound", "The Resource was not found.")
	}
}

// replace forgets every setting that the body has not, as Azure does.
func (a *Azure) replace(body io.Reader) *answer {
	var given struct{ Properties map[string]string }
	if json.NewDecoder(body).Decode(&given) != nil {
		return refuse(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
	}
	a.writes++
	a.settings = given.Properties
	stored := reply(http.StatusOK, Object{"name": "appsettings", "properties": a.settings})
	if a.Between != nil {
		a.Between(a.settings)
	}
	return stored
}
