package hosttest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoe/hosttest/probe"
)

// fullCall is a request with everything that some mode changes.
func fullCall() call {
	return call{
		path: "/API/emailotpsend/?q=1&q=2&flag&code=opens&e=a%20b+c&s=a/b",
		body: `{"a":1}`,
		header: map[string]string{
			"Content-Type":                   "application/json",
			"Content-Encoding":               "gzip",
			"Content-Language":               "en",
			"Expires":                        "0",
			"Last-Modified":                  "0",
			"Te":                             "trailers",
			"Upgrade-Insecure-Requests":      "1",
			"Keep-Alive":                     "x",
			"Alt-Svc":                        "x",
			"Proxy-Authorization":            "x",
			"Cookie":                         "a=b",
			"User-Agent":                     "caller/1",
			"X-Azure-Functions-InvocationId": "fake",
			"X-Forwarded-For":                "192.0.2.1",
			"X-Forwarded-Proto":              "https",
			"X-Forwarded-Host":               "front.example",
			"Traceparent":                    "00-7b4a0d8d5a9d3a3e4c6a5a9f1b2c3d4e-1122334455667788-01",
			"Tracestate":                     "vendor=1",
			"Authorization":                  "Bearer not-a-token",
		},
	}
}

// wantHeader is what the handler must see of fullCall. "<id>" stands for an invocation's id, "<version>" for the
// host's, "<host>" for its address.
func wantHeader(mode Mode) http.Header {
	want := http.Header{
		"Authorization":  {"Bearer not-a-token"},
		"Content-Length": {"7"},
		"Content-Type":   {"application/json"},
		"Cookie":         {"a=b"},
		"Traceparent":    {"00-7b4a0d8d5a9d3a3e4c6a5a9f1b2c3d4e-1122334455667788-01"},
		"Tracestate":     {"vendor=1"},
	}
	for name, value := range wantChangedHeader(mode) {
		want.Set(name, value)
	}
	return want
}

func wantChangedHeader(mode Mode) map[string]string {
	if mode == Proxy {
		return map[string]string{
			"Content-Encoding":               "gzip",
			"Content-Language":               "en",
			"Expires":                        "0",
			"Last-Modified":                  "0",
			"User-Agent":                     "caller/1",
			"X-Azure-Functions-Hostversion":  "<version>",
			"X-Azure-Functions-InvocationId": "<id>",
			"X-Ms-Invocation-Id":             "<id>",
			"X-Forwarded-For":                "127.0.0.1",
			"X-Forwarded-Host":               "<host>",
			"X-Forwarded-Proto":              "http",
		}
	}
	return map[string]string{
		"Alt-Svc":                        "x",
		"Keep-Alive":                     "x",
		"Proxy-Authorization":            "x",
		"Te":                             "trailers",
		"Upgrade-Insecure-Requests":      "1",
		"User-Agent":                     "caller/1 Azure-Functions-Host/<version>",
		"X-Azure-Functions-Hostversion":  "<version>",
		"X-Azure-Functions-InvocationId": "fake, <id>",
		"X-Forwarded-For":                "192.0.2.1",
		"X-Forwarded-Host":               "front.example",
		"X-Forwarded-Proto":              "https",
	}
}

// neutral replaces what differs from run to run and from host to host.
func neutral(seen probe.Seen, host Host) http.Header {
	id := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	version := seen.Header.Get("X-Azure-Functions-HostVersion")
	result := http.Header{}
	for name, values := range seen.Header {
		for _, value := range values {
			value = id.ReplaceAllString(value, "<id>")
			value = strings.ReplaceAll(value, version, "<version>")
			value = strings.ReplaceAll(value, strings.TrimPrefix(host.URL(), "http://"), "<host>")
			result.Add(name, value)
		}
	}
	return result
}

func agreeRequests(t *testing.T, c client, mode Mode) {
	t.Run("the header that the handler sees", func(t *testing.T) {
		seen := c.seen(t, fullCall())
		if diff := cmp.Diff(wantHeader(mode), neutral(seen, c.host)); diff != "" {
			t.Errorf("header (-want +seen):\n%s", diff)
		}
		if seen.Body != `{"a":1}` || seen.Method != http.MethodPost {
			t.Errorf("the handler saw %s with the body %q", seen.Method, seen.Body)
		}
	})
	t.Run("the host that the handler sees", func(t *testing.T) {
		want, _ := url.Parse(c.host.URL())
		if mode == Proxy {
			address, err := c.host.HandlerURL()
			if err != nil {
				t.Fatal(err)
			}
			want, _ = url.Parse(address)
		}
		if seen := c.seen(t, fullCall()); seen.Host != want.Host {
			t.Errorf("host %q, want %q", seen.Host, want.Host)
		}
	})
	agreeURIs(t, c, mode)
	agreeBodies(t, c, mode)
}

