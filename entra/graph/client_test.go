package graph_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"byoe/entra/graph"
	"byoe/entra/graphtest"
)

type object = graphtest.Object

// answering is a transport with one answer for everything.
type answering func(*http.Request) (*http.Response, error)

// Do implements policy.Transporter.
func (a answering) Do(r *http.Request) (*http.Response, error) { return a(r) }

func answer(status int, body string, header ...string) answering {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.WriteString(body)
		res := w.Result()
		res.Request = r
		return res, nil
	}
}

func newClient(t *testing.T, transport policy.Transporter) *graph.Client {
	t.Helper()
	g := graphtest.New(t)
	c, err := graph.New(graph.Options{Cloud: g.Cloud(), Credential: g.Credential(), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What passes is waited out, as long as Graph asks for, and a person sees nothing of it.
func TestThrottled(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		synctest.Test(t, func(t *testing.T) {
			g := graphtest.New(t)
			g.Throttle(2, 7*time.Second)
			began := time.Now()
			path, body := "/organization", object(nil)
			if method == http.MethodPost {
				path, body = "/applications", object{"displayName": "x"}
			}
			if err := g.Client().Do(t.Context(), method, graph.V1, path, body, nil); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != 14*time.Second {
				t.Errorf("%s took %v", method, took)
			}
			requests := g.Requests()
			if len(requests) != 3 || requests[0].ClientRequestID == "" || requests[0].ClientRequestID != requests[2].ClientRequestID {
				t.Errorf("%+v", requests)
			}
		})
	}
}

// Graph that does not stop throttling is told as such, with the time that it asks for.
func TestThrottledForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := graphtest.New(t)
		g.Throttle(99, 7*time.Second)
		err := g.Client().Do(t.Context(), http.MethodPost, graph.V1, "/applications", object{"displayName": "x"}, nil)
		e, ok := errors.AsType[*graph.Error](err)
		if !ok || e.Status != 429 || e.Code != "TooManyRequests" || e.RetryAfter != 7*time.Second || graph.OutcomeUnknown(err) {
			t.Errorf("%+v", err)
		}
		if n := len(g.Requests()); n != 4 {
			t.Errorf("%d requests", n)
		}
	})
}

// A POST that may have made something is not repeated; everything else is. Repeated, it made a second application.
func TestRetries(t *testing.T) {
	t.Parallel()
	for mode, effect := range map[graphtest.Mode]int{
		graphtest.LostBefore: 0, graphtest.LostAfter: 1, graphtest.Broken: 0, graphtest.BrokenAfter: 1, graphtest.Unavailable: 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			g := graphtest.New(t)
			c := g.Client()
			g.FailAt(1, mode)
			err := c.Do(t.Context(), http.MethodPost, graph.V1, "/applications", object{"displayName": "x"}, nil)
			if err == nil || !graph.OutcomeUnknown(err) || len(g.Requests()) != 1 || len(g.List(graphtest.Applications)) != effect {
				t.Errorf("mode %d: POST: %v after %d requests", mode, err, len(g.Requests()))
			}
			id := g.Add(graphtest.Applications, object{"displayName": "y", "appId": "y"})
			for method, want := range map[string]bool{http.MethodPatch: true, http.MethodDelete: effect == 0} {
				g.FailAt(1, mode)
				var body any
				if method == http.MethodPatch {
					body = object{"displayName": "z"}
				}
				err := c.Do(t.Context(), method, graph.V1, "/applications/"+id, body, nil)
				if method == http.MethodDelete {
					id = g.Add(graphtest.Applications, object{"displayName": "y", "appId": "y"})
				}
				if (err == nil) != want || err != nil && !graph.IsNotFound(err) {
					t.Errorf("mode %d: %s: %v", mode, method, err)
				}
			}
		})
	}
}

