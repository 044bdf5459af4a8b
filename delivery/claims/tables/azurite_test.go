package tables_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"byoe/delivery"
	"byoe/delivery/claims/tables"
	"byoe/internal/azuritetest"
	"byoe/redact"
)

// azurite is Microsoft's emulator of the service, started for one test.
type azurite struct {
	connection string
}

func startAzurite(t testing.TB) azurite {
	t.Helper()
	return azurite{connection: azuritetest.Start(t)}
}

func (a azurite) config(table string) tables.Config {
	return tables.Config{Table: table, Connection: redact.NewSecret(a.connection)}
}

func newTable() string { return "t" + strings.ToLower(rand.Text()) }

// open returns a store on a table, as one instance has it, with a wire that the test can tamper with.
func (a azurite) open(t testing.TB, table string) (*tables.Store, *wire) {
	t.Helper()
	w := newWire(t)
	s, err := tables.New(a.config(table), w)
	if err != nil {
		t.Fatal(err)
	}
	return s, w
}

// fresh returns a store on a table of its own.
func (a azurite) fresh(t testing.TB) (*tables.Store, *wire) {
	t.Helper()
	s, w := a.open(t, newTable())
	if err := s.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.count.Store(0)
	return s, w
}

// wire is a client that counts, and that loses answers or does something between an answer and the next request.
type wire struct {
	client *http.Client
	count  atomic.Int32
	// after is called with each answer; an error goes to the store in its place.
	after func(*http.Response) error
}

func newWire(t testing.TB) *wire {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &wire{client: &http.Client{Transport: transport}}
}

func (w *wire) Do(req *http.Request) (*http.Response, error) {
	w.count.Add(1)
	answer, err := w.client.Do(req)
	if err != nil || w.after == nil {
		return answer, err
	}
	if err := w.after(answer); err != nil {
		_ = answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

// errLostAnswer stands for a connection that broke after the service had acted.
var errLostAnswer = errors.New("read: connection reset by peer")

// loseNext loses the answer to the next request with this method.
func (w *wire) loseNext(method string) {
	var lost atomic.Bool
	w.after = func(answer *http.Response) error {
		if answer.Request.Method == method && lost.CompareAndSwap(false, true) {
			return errLostAnswer
		}
		return nil
	}
}

func numbered(n int) (k delivery.Key) {
	copy(k[:], fmt.Sprintf("%c%015d", byte(n*16), n)) // over all partitions
	return k
}
