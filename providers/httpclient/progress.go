package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// Progress knows how far one request got: whether any of its body was handed out, so that the vendor may have the mail.
// It must not be used for a second request.
//
// # Why no mail is sent twice below us
//
// [http.Transport] retries by itself. On HTTP/1 it sends a POST again only when the kept connection died before a byte
// was written, unless an Idempotency-Key is there; then also when the server closed the connection instead of
// answering. On HTTP/2 it sends again what a GOAWAY or REFUSED_STREAM left unprocessed, and also what the peer reset
// with PROTOCOL_ERROR, which promises nothing. Rather than rely on these rules, Progress takes away the means: once the
// whole request has been written, the body cannot be had again (GetBody fails), and the caller learns of an ambiguous
// failure. A body of which not all was written may be sent again: no vendor acts on half a request.
type Progress struct {
	mu sync.Mutex
	// started: the transport took some of the body, so it may be on the wire.
	started bool
	// written: the whole request left us.
	written bool
	// sealed: the outcome has been told; from now on the body is not to be had.
	sealed bool
	// tls: a TLS handshake began and did not succeed.
	tls bool
}

// errWithheld is what the transport gets instead of a body that must not be sent any more.
var errWithheld = errors.New("request body withheld: it has been sent or given up already")

type progressKey struct{}

// Watch returns a context for exactly one request through a client of [New], and the Progress that follows it. With
// another client the Progress still sees what [httptrace] tells.
func Watch(ctx context.Context) (context.Context, *Progress) {
	progress := &Progress{}
	ctx = context.WithValue(ctx, progressKey{}, progress)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { progress.set(&progress.tls, true) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			progress.set(&progress.tls, err != nil)
		},
		WroteHeaders: func() { progress.set(&progress.started, true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				progress.set(&progress.written, true)
			}
		},
	}), progress
}

func progressFrom(ctx context.Context) *Progress {
	progress, _ := ctx.Value(progressKey{}).(*Progress)
	return progress
}

func (p *Progress) set(flag *bool, value bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*flag = value
}

// take says whether the transport may have bytes of the body, and remembers that it had.
func (p *Progress) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sealed {
		return false
	}
	p.started = true
	return true
}

// rewind says whether the body may be sent from its start again.
func (p *Progress) rewind() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sealed || p.written {
		return false
	}
	p.started = false
	return true
}

// seal ends the request and says whether the vendor may have the mail. A transport that is given up on goes on for a
// moment in its own goroutines: without the seal it could hand out the body after we said that it had not.
func (p *Progress) seal() (started bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sealed = true
	return p.started || p.written
}

func (p *Progress) inTLS() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tls
}

// watchBody returns a shallow copy of the request (a RoundTripper must not change the caller's) with a watched body.
func (p *Progress) watchBody(req *http.Request, reopen func() (io.ReadCloser, error)) *http.Request {
	watched := *req
	watched.Body = &watchedBody{ReadCloser: req.Body, progress: p}
	watched.GetBody = func() (io.ReadCloser, error) {
		if !p.rewind() {
			return nil, errWithheld
		}
		body, err := reopen()
		if err != nil {
			return nil, err
		}
		return &watchedBody{ReadCloser: body, progress: p}, nil
	}
	return &watched
}

type watchedBody struct {
	io.ReadCloser
	progress *Progress
}

// Read tells the Progress before it hands anything out.
func (b *watchedBody) Read(buffer []byte) (int, error) {
	if !b.progress.take() {
		return 0, errWithheld
	}
	return b.ReadCloser.Read(buffer)
}
