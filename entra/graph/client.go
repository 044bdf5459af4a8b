// Package graph is a small client of Microsoft Graph: the few resources that byoe reads and writes, with retries, paging and
// errors that say what Graph said. It is for administrators' commands; the webhook never calls Graph with it.
//
// Azure Resource Manager speaks the same way, and [Resources] asks it for the one thing that is of use here: the settings of
// the Function App.
package graph

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Version is a version of Graph. Beta is for what v1.0 has not.
type Version string

// The versions.
const (
	V1   Version = "v1.0"
	Beta Version = "beta"
)

// Options are what a client needs.
type Options struct {
	Cloud Cloud
	// Credential gives tokens for Graph. It is asked for one scope, the cloud's.
	Credential azcore.TokenCredential
	// Transport sends requests; nil is azcore's default. Plain http is for the loopback only.
	Transport policy.Transporter
	// Retry overrides azcore's retries; the zero value keeps them (3, with Retry-After honoured up to a minute). What of a
	// POST may be repeated is not for it to say, see [Client.Do].
	Retry policy.RetryOptions
}

// Client calls Graph. It may be used by many goroutines.
type Client struct {
	cloud Cloud
	line  line
}

// New returns a client of the cloud's Graph. It makes no request.
func New(o Options) (*Client, error) {
	if o.Credential == nil {
		return nil, errors.New("graph: no credential")
	}
	l, err := newLine(o.Cloud.Endpoint, o)
	if err != nil {
		return nil, err
	}
	return &Client{cloud: o.Cloud, line: l}, nil
}

// Cloud returns the cloud that the client calls.
func (c *Client) Cloud() Cloud { return c.cloud }

// Do calls Graph once, with retries for what passes: in is sent as JSON where it is not nil, the answer is decoded into out
// where that is not nil. path begins with a slash and may have a query, written plainly ("/users?$filter=userType eq 'Guest'");
// values that came from elsewhere go through [Literal] or [url.PathEscape]. The error is an [*Error] where Graph answered.
//
// A POST makes something, and one whose answer was lost may have made it: repeated blindly, it makes a second application, or
// is told 409 about its own work. So a POST is repeated only where it surely did nothing: the connection was refused, or
// Graph answered 429, or 503 with a Retry-After. After any other failure see [OutcomeUnknown], look whether the thing is
// there, and only then call again. PATCH, PUT and DELETE are repeated freely; a repeated DELETE may end in 404, which
// [IsNotFound] tells.
func (c *Client) Do(ctx context.Context, method string, v Version, path string, in, out any) error {
	return c.line.do(ctx, call{method: method, path: "/" + string(v) + path, in: in, out: out, once: method == http.MethodPost})
}

// Ask is Do for a POST that changes nothing, such as validateAuthenticationConfiguration. It is repeated as a GET is.
func (c *Client) Ask(ctx context.Context, v Version, path string, in, out any) error {
	return c.line.do(ctx, call{method: http.MethodPost, path: "/" + string(v) + path, in: in, out: out})
}

// Literal writes s as OData has strings in a filter or a key, quoted and fit for a URL: O'Brien is 'O%27%27Brien'.
func Literal(s string) string {
	const inQuery = "!$&'()*+,/:;=?@#[]%\" "
	var literal strings.Builder
	literal.WriteByte('\'')
	for _, octet := range []byte(strings.ReplaceAll(s, "'", "''")) {
		if octet < ' ' || octet > '~' || strings.IndexByte(inQuery, octet) >= 0 {
			const hex = "0123456789ABCDEF"
			literal.Write([]byte{'%', hex[octet>>4], hex[octet&15]})
			continue
		}
		literal.WriteByte(octet)
	}
	literal.WriteByte('\'')
	return literal.String()
}
