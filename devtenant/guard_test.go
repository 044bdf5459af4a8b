package devtenant_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"byoe/devtenant"
)

func TestOnlyTheLoopbacksNamesAreAnswered(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	parsed, err := url.Parse(tenant.URL())
	if err != nil {
		t.Fatal(err)
	}
	port := parsed.Port()
	cases := []struct {
		host   string
		status int
	}{
		{"127.0.0.1:" + port, http.StatusOK},
		{"localhost:" + port, http.StatusOK},
		{"LOCALHOST:" + port, http.StatusOK},
		{"[::1]:" + port, http.StatusOK},
		{"evil.example:" + port, http.StatusForbidden},
		{"127.0.0.1.evil.example:" + port, http.StatusForbidden},
		{"localhost.evil.example:" + port, http.StatusForbidden},
		{"192.0.2.1:" + port, http.StatusForbidden},
		{"0.0.0.0:" + port, http.StatusForbidden},
		{"127.0.0.1:1", http.StatusForbidden},
		{"127.0.0.1", http.StatusForbidden},
		{"localhost", http.StatusForbidden},
	}
	for _, c := range cases {
		for _, path := range []string{
			"/", "/mailbox", "/" + devtenant.TenantID + "/discovery/v2.0/keys", "/assets/tenant.css",
		} {
			got := ask(t, http.MethodGet, tenant.URL()+path, "", "Host", c.host)
			if got.status != c.status {
				t.Errorf("Host %s, %s: status %d, want %d", c.host, path, got.status, c.status)
			}
		}
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	tokens := tenant.URL() + "/" + devtenant.TenantID + "/oauth2/v2.0/token"
	cases := []struct {
		name    string
		headers []string
		allowed bool
	}{
		{"a program", nil, true},
		{"our own page", []string{"Origin", tenant.URL(), "Sec-Fetch-Site", "same-origin"}, true},
		{"our own page in an old browser", []string{"Origin", tenant.URL()}, true},
		{"another site", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, false},
		{"another site in an old browser", []string{"Origin", "https://evil.example"}, false},
		{"another program's page on this machine", []string{"Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"}, false},
		{"a page without an origin", []string{"Origin", "null"}, false},
		{"a lying origin", []string{"Origin", tenant.URL(), "Sec-Fetch-Site", "cross-site"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			deleted := ask(t, http.MethodDelete, tenant.URL()+"/mailbox", "", c.headers...)
			if got := deleted.status == http.StatusNoContent; got != c.allowed {
				t.Errorf("DELETE /mailbox: status %d", deleted.status)
			}
			form := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, c.headers...)
			posted := ask(t, http.MethodPost, tokens, "grant_type=client_credentials", form...)
			if got := posted.status == http.StatusOK; got != c.allowed {
				t.Errorf("POST token: status %d", posted.status)
			}
			if !c.allowed && (deleted.status != http.StatusForbidden || posted.status != http.StatusForbidden) {
				t.Errorf("refused with %d and %d", deleted.status, posted.status)
			}
		})
	}
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	for _, path := range []string{"/", "/mailbox", "/mailbox.json", "/assets/tenant.css", "/nothing", "/mailbox/1"} {
		header := ask(t, http.MethodGet, tenant.URL()+path, "").header
		for name, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'none';",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
		} {
			if got := header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "script-src 'self';") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if got := header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s: other origins may read it: %q", path, got)
		}
	}
}
