// Package httpclient is what every provider that speaks HTTP shares: one tuned client, the knowledge of how far a
// failed request got, and the few small rules about base URLs, answers and ids that must not differ between vendors.
package httpclient

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// The bounds of one exchange. An attempt lives for a second or so: a handshake that takes longer than connectTimeout is
// better given up, so that the next provider gets its turn.
const (
	connectTimeout = 700 * time.Millisecond
	// maxAnswer is how much of an answer's body is ever read, in bytes; vendors answer with less than 4 KiB.
	maxAnswer = 64 << 10
	// maxAnswerHeader bounds an answer's header, in bytes. Go's own bound is 10 MiB.
	maxAnswerHeader = 32 << 10
	// writeBuffer holds a whole request with its mail, so that it leaves in one piece. With Go's 4 KiB a mail of 10 KiB takes
	// three writes to the system, and a buffer of its own each time.
	writeBuffer = 32 << 10
	// maxRequest bounds the request bodies that are kept for a second connection (see roundTripper), in bytes.
	maxRequest = 4 << 20
)

// New returns the client that all HTTP providers share, so that they share its connections.
//
// It has no time-out of its own: the caller's context bounds the whole exchange. It never follows a redirect, because
// that would carry the vendor's key to another address; the 3xx itself is the answer. It reads at most 64 KiB of an
// answer and 32 KiB of its header, and it never sends a request's body twice (see [Watch]).
func New() *http.Client {
	return &http.Client{
		Transport: &roundTripper{next: newTransport()},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// newTransport keeps up to 64 idle connections to a vendor (Go keeps 2; with 16 and 32 mails in flight every fifth mail dialled
// anew, and shook hands for TLS in its person's time) and pings quiet HTTP/2 connections: one that died while the instance was frozen must not cost a mail.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: time.Second},
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxAnswerHeader,
		WriteBufferSize:        writeBuffer,
		DisableCompression:     true,
	}
}

// roundTripper caps answers and puts the request's body under the eyes of the [Progress] in its context.
type roundTripper struct {
	next *http.Transport
}

// RoundTrip implements [http.RoundTripper].
func (t *roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	guarded, err := guard(req)
	if err != nil {
		return nil, err
	}
	res, err := t.next.RoundTrip(guarded)
	if err != nil {
		return nil, err
	}
	res.Body = &cappedBody{Reader: io.LimitReader(res.Body, maxAnswer), Closer: res.Body}
	return res, nil
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] reach the transport.
func (t *roundTripper) CloseIdleConnections() { t.next.CloseIdleConnections() }

// guard returns the request with a body that its Progress watches; a request without either passes as it is.
//
// The AWS SDK gives no GetBody. It is supplied here, so that a kept connection which turns out to be dead before
// anything was written does not cost the attempt.
func guard(req *http.Request) (*http.Request, error) {
	progress := progressFrom(req.Context())
	if progress == nil || req.Body == nil || req.Body == http.NoBody {
		return req, nil
	}
	reopen := req.GetBody
	if reopen == nil {
		kept, err := keep(req.Body)
		if err != nil {
			return nil, err
		}
		reopen = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(kept)), nil }
		req = req.Clone(req.Context())
		req.Body, _ = reopen()
		req.ContentLength = int64(len(kept))
	}
	return progress.watchBody(req, reopen), nil
}

// keep reads a body to its end and closes it, as a RoundTripper must.
func keep(body io.ReadCloser) ([]byte, error) {
	kept, err := io.ReadAll(io.LimitReader(body, maxRequest+1))
	if closeErr := body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && len(kept) > maxRequest {
		err = fmt.Errorf("request body is larger than %d bytes", maxRequest)
	}
	return kept, err
}

// cappedBody ends after maxAnswer bytes; what a longer answer says after that is of no interest, and closing it gives
// the connection up rather than drain it.
type cappedBody struct {
	io.Reader
	io.Closer
}
