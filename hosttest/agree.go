package hosttest

import (
	"maps"
	"net/http"
	"testing"

	"byoe/hosttest/probe"
)

// Agree checks a host with the probe for a handler: what it does to requests and answers, what it makes of the
// handler's lines and exit codes. The test's program must call [probe.Main] at its start.
func Agree(t *testing.T, start StartFunc) {
	app := ProbeApp(t)
	env := map[string]string{probe.Variable: "serve"}
	for _, mode := range []Mode{Proxy, Forward} {
		t.Run(mode.String(), func(t *testing.T) {
			agreeRaw(t, start(t, Options{App: app, Mode: mode, Env: env}), mode)
		})
	}
	t.Run(JSON.String(), func(t *testing.T) {
		agreeJSON(t, start(t, Options{App: app, Mode: JSON, Env: env}))
	})
	t.Run("keys and time limit", func(t *testing.T) {
		limited := maps.Clone(env)
		limited["AzureFunctionsJobHost__functionTimeout"] = "00:00:01"
		host := start(t, Options{App: app, Mode: Proxy, Env: limited, CheckKeys: true})
		agreeKeys(t, newClient(t, host))
		agreeTimeLimit(t, newClient(t, host))
	})
}

// agreeRaw runs on one host in turn: what ends the handler comes last, and the third error ends the host.
func agreeRaw(t *testing.T, host Host, mode Mode) {
	c := newClient(t, host)
	agreeRoutes(t, c)
	agreeRequests(t, c, mode)
	agreeAnswers(t, c, mode)
	agreeAborts(t, c, mode)
	agreeLines(t, c)
	agreeEnvironment(t, c)
	agreeEnds(t, c, mode)
}

func agreeRoutes(t *testing.T, c client) {
	tests := []struct {
		name, method, path string
		want               int
	}{
		{"a listed method reaches the function", "POST", "/api/EmailOtpSend", 200},
		{"letter case does not matter", "POST", "/API/emailotpSEND", 200},
		{"one trailing slash does not matter", "POST", "/api/EmailOtpSend/", 200},
		{"two do", "GET", "/api/Health//", 404},
		{"an escaped letter is the letter", "GET", "/api/%48ealth", 200},
		{"a method that is not listed is not found", "GET", "/api/EmailOtpSend", 404},
		{"nor is a method of another function", "POST", "/api/Health", 404},
		{"nor is HEAD part of GET", "HEAD", "/api/Health", 404},
		{"nor is OPTIONS answered", "OPTIONS", "/api/EmailOtpSend", 404},
		{"an unknown function is not found", "POST", "/api/Nobody", 404},
		{"the prefix is needed", "GET", "/Health", 404},
		{"a route of its own replaces the name", "GET", "/api/v1/here", 200},
		{"and the name is gone", "GET", "/api/Routed", 404},
		{"keys are not asked for without --enableAuth", "POST", "/api/Locked", 200},
		{"without an HTTP output the answer is lost", "POST", "/api/NoOutput", 204},
		{"the host has a page of its own", "GET", "/", 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := c.do(t, call{method: test.method, path: test.path})
			if got.status != test.want {
				t.Errorf("%s %s: status %d, want %d", test.method, test.path, got.status, test.want)
			}
			if got.status == http.StatusNotFound && got.body != "" {
				t.Errorf("a 404 of the host has the body %q", got.body)
			}
		})
	}
}

func agreeKeys(t *testing.T, c client) {
	tests := []struct {
		name, path string
		header     map[string]string
		want       int
	}{
		{"no key", "/api/Locked", nil, 401},
		{"a wrong key in the query", "/api/Locked?code=wrong", nil, 401},
		{"a wrong key in the header", "/api/Locked", map[string]string{"X-Functions-Key": "wrong"}, 401},
		{"an empty key", "/api/Locked?code=", nil, 401},
		{"a function without a lock", "/api/EmailOtpSend", nil, 200},
		{"an unknown function is not found before keys count", "/api/Nobody", nil, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := c.do(t, call{path: test.path, header: test.header})
			if got.status != test.want {
				t.Errorf("status %d, want %d", got.status, test.want)
			}
			if got.status == http.StatusUnauthorized && got.body != "" {
				t.Errorf("a 401 of the host has the body %q", got.body)
			}
		})
	}
}
