package hosttest

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// protocolRequest is the part of the JSON protocol's request that the two hosts are compared by.
type protocolRequest struct {
	Data struct {
		Req struct {
			URL     string `json:"Url"`
			Method  string
			Query   map[string]string
			Headers map[string][]string
			Body    *string
		} `json:"req"`
	}
	Metadata map[string]any
}

func agreeProtocol(t *testing.T, c client) {
	t.Run("the request is described", func(t *testing.T) {
		got, path := c.described(t, call{
			path: "/api/EmailOtpSend?x=1&x=2", body: `{"s":"text","o":{"b":1},"t":true,"l":[1],"n":null}`,
			header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer not-a-token"},
		})
		if path != "/EmailOtpSend" {
			t.Errorf("path %q, want the function's name", path)
		}
		request := got.Data.Req
		if request.URL != c.host.URL()+"/api/EmailOtpSend?x=1&x=2" || request.Method != "POST" || request.Query["x"] != "1,2" {
			t.Errorf("request %+v", request)
		}
		if diff := cmp.Diff([]string{"Bearer not-a-token"}, request.Headers["Authorization"]); diff != "" {
			t.Errorf("Authorization (-want +got):\n%s", diff)
		}
		delete(got.Metadata, "sys")
		delete(got.Metadata, "Headers")
		want := map[string]any{
			"s": `"text"`, "o": map[string]any{"b": 1.0}, "t": `"True"`, "x": `"2"`, "Query": map[string]any{"x": "2"},
		}
		if diff := cmp.Diff(want, got.Metadata); diff != "" {
			t.Errorf("Metadata (-want +got):\n%s", diff)
		}
	})
	agreeProtocolBodies(t, c)
	for name, test := range map[string]struct {
		body string
		want int
	}{
		"an answer without an output is lost":   {"mute", 204},
		"an answer that is no success fails":    {"fail", 500},
		"an answer of another media type fails": {"plain", 500},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.do(t, call{path: "/api/EmailOtpSend", body: test.body}); got.status != test.want {
				t.Errorf("status %d, want %d", got.status, test.want)
			}
		})
	}
}

func agreeProtocolBodies(t *testing.T, c client) {
	text := func(s string) *string { return &s }
	tests := []struct {
		name, contentType string
		chunked           bool
		want              *string
	}{
		{"a text body", "text/plain", false, text("abc")},
		{"a binary body is in base64", "application/octet-stream", false, text("YWJj")},
		{"a chunked body is lost", "application/json", true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header := map[string]string{"Content-Type": test.contentType}
			got, _ := c.described(t, call{path: "/api/EmailOtpSend", body: "abc", header: header, chunked: test.chunked})
			if diff := cmp.Diff(test.want, got.Data.Req.Body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

// described makes the call and returns what the handler was told of it in the JSON protocol, and on which path.
func (c client) described(t *testing.T, request call) (protocolRequest, string) {
	t.Helper()
	got := c.do(t, request)
	if got.status != 201 || got.header.Get("X-Probe") != "yes" {
		t.Fatalf("status %d, header %v: want the probe's output", got.status, got.header)
	}
	var seen struct{ URI, Body string }
	if err := json.Unmarshal([]byte(got.body), &seen); err != nil {
		t.Fatal(err)
	}
	var described protocolRequest
	if err := json.Unmarshal([]byte(seen.Body), &described); err != nil {
		t.Fatal(err)
	}
	return described, seen.URI
}
