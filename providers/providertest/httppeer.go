package providertest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// HTTPVendor is what differs between the vendors that take a mail as one POST.
type HTTPVendor struct {
	// Decode reads the request. An error is the test's failure and the vendor's 400.
	Decode func(header http.Header, body []byte) (Mail, error)
	// Key returns the request's idempotency key; nil where the vendor has none. A request with a key that came before is the
	// same mail, however it was answered.
	Key func(header http.Header) string
	// Accept writes the success answer with this id for the mail.
	Accept func(w http.ResponseWriter, id string)
	// Refuse writes the error answer for Throttle, Break and Quote.
	Refuse func(w http.ResponseWriter, how Behaviour, prose string)
}

// HTTPPeer is a [Peer] for an [HTTPVendor].
type HTTPPeer struct {
	t      *testing.T
	vendor HTTPVendor
	server *httptest.Server
	closed chan struct{}

	mu    sync.Mutex
	how   Behaviour
	prose string
	mails []Mail
	keys  map[string]bool
	conns int
}

var _ Peer = (*HTTPPeer)(nil)

// NewHTTPPeer starts a peer that lives as long as the test.
func NewHTTPPeer(t *testing.T, vendor HTTPVendor) *HTTPPeer {
	t.Helper()
	p := &HTTPPeer{t: t, vendor: vendor, closed: make(chan struct{}), keys: map[string]bool{}}
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.conns++
		}
	}
	p.server.Start()
	t.Cleanup(func() {
		close(p.closed)
		p.server.CloseClientConnections()
		p.server.Close()
	})
	return p
}

// Address implements [Peer].
func (p *HTTPPeer) Address() string { return strings.TrimPrefix(p.server.URL, "http://") }

// Behave implements [Peer].
func (p *HTTPPeer) Behave(how Behaviour, prose string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.how, p.prose = how, prose
}

// Mails implements [Peer].
func (p *HTTPPeer) Mails() []Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails)
}

// Connections implements [Peer].
func (p *HTTPPeer) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conns
}

// ServeHTTP implements [http.Handler].
func (p *HTTPPeer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		return // a connection that is opened ahead of its mail
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client hung up in the middle: nothing came in whole
	}
	mail, err := p.vendor.Decode(r.Header, body)
	if err != nil {
		p.t.Errorf("the vendor cannot read the request: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	how, prose := p.take(r.Header, mail)
	p.answer(w, r, how, prose)
}

// take keeps the mail, unless it came before under the same key.
func (p *HTTPPeer) take(header http.Header, mail Mail) (how Behaviour, prose string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.vendor.Key != nil {
		key := p.vendor.Key(header)
		if key == "" {
			p.t.Error("a request without an idempotency key")
		}
		if p.keys[key] {
			return p.how, p.prose
		}
		p.keys[key] = true
	}
	p.mails = append(p.mails, mail)
	return p.how, p.prose
}

func (p *HTTPPeer) answer(w http.ResponseWriter, r *http.Request, how Behaviour, prose string) {
	switch how {
	case Accept:
		p.vendor.Accept(w, "vendor-id-1")
	case AcceptQuoting:
		p.vendor.Accept(w, prose)
	case Lose:
		p.hijack(w, nil)
	case Withhold:
		select {
		case <-r.Context().Done():
		case <-p.closed:
		}
	case Babble:
		p.hijack(w, []byte("\x00\xff\x17 250 HTTP/9 what\r\n\r\n"))
	case FloodAnswer:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_ = Flood(w)
	case Throttle, Break, Quote:
		p.vendor.Refuse(w, how, prose)
	default:
		p.t.Errorf("behaviour %d is not known", how)
	}
}

// hijack answers with raw octets, which may be none, and closes.
func (p *HTTPPeer) hijack(w http.ResponseWriter, raw []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.t.Errorf("hijack: %v", err)
		return
	}
	_, err = conn.Write(raw)
	if err = errors.Join(err, conn.Close()); err != nil {
		p.t.Logf("the client was faster: %v", err)
	}
}

// Flood writes FloodSize bytes of one line, until the other side has enough.
func Flood(w io.Writer) error {
	chunk := bytes.Repeat([]byte("x"), 32<<10)
	for range FloodSize / len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			return err
		}
	}
	return nil
}