// A question is repeated although it is a POST, and a POST that nobody heard is too.
func TestRetriesOfPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := graphtest.New(t)
		g.FailAt(1, graphtest.LostBefore)
		in := object{
			"authenticationConfiguration": object{"@odata.type": "#microsoft.graph.azureAdTokenAuthentication", "resourceId": "x"},
			"endpointConfiguration":       object{"@odata.type": "#microsoft.graph.httpRequestEndpoint", "targetUrl": "https://x"},
		}
		var found struct{ Errors []struct{ Code string } }
		err := g.Client().Ask(t.Context(), graph.V1, "/identity/customAuthenticationExtensions/validateAuthenticationConfiguration", in, &found)
		if err != nil || len(found.Errors) != 1 || found.Errors[0].Code != "IncorrectResourceIdFormat" {
			t.Error(found, err)
		}
	})
	listener := httptest.NewServer(http.NotFoundHandler())
	listener.Close()
	tries := 0
	c, err := graph.New(graph.Options{
		Cloud: graph.Cloud{Endpoint: listener.URL}, Credential: graphtest.New(t).Credential(),
		Retry: policy.RetryOptions{RetryDelay: time.Millisecond, MaxRetries: 2},
		Transport: answering(func(r *http.Request) (*http.Response, error) {
			tries++
			return (&http.Client{}).Do(r)
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Do(t.Context(), http.MethodPost, graph.V1, "/applications", object{}, nil); err == nil || graph.OutcomeUnknown(err) || tries != 3 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln"
	for name, tt := range map[string]struct {
		transport answering
		want      string
		is        func(error) bool
	}{
		"no permission": {
			answer(403, `{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.","innerError":{"request-id":"r-1"}}}`),
			"graph: GET /v1.0/users: 403 Authorization_RequestDenied: Insufficient privileges to complete the operation. (request-id r-1)", graph.IsForbidden,
		},
		"token refused": {
			answer(401, `{"error":{"code":"InvalidAuthenticationToken","message":"CompactToken `+token+` is\nnot well-formed"}}`, "Request-Id", "r-2"),
			"graph: GET /v1.0/users: 401 InvalidAuthenticationToken: CompactToken (token) is not well-formed (request-id r-2)", func(err error) bool { return graph.IsCode(err, "invalidauthenticationtoken") },
		},
		"an error inside of one": {
			answer(403, `{"error":{"code":"UnknownError","message":"{\"errorCode\":\"PermissionScopeNotGranted\",\"message\":\"missing X\",\"instanceAnnotations\":[]}"}}`),
			"graph: GET /v1.0/users: 403 PermissionScopeNotGranted: missing X", graph.IsForbidden,
		},
		"a proxy":        {answer(404, `<html>`), "graph: GET /v1.0/users: 404", graph.IsNotFound},
		"a redirect":     {answer(302, ``, "Location", "https://elsewhere.example"), "graph: GET /v1.0/users: 302", func(err error) bool { return !graph.OutcomeUnknown(err) }},
		"conflict":       {answer(409, `{"error":{"code":"Conflict","message":""}}`), "graph: GET /v1.0/users: 409 Conflict", graph.IsConflict},
		"another answer": {answer(200, `[]`), "the answer is not what was asked for", graph.OutcomeUnknown},
		"endless answer": {answer(200, `{"value":"`+strings.Repeat("x", 17<<20)), "too large", graph.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out object
				err := newClient(t, tt.transport).Do(t.Context(), http.MethodGet, graph.V1, "/users?$filter=mail eq 'person@example.org'", nil, &out)
				if err == nil || !strings.Contains(err.Error(), tt.want) || !tt.is(err) {
					t.Errorf("%v", err)
				}
				if strings.Contains(err.Error(), "person") || strings.Contains(err.Error(), "eyJ") {
					t.Errorf("it tells too much: %v", err)
				}
			})
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	for range 7 {
		g.AddGuest("guest@fabrikam.example", "mail")
	}
	g.PageSize(3)
	users, err := graph.All[object](t.Context(), g.Client(), graph.V1, "/users?$filter=userType eq 'Guest'")
	if err != nil || len(users) != 7 || len(g.Requests()) != 3 {
		t.Errorf("%d users in %d pages: %v", len(users), len(g.Requests()), err)
	}
	g.FailAt(2, graphtest.LostBefore)
	if users, err = graph.All[object](t.Context(), g.ClientOnce(), graph.V1, "/users"); err == nil || len(users) != 3 {
		t.Errorf("a list that broke off has %d users: %v", len(users), err)
	}
}

// A link to somewhere else would be followed with a token that is meant for Graph.
func TestForeignLink(t *testing.T) {
	t.Parallel()
	for _, link := range []string{
		"https://elsewhere.example/v1.0/users", "http://graph.example/v1.0/users", "https://graph.example@elsewhere.example/",
		"https://user@graph.example/", "//elsewhere.example/", "https://graph.example:8443/", "/v1.0/users",
	} {
		asked := 0
		c := newClient(t, answering(func(r *http.Request) (*http.Response, error) {
			asked++
			return answer(200, `{"value":[{}],"@odata.nextLink":"`+link+`"}`)(r)
		}))
		users, err := graph.All[object](t.Context(), c, graph.V1, "/users")
		if err == nil || asked != 1 || len(users) != 1 {
			t.Errorf("%s: %v after %d requests", link, err, asked)
		}
	}
	c := newClient(t, answer(200, `{"value":[],"@odata.nextLink":"https://graph.example/v1.0/users?$skiptoken=1"}`))
	if _, err := graph.All[object](t.Context(), c, graph.V1, "/users"); err == nil || !strings.Contains(err.Error(), "does not end") {
		t.Error(err)
	}
}

// A token never travels in the clear, and never to somebody to whom Graph redirects.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	credential := graphtest.New(t).Credential()
	for endpoint, good := range map[string]bool{
		"https://graph.microsoft.com": true, "http://127.0.0.1:8080": true, "http://localhost": true, "http://[::1]:80": true,
		"http://graph.microsoft.com": false, "https://graph.microsoft.com/": false, "https://graph.microsoft.com/v1.0": false,
		"https://u@graph.microsoft.com": false, "graph.microsoft.com": false, "": false, "ftp://127.0.0.1": false, "https://x?y": false,
	} {
		_, err := graph.New(graph.Options{Cloud: graph.Cloud{Endpoint: endpoint, Resources: endpoint}, Credential: credential})
		_, err2 := graph.NewResources(graph.Options{Cloud: graph.Cloud{Endpoint: endpoint, Resources: endpoint}, Credential: credential})
		if (err == nil) != good || (err2 == nil) != good {
			t.Errorf("%q: %v, %v", endpoint, err, err2)
		}
	}
	if _, err := graph.New(graph.Options{Cloud: graph.Public()}); err == nil {
		t.Error("made without a credential")
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	c, err := graph.New(graph.Options{Cloud: graph.Cloud{Endpoint: server.URL}, Credential: credential})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Do(t.Context(), http.MethodGet, graph.V1, "/users", nil, nil); err == nil {
		t.Error("a redirect is a success")
	}
}

// failing gives no token.
type failing struct{ err error }

// GetToken implements azcore.TokenCredential.
func (f failing) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, f.err
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	asked := 0
	c, err := graph.New(graph.Options{
		Cloud: graph.Public(), Credential: failing{&graph.SignInError{How: "cli", Cause: errors.New("Please run 'az login'\r\n")}},
		Transport: answering(func(*http.Request) (*http.Response, error) { asked++; return nil, io.EOF }),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Do(t.Context(), http.MethodPost, graph.V1, "/applications", object{}, nil)
	if _, ok := errors.AsType[*graph.SignInError](err); !ok || graph.OutcomeUnknown(err) || asked != 0 || !strings.Contains(err.Error(), "cannot sign in (cli): Please run 'az login'") {
		t.Errorf("%v after %d requests", err, asked)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	c := newClient(t, answering(func(r *http.Request) (*http.Response, error) {
		seen = r
		return answer(204, "")(r)
	}))
	out := object{"kept": true}
	path := "/applications(appId=" + graph.Literal("O'Brien & Söhne/#1") + ")?$filter=displayName eq " + graph.Literal("a+b c'd")
	if err := c.Do(t.Context(), http.MethodPatch, graph.Beta, path, object{"x": "<&>"}, &out); err != nil {
		t.Fatal(err)
	}
	if got, want := seen.URL.String(), "https://graph.example/beta/applications(appId='O%27%27Brien%20%26%20S%C3%B6hne%2F%231')?$filter=displayName%20eq%20'a%2Bb%20c%27%27d'"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	if got := seen.URL.Query().Get("$filter"); got != "displayName eq 'a+b c''d'" {
		t.Error(got)
	}
	for name, want := range map[string]string{"User-Agent": "byoe", "Content-Type": "application/json", "Accept": "application/json"} {
		if got := seen.Header.Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if len(seen.Header.Get("Client-Request-Id")) != 36 || out["kept"] != true {
		t.Error(seen.Header, out)
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	g := graphtest.New(t)
	d, err := g.Client().Directory(t.Context())
	if err != nil || d.ID != graphtest.TenantID || !d.IsExternal() || !slices.ContainsFunc(d.VerifiedDomains, func(v graph.VerifiedDomain) bool { return v.IsInitial }) {
		t.Errorf("%+v, %v", d, err)
	}
	g.SetTenantType("AAD")
	if d, err = g.Client().Directory(t.Context()); err != nil || d.IsExternal() {
		t.Errorf("%+v, %v", d, err)
	}
}
