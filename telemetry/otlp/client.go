package otlp

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"byoe/providers"
	"byoe/telemetry"
)

const (
	// exchangeMost bounds one exchange with the endpoint, retryMost all tries of one export, and exportMost the whole.
	exchangeMost = 3 * time.Second
	retryMost    = 4 * time.Second
	exportMost   = 8 * time.Second
)

// exportClient is what spans and metrics leave by. It follows no redirect, which would carry the owner's key to whoever
// is named there.
type exportClient struct {
	http     *http.Client
	headers  map[string]string
	failures *failures
}

func newExportClient(c telemetry.Config, logger *slog.Logger) (*exportClient, error) {
	headers, err := c.HeaderFields()
	if err != nil {
		return nil, err
	}
	authorities, err := c.Authorities()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: exchangeMost}).DialContext,
		TLSHandshakeTimeout: exchangeMost,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities},
		ForceAttemptHTTP2:   true,
		IdleConnTimeout:     90 * time.Second,
	}
	client := &exportClient{headers: headers, failures: &failures{logger: logger}}
	client.http = &http.Client{
		Transport:     &noting{next: transport, failures: client.failures},
		Timeout:       exchangeMost,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client, nil
}

func (c *exportClient) close() { c.http.CloseIdleConnections() }

// noting notes how an exchange failed, in a word. The SDK's errors hold the URL and whatever the endpoint answered.
type noting struct {
	next     *http.Transport
	failures *failures
}

// RoundTrip implements [http.RoundTripper].
func (n *noting) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := n.next.RoundTrip(r)
	switch {
	case err != nil:
		n.failures.note(networkWord(r.Context(), err))
	case res.StatusCode < 200 || res.StatusCode > 299:
		n.failures.note(fmt.Sprintf("status %d", res.StatusCode))
	}
	return res, err
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] reach the transport.
func (n *noting) CloseIdleConnections() { n.next.CloseIdleConnections() }

func networkWord(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "timeout"
	}
	if word := providers.NetworkCode(err); word != "" {
		return word
	}
	return "network"
}
