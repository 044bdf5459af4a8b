// Package graphtest is a stand-in for Microsoft Graph in tests: it holds a directory's state, takes the requests that Graph
// takes and refuses what Graph is known to refuse, in Graph's words. It throttles, lags, pages and breaks off on demand.
//
// What it knows of Graph comes from Graph's reference, from its metadata, and from what others met (facts about Entra that
// the reference has not are marked where they are used). Where BYOE_CONTRACTS names the folder with Graph's descriptions,
// each request that the stand-in takes is also held against them, and one that breaks them fails the test.
package graphtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"byoe/entra/graph"
)

// What a new directory has.
const (
	TenantID      = "11111111-aaaa-4bbb-8ccc-000000000001"
	InitialDomain = "contoso.onmicrosoft.com"
	CustomDomain  = "contoso.example"
	// GraphAppID is Microsoft Graph's own application, whose service principal every directory has.
	GraphAppID = "00000003-0000-0000-c000-000000000000"
	// CallerAppID is the application with which Entra calls extensions. A new directory has no service principal of it.
	CallerAppID = "99045fe1-7639-4a75-9d4a-577b6ca3810f"
	// ReceivePayload is the id of Graph's app role CustomAuthenticationExtension.Receive.Payload.
	ReceivePayload = "214e810f-fda8-4fd7-a475-29461495eb00"
	// Address is where [Graph.Transport] answers.
	Address = "https://graph.example"
)

// Graph is a directory behind Microsoft Graph. It is safe for concurrent use; requests are taken one after the other.
type Graph struct {
	t        testing.TB
	contract *contract

	mu    sync.Mutex
	store map[string][]*entry
	log   []Request
	knobs knobs
	// me is what the tokens of Credential say.
	me Me
}

// New returns a new external tenant.
func New(t testing.TB) *Graph {
	g := &Graph{t: t, contract: loadContract(t), store: map[string][]*entry{}, me: Me{TenantID: TenantID, Name: "admin@" + InitialDomain}}
	g.seed()
	return g
}

// Fork returns a directory of its own that holds the same, behaves well and has no log: for a test that begins many times
// from one state.
func (g *Graph) Fork(t testing.TB) *Graph {
	g.mu.Lock()
	defer g.mu.Unlock()
	fork := &Graph{t: t, contract: g.contract, store: map[string][]*entry{}, me: g.me}
	for collection, entries := range g.store {
		for _, e := range entries {
			fork.store[collection] = append(fork.store[collection], &entry{object: clone(e.object), hidden: e.hidden})
		}
	}
	return fork
}

func (g *Graph) seed() {
	g.Add(Organizations, Object{
		"id": TenantID, "displayName": "Contoso Customers", "tenantType": "CIAM",
		"verifiedDomains": []any{
			Object{"name": InitialDomain, "isDefault": false, "isInitial": true, "type": "Managed", "capabilities": "Email"},
			Object{"name": CustomDomain, "isDefault": true, "isInitial": false, "type": "Managed", "capabilities": "Email"},
		},
	})
	g.Add(ServicePrincipals, Object{
		"appId": GraphAppID, "displayName": "Microsoft Graph", "appDisplayName": "Microsoft Graph", "accountEnabled": true,
		"servicePrincipalNames": []any{GraphAppID, "https://graph.microsoft.com"},
		"appRoles": []any{Object{
			"id": ReceivePayload, "value": "CustomAuthenticationExtension.Receive.Payload", "isEnabled": true,
			"displayName": "Receive custom authentication extension HTTP requests", "allowedMemberTypes": []any{"Application"},
		}},
	})
	g.Add(MethodConfigurations, Object{
		"id": "Email", "@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration", "state": "enabled",
		"allowExternalIdToUseEmailOtp": "default", "excludeTargets": []any{}, "includeTargets": []any{},
	})
}

// SetTenantType makes it another kind of directory: CIAM, or AAD for a workforce tenant.
func (g *Graph) SetTenantType(kind string) {
	g.Update(Organizations, TenantID, Object{"tenantType": kind})
}

// ServeHTTP implements [http.Handler].
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := g.take(r)
	if answer == nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body) // who has gone needs no answer
}

// Transport answers requests to [Address] without a network, so that a test may run in a bubble of testing/synctest, where
// waiting costs no time.
func (g *Graph) Transport() policy.Transporter { return transport{take: g.take} }

type transport struct {
	take func(*http.Request) *answer
}

// Do implements [policy.Transporter].
func (t transport) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	given := t.take(r)
	_ = r.Body.Close()
	if given == nil {
		return nil, io.ErrUnexpectedEOF
	}
	recorder := httptest.NewRecorder()
	for name, values := range given.header {
		recorder.Header()[name] = values
	}
	recorder.WriteHeader(given.status)
	_, _ = recorder.Write(given.body)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

// Cloud is one whose Graph is at [Address].
func (g *Graph) Cloud() graph.Cloud {
	return graph.Cloud{Name: "public", Endpoint: Address, Login: "https://login.example", Resources: AzureAddress}
}

// Credential gives unsigned tokens that say who [Graph.SignIn] set: an administrator, at first.
func (g *Graph) Credential() azcore.TokenCredential { return credential{g} }

// Client is a client of the stand-in.
func (g *Graph) Client() *graph.Client {
	client, err := graph.New(graph.Options{Cloud: g.Cloud(), Credential: g.Credential(), Transport: g.Transport()})
	if err != nil {
		g.t.Fatal(err)
	}
	return client
}

// ClientOnce is a client that repeats nothing, so that each failure is seen.
func (g *Graph) ClientOnce() *graph.Client {
	client, err := graph.New(graph.Options{
		Cloud: g.Cloud(), Credential: g.Credential(), Transport: g.Transport(), Retry: policy.RetryOptions{MaxRetries: -1},
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return client
}
