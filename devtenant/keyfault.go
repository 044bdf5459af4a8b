package devtenant

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"byoe/devtenant/mailbox"
)

// KeyFault is what is wrong with the endpoint that publishes the signing keys.
type KeyFault string

// The faults of the key endpoint.
const (
	KeysSound   KeyFault = ""        // the keys, as they are
	KeysFail    KeyFault = "fail"    // 503
	KeysHang    KeyFault = "hang"    // no answer
	KeysEmpty   KeyFault = "empty"   // a key set without keys
	KeysGarbage KeyFault = "garbage" // 200, and no JSON
)

// hangMost is how long an endpoint that hangs keeps a client; none waits longer.
const hangMost = 30 * time.Second

// keyFaults lists them for the page, in words.
func keyFaults() []choice {
	return []choice{
		{string(KeysSound), "none: the keys are published"},
		{string(KeysFail), "fails: 503"},
		{string(KeysHang), "hangs: no answer"},
		{string(KeysEmpty), "empty: a key set without a key"},
		{string(KeysGarbage), "garbage: 200 with a page of HTML"},
	}
}

// keyEndpoint is the key endpoint's state.
type keyEndpoint struct {
	mu    sync.Mutex
	fault KeyFault
	reads int
}

// SetKeyFault breaks the key endpoint, or mends it with [KeysSound]. A webhook must go on with the keys that it has. The
// error says that there is no such fault.
func (t *Tenant) SetKeyFault(f KeyFault) error {
	if !slices.ContainsFunc(keyFaults(), func(c choice) bool { return c.Value == string(f) }) {
		return errors.New("there is no such fault of the key endpoint")
	}
	t.keyEndpoint.mu.Lock()
	defer t.keyEndpoint.mu.Unlock()
	t.keyEndpoint.fault = f
	return nil
}

// Mend ends every fault: of the providers, of the key endpoint, and the webhook's slowness.
func (t *Tenant) Mend() {
	for _, provider := range []string{mailbox.SMTP, mailbox.SendGrid} {
		_ = t.mailbox.SetFault(provider, mailbox.FaultNone, 0) // both are known
	}
	_ = t.SetKeyFault(KeysSound) // as is this
	t.SlowWebhook(0)
}

// KeyFault returns what is wrong with the key endpoint now.
func (t *Tenant) KeyFault() KeyFault {
	t.keyEndpoint.mu.Lock()
	defer t.keyEndpoint.mu.Unlock()
	return t.keyEndpoint.fault
}

// KeyReads is how often the keys were asked for.
func (t *Tenant) KeyReads() int {
	t.keyEndpoint.mu.Lock()
	defer t.keyEndpoint.mu.Unlock()
	return t.keyEndpoint.reads
}

// read counts a request for the keys and returns what is wrong with the endpoint.
func (e *keyEndpoint) read() KeyFault {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reads++
	return e.fault
}

// serveKeys answers the key endpoint.
func (t *Tenant) serveKeys(w http.ResponseWriter, r *http.Request) {
	switch t.keyEndpoint.read() {
	case KeysFail:
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "temporarily_unavailable"})
	case KeysHang:
		t.hang(w, r)
	case KeysEmpty:
		writeJSON(w, http.StatusOK, map[string]any{"keys": []publicKey{}})
	case KeysGarbage:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><title>Sign in to the network</title>")) // as a captive portal answers
	case KeysSound:
		writeJSON(w, http.StatusOK, map[string]any{"keys": t.keys.published(t.Authority())})
	default:
		http.NotFound(w, r)
	}
}

// hang answers nothing until the client goes, the tenant stops or nobody can be waiting any more.
func (t *Tenant) hang(w http.ResponseWriter, r *http.Request) {
	// Without this the server's write time-out would end it early, with an answer of a kind.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(hangMost + time.Second)) // every net/http connection can
	select {
	case <-time.After(hangMost):
	case <-r.Context().Done():
	case <-t.stopping.Done():
	}
	panic(http.ErrAbortHandler) // cuts the connection: a return would be an empty 200
}
