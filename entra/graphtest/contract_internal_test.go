package graphtest

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"byoe/entra/graph"
	"byoe/internal/require"
)

// bodies are right and wrong ones, for the operation that they are meant for.
func bodies() map[string][]string {
	return map[string][]string{
		"/v1.0/applications": {
			`{"displayName":"x","identifierUris":["api://a/b"],"api":{"requestedAccessTokenVersion":2}}`,
			`{"identifierUris":[]}`, `{"displayName":1}`, `{"displayName":"x","api":{"tokenVersion":2}}`,
			`{"displayName":"x","api":{"requestedAccessTokenVersion":2.5}}`, `[]`, `{"displayName":"x","identifierUris":[1]}`,
		},
		"/v1.0/identity/customAuthenticationExtensions": {
			`{"@odata.type":"#microsoft.graph.onOtpSendCustomExtension","authenticationConfiguration":{"@odata.type":"#microsoft.graph.azureAdTokenAuthentication","resourceId":"api://a/b"},"endpointConfiguration":{"@odata.type":"#microsoft.graph.httpRequestEndpoint","targetUrl":"https://a"},"behaviorOnError":null}`,
			`{"@odata.type":"#microsoft.graph.OnOtpSendCustomExtension","authenticationConfiguration":null,"endpointConfiguration":null}`,
			`{"authenticationConfiguration":null,"endpointConfiguration":null}`,
			`{"@odata.type":"#microsoft.graph.onOtpSendCustomExtension","authenticationConfiguration":null,"endpointConfiguration":null,"onFailedOtpSend":{}}`,
			`{"@odata.type":"#microsoft.graph.onOtpSendCustomExtension","authenticationConfiguration":null,"endpointConfiguration":null,"behaviorOnError":{"@odata.type":"#microsoft.graph.customExtensionBehaviorOnError"}}`,
		},
		"/v1.0/identity/authenticationEventListeners": {
			`{"@odata.type":"#microsoft.graph.onEmailOtpSendListener","priority":1,"handler":{"@odata.type":"#microsoft.graph.onOtpSendCustomExtensionHandler","customExtension":{"id":"x"}}}`,
			`{"@odata.type":"#microsoft.graph.onEmailOtpSendListener","handler":null,"conditions":{"applications":{"includeAllApplications":true}}}`,
		},
		"/beta/identity/authenticationEventListeners": {
			`{"@odata.type":"#microsoft.graph.onEmailOtpSendListener","handler":null,"conditions":{"applications":{"includeAllApplications":true}}}`,
			`{"@odata.type":"#microsoft.graph.onEmailOtpSendListener","handler":null,"conditions":{"applications":{"includeAllApplications":"true"}}}`,
		},
		"/v1.0/servicePrincipals/x/appRoleAssignments": {
			`{"principalId":"11111111-aaaa-4bbb-8ccc-000000000001","resourceId":"11111111-aaaa-4bbb-8ccc-000000000001","appRoleId":"214e810f-fda8-4fd7-a475-29461495eb00"}`,
			`{"principalId":"11111111-aaaa-4bbb-8ccc-000000000001","appRoleId":"214e810f-fda8-4fd7-a475-29461495eb00"}`,
		},
	}
}

// A validator that we did not write agrees with ours about every body.
func TestCheckerAgreesWithJV(t *testing.T) {
	t.Parallel()
	RequireContracts(t)
	require.Component(t, "jv", func() error { _, err := exec.LookPath("jv"); return err })
	c := loadContract(t)
	accepted := 0
	for request, all := range bodies() {
		description := c.versions[request[1:5]]
		operation := operationOf(description, "POST", request)
		schema, ok := path(operation, "requestBody", "content", "application/json", "schema")
		if !ok {
			t.Fatalf("no schema for %s", request)
		}
		schema = clone(schema)
		schema["components"] = description["components"]
		file := write(t, schema)
		for _, body := range all {
			ours := len(problemsOf(description, "POST", request, []byte(body))) == 0
			var value any
			if err := json.Unmarshal([]byte(body), &value); err != nil {
				t.Fatal(err)
			}
			theirs := exec.CommandContext(t.Context(), "jv", "--draft", "2020", file, write(t, value)).Run() == nil
			if ours != theirs {
				t.Errorf("%s %s: we say %v, jv says %v", request, body, ours, theirs)
			}
			if ours {
				accepted++
			}
		}
	}
	if want := len(bodies()); accepted != want {
		t.Errorf("%d bodies pass, want the first of each of the %d", accepted, want)
	}
}

func write(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestChecker(t *testing.T) {
	t.Parallel()
	RequireContracts(t)
	c := loadContract(t)
	for request, all := range bodies() {
		for i, body := range all {
			problems := problemsOf(c.versions[request[1:5]], "POST", request, []byte(body))
			if (i == 0) != (len(problems) == 0) {
				t.Errorf("%s %s: %v", request, body, problems)
			}
		}
	}
	v1 := c.versions["v1.0"]
	for _, tt := range []struct{ method, path, body string }{
		{"POST", "/v1.0/groups", `{}`},
		{"DELETE", "/v1.0/applications", ``},
		{"GET", "/v1.0/users", `{}`},
		{"POST", "/v1.0/applications", ``},
		{"POST", "/v1.0/applications", `{`},
		{"POST", "/v1.0/servicePrincipals/x/appRoleAssignments", `{"principalId":"x","resourceId":"x","appRoleId":"x"}`},
	} {
		if len(problemsOf(v1, tt.method, tt.path, []byte(tt.body))) == 0 {
			t.Errorf("%s %s %s: nothing found", tt.method, tt.path, tt.body)
		}
	}
	if found := (checker{v1}).check(Object{"not": Object{}}, "x", ""); len(found) == 0 {
		t.Error("a word that is not understood is passed over")
	}
}

// complaints is a test that remembers what it was told.
type complaints struct {
	testing.TB

	said []string
}

func (c *complaints) Errorf(format string, _ ...any) { c.said = append(c.said, format) }

// What the stand-in takes and Graph's description does not fails the test, without a word to the program.
func TestContractIsHeld(t *testing.T) {
	t.Parallel()
	RequireContracts(t)
	seen := &complaints{TB: t}
	client := New(t).Fork(seen).Client()
	for body, good := range map[string]bool{`{"displayName":"x"}`: true, `{"displayName":"x","api":{"tokenVersion":2}}`: false} {
		seen.said = nil
		if err := client.Do(t.Context(), http.MethodPost, graph.V1, "/applications", json.RawMessage(body), nil); err != nil {
			t.Fatal(err)
		}
		if (len(seen.said) == 0) != good {
			t.Errorf("%s: %d complaints", body, len(seen.said))
		}
	}
}