// agreeURIs: the handler sees the caller's own spelling of the path; forwarding rebuilds the query.
func agreeURIs(t *testing.T, c client, mode Mode) {
	tests := []struct{ name, path, proxied, forwarded string }{
		{
			"path and query", "/API/emailotpsend/?q=1&q=2&flag&code=opens&e=a%20b+c&s=a/b",
			"/API/emailotpsend/?q=1&q=2&flag&code=opens&e=a%20b+c&s=a/b",
			"/API/emailotpsend/?q=1,2&flag=&code=opens&e=a%20b%20c&s=a%2Fb",
		},
		{
			"escapes", "/api/EmailOtpSend?x=a%26b&y=%2B&z=%C3%A9&w=%25",
			"/api/EmailOtpSend?x=a%26b&y=%2B&z=%C3%A9&w=%25", "/api/EmailOtpSend?x=a%26b&y=%2B&z=%C3%A9&w=%25",
		},
		{"an equals sign in a value", "/api/EmailOtpSend?y==", "/api/EmailOtpSend?y==", "/api/EmailOtpSend?y=%3D"},
		{"empty pairs", "/api/EmailOtpSend?a=1&&=x&c", "/api/EmailOtpSend?a=1&&=x&c", "/api/EmailOtpSend?a=1&=x&c="},
		{
			"keys in several spellings", "/api/EmailOtpSend?a=1&B=2&A=3&b=4&a=5",
			"/api/EmailOtpSend?a=1&B=2&A=3&b=4&a=5", "/api/EmailOtpSend?A=1,3,5&b=2,4",
		},
		{"an empty query", "/api/EmailOtpSend?", "/api/EmailOtpSend?", "/api/EmailOtpSend"},
		{"an escaped letter in the path", "/api/%45mailOtpSend", "/api/EmailOtpSend", "/api/EmailOtpSend"},
		{"a route of its own", "/api/V1/here", "/api/V1/here", "/api/V1/here"},
	}
	for _, test := range tests {
		t.Run("URI: "+test.name, func(t *testing.T) {
			want := test.proxied
			if mode == Forward {
				want = test.forwarded
			}
			if seen := c.seen(t, call{path: test.path, body: "{}"}); seen.URI != want {
				t.Errorf("the handler saw %s, want %s", seen.URI, want)
			}
		})
	}
}

func agreeBodies(t *testing.T, c client, mode Mode) {
	t.Run("a chunked body", func(t *testing.T) {
		request := call{path: "/api/EmailOtpSend", body: `{"a":1}`, chunked: true}
		if mode == Forward {
			if got := c.do(t, request); got.status != http.StatusInternalServerError || got.body != "" {
				t.Errorf("status %d with %q, want an empty 500", got.status, got.body)
			}
			return
		}
		seen := c.seen(t, request)
		if seen.ContentLength != -1 || seen.Body != `{"a":1}` {
			t.Errorf("length %d, body %q: want a chunked request with its body", seen.ContentLength, seen.Body)
		}
	})
	t.Run("no body", func(t *testing.T) {
		seen := c.seen(t, call{path: "/api/EmailOtpSend", header: map[string]string{"Content-Type": "application/json"}})
		if seen.ContentLength != 0 {
			t.Errorf("length %d, want 0", seen.ContentLength)
		}
		if got, want := seen.Header.Get("Content-Type") != "", mode == Proxy; got != want {
			t.Errorf("has a media type: %t, want %t", got, want)
		}
	})
	t.Run("a request without trace context gets one", func(t *testing.T) {
		seen := c.seen(t, call{path: "/api/EmailOtpSend", body: "{}"})
		form := regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$`)
		if got := seen.Header.Get("Traceparent"); !form.MatchString(got) {
			t.Errorf("traceparent %q", got)
		}
	})
}
