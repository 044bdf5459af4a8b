package tables_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/tables"
	"byoe/internal/require"
	"byoe/redact"
)

// azurite is Microsoft's emulator of the service, started for one test.
type azurite struct {
	endpoint string
}

func azuriteProgram() (string, error) {
	const remedy = "npm ci --ignore-scripts --prefix .ci/npm, and name .ci/npm/node_modules in BYOE_NODE_MODULES"
	modules := os.Getenv("BYOE_NODE_MODULES")
	if modules == "" {
		return "", errors.New("BYOE_NODE_MODULES is not set: " + remedy)
	}
	program := filepath.Join(modules, ".bin", "azurite-table")
	if _, err := os.Stat(program); err != nil {
		return "", errors.New("no azurite-table in BYOE_NODE_MODULES: " + remedy)
	}
	return program, nil
}

func startAzurite(t testing.TB) azurite {
	t.Helper()
	var program string
	require.Component(t, "azurite", func() (err error) {
		program, err = azuriteProgram()
		return err
	})
	port := freePort(t)
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--inMemoryPersistence", "--silent",
		"--skipApiVersionCheck", "--disableTelemetry", "--tableHost", "127.0.0.1", "--tablePort", port)
	command.Dir = t.TempDir()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait() // it was told to go
	})
	a := azurite{endpoint: "http://127.0.0.1:" + port + "/devstoreaccount1"}
	a.await(t)
	return a
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// await waits for the first answer, whatever it is.
func (a azurite) await(t testing.TB) {
	t.Helper()
	for range 300 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.endpoint, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		answer, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = answer.Body.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("azurite does not answer")
}

// publishedKey is the key that Microsoft publishes for the emulator's account.
const publishedKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

func (a azurite) config(table string) tables.Config {
	return tables.Config{Table: table, Connection: redact.NewSecret(
		"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=" + publishedKey + ";TableEndpoint=" + a.endpoint + ";")}
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
