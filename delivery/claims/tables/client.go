package tables

import (
	"net"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// mostAnswer bounds an answer, in bytes. The largest is a page of 1,000 rows, below one MiB.
const mostAnswer = 4 << 20

// clientOptions turns the SDK's retries off: they would cost more time than a mail has, and see the package comment.
func clientOptions(transport policy.Transporter, c *clock) *aztables.ClientOptions {
	options := &aztables.ClientOptions{}
	options.Transport = bounded{next: transport}
	options.Retry.MaxRetries = -1
	options.Telemetry.ApplicationID = "byoe"
	options.PerRetryPolicies = []policy.Policy{c}
	return options
}

// bounded makes a longer answer an error. It stands below the SDK's policies: one of them reads each answer whole before any
// policy of ours sees it.
type bounded struct{ next policy.Transporter }

// Do implements policy.Transporter.
func (b bounded) Do(req *http.Request) (*http.Response, error) {
	answer, err := b.next.Do(req)
	if err != nil {
		return nil, err
	}
	answer.Body = http.MaxBytesReader(nil, answer.Body, mostAnswer)
	return answer, nil
}

// newHTTPClient keeps as many connections as there may be requests at once: a new one costs two round trips and more. A
// dial outlives the request that began it, up to its own time, and serves the next.
func newHTTPClient() *http.Client {
	const connections = 128
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			TLSHandshakeTimeout: 2 * time.Second,
			MaxIdleConns:        connections,
			MaxIdleConnsPerHost: connections,
			IdleConnTimeout:     90 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
