package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"time"

	"byoe/providers"
)

const (
	// requestMost bounds one request: more than Entra waits, so that a slow answer is seen and told as such.
	requestMost = 5 * time.Second
	// maxBody is how much of an answer is read, in bytes.
	maxBody = 64 << 10
)

// web asks over HTTP. It follows no redirect: neither does Entra.
type web struct {
	client *http.Client
}

// newWeb makes a web that trusts roots; nil are the system's.
func newWeb(roots *x509.CertPool) *web {
	return &web{&http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: 64 << 10,
			IdleConnTimeout:        requestMost,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is an answer, read to its end or to maxBody.
type reply struct {
	status int
	header http.Header
	body   []byte
	tls    *tls.ConnectionState
	// sent and took say when the request began and how long it took to the answer's header.
	sent time.Time
	took time.Duration
}

// ask sends one request. An error's own text holds the URL, which may hold a key: see [why].
func (w *web) ask(ctx context.Context, method, url string, header http.Header, body []byte) (*reply, error) {
	ctx, cancel := context.WithTimeout(ctx, requestMost)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header.Set("User-Agent", "byoe-doctor")
	start := time.Now()
	response, err := w.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	r := &reply{status: response.StatusCode, header: response.Header, tls: response.TLS, sent: start, took: time.Since(start)}
	r.body, _ = io.ReadAll(io.LimitReader(response.Body, maxBody)) // one that broke off is judged by what came
	return r, nil
}

func (w *web) close() { w.client.CloseIdleConnections() }

// why names the error of a request in a word.
func why(err error) string {
	if code := providers.NetworkCode(err); code != "" {
		return code
	}
	return "no connection"
}
