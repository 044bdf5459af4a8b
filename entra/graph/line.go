package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
)

// mostAnswer bounds an answer, in bytes. The largest is a page of 999 users, about one MiB.
const mostAnswer = 16 << 20

// line is the way to one endpoint: Graph's, or that of Azure Resource Manager.
type line struct {
	endpoint string
	pipeline pipeline
	retry    policy.RetryOptions
}

// pipeline is what of azcore's is used.
type pipeline interface {
	Do(req *policy.Request) (*http.Response, error)
}

func newLine(endpoint string, o Options) (line, error) {
	plain, err := checkEndpoint(endpoint)
	if err != nil {
		return line{}, err
	}
	bearer := runtime.NewBearerTokenPolicy(o.Credential, []string{endpoint + "/.default"},
		&policy.BearerTokenOptions{InsecureAllowCredentialWithHTTP: plain})
	options := &policy.ClientOptions{Transport: bounded{next: transport(o.Transport)}}
	options.Telemetry.Disabled = true // its User-Agent tells the machine's system; ours is enough
	return line{
		endpoint: endpoint,
		pipeline: runtime.NewPipeline("graph", "v1", runtime.PipelineOptions{PerRetry: []policy.Policy{bearer}}, options),
		retry:    o.Retry,
	}, nil
}

// transport does not follow redirects: neither service sends any, and what is no answer of theirs must not become one.
func transport(given policy.Transporter) policy.Transporter {
	if given != nil {
		return given
	}
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// bounded makes a longer answer an error. It stands below azcore's policies, which read each answer whole.
type bounded struct{ next policy.Transporter }

// Do implements [policy.Transporter].
func (b bounded) Do(req *http.Request) (*http.Response, error) {
	answer, err := b.next.Do(req)
	if err != nil {
		return nil, err
	}
	answer.Body = http.MaxBytesReader(nil, answer.Body, mostAnswer)
	return answer, nil
}

// call is one request, whatever its retries.
type call struct {
	method string
	// path is all behind the endpoint, or a whole address that was found to be the endpoint's.
	path    string
	in, out any
	// once forbids to repeat what may have taken effect.
	once bool
}

func (l line) do(ctx context.Context, c call) error {
	req, id, err := l.request(ctx, c)
	if err != nil {
		return err
	}
	answer, err := l.pipeline.Do(req) //nolint:bodyclose // read and closed by the pipeline, which keeps it in memory
	if err != nil {
		return &lost{method: c.method, path: pathOf(req), sent: !neverSent(err), cause: err}
	}
	body, err := runtime.Payload(answer)
	if err != nil {
		return &lost{method: c.method, path: pathOf(req), sent: true, cause: err}
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return errorOf(c.method, pathOf(req), id, answer, body)
	}
	if c.out == nil || len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, c.out); err != nil {
		return &lost{method: c.method, path: pathOf(req), sent: true, cause: fmt.Errorf("the answer is not what was asked for: %w", err)}
	}
	return nil
}

// request makes azcore's request. The id is in Graph's activity log and the same for all retries.
func (l line) request(ctx context.Context, c call) (*policy.Request, string, error) {
	address, err := l.address(c.path)
	if err != nil {
		return nil, "", err
	}
	req, err := runtime.NewRequest(policy.WithRetryOptions(ctx, l.retryOf(c)), c.method, address)
	if err != nil {
		return nil, "", fmt.Errorf("graph: %w", err)
	}
	id, err := runtime.NewUUID()
	if err != nil {
		return nil, "", fmt.Errorf("graph: %w", err)
	}
	header := req.Raw().Header
	header.Set("Accept", "application/json")
	header.Set("User-Agent", "byoe")
	header.Set("Client-Request-Id", id)
	header.Set("X-Ms-Client-Request-Id", id) // Azure Resource Manager's name of it
	if c.in == nil {
		return req, id, nil
	}
	raw, err := json.Marshal(c.in)
	if err != nil {
		return nil, "", fmt.Errorf("graph: %w", err)
	}
	return req, id, req.SetBody(streaming.NopCloser(bytes.NewReader(raw)), "application/json")
}

// address is the whole URL of a path. A query may be written plainly and is encoded here; one that is encoded stays so.
func (l line) address(path string) (string, error) {
	if !strings.HasPrefix(path, "/") {
		return path, nil // a link that checkLink has let pass
	}
	u, err := url.Parse(l.endpoint + path)
	if err != nil {
		return "", fmt.Errorf("graph: no path: %w", err)
	}
	u.RawQuery = strings.NewReplacer(" ", "%20", `"`, "%22").Replace(u.RawQuery)
	return u.String(), nil
}

// pathOf names a request in errors. The query stays out: it may hold somebody's address.
func pathOf(req *policy.Request) string { return req.Raw().URL.Path }
