package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/tables"
	"byoe/internal/require"
	"byoe/redact"
)

// counting is a way to the emulator that counts requests.
type counting struct {
	client   *http.Client
	requests atomic.Int64
}

func (c *counting) Do(req *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.client.Do(req)
}

// TestStoreRequests counts what the store really asks of Azure's own emulator, for the figures of measured.json.
func TestStoreRequests(t *testing.T) {
	t.Parallel()
	wire := &counting{client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(wire.client.CloseIdleConnections)
	store, err := tables.New(tables.Config{Table: "claims", Connection: redact.NewSecret(startEmulator(t))}, wire)
	if err != nil {
		t.Fatal(err)
	}
	ready(t, store)
	const lease, remember = time.Minute, time.Minute
	ctx := t.Context()
	key, settled := delivery.Key{1}, delivery.Record{Owner: "first", Settled: true, Provider: "smtp", MessageID: "id"}
	want := builtIn(t).Measured.Store
	acquire := func(owner string) error { _, err := store.Acquire(ctx, key, owner, lease); return err }
	renew := func() error { return store.Renew(ctx, key, "first", lease) }
	settle := func() error { return store.Settle(ctx, key, settled, remember) }
	for _, step := range []struct {
		name string
		ask  []func() error
		want int
	}{
		{"renewal is counted apart", []func() error{func() error { return acquire("first") }, renew}, want.New - 1 + want.Renewal},
		{"a look at a claim that is held", []func() error{func() error { return acquire("second") }}, want.Held},
		{"its end", []func() error{settle}, 1},
		{"a mail that is out", []func() error{func() error { return acquire("second") }}, want.Repeated},
	} {
		before := wire.requests.Load()
		for _, ask := range step.ask {
			if err := ask(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		if got := int(wire.requests.Load() - before); got != step.want {
			t.Errorf("%s: %d requests, measured.json makes it %d", step.name, got, step.want)
		}
	}
}

// ready waits until the store has its table.
func ready(t *testing.T, store *tables.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		store.Run(ctx)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	for range 300 {
		if store.Check(t.Context()) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the store does not get ready")
}

func awaitPort(t *testing.T, port string) {
	t.Helper()
	for range 600 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("nothing listens on port %s", port)
}

// startEmulator starts Azurite and returns its connection string, with the key that Microsoft publishes for it.
func startEmulator(t *testing.T) string {
	t.Helper()
	program := filepath.Join(os.Getenv("BYOE_NODE_MODULES"), ".bin", "azurite-table")
	require.Component(t, "azurite", func() error {
		if _, err := os.Stat(program); err != nil {
			return errors.New("BYOE_NODE_MODULES does not name a node_modules folder that holds it; npm ci --prefix .ci/npm makes one")
		}
		return nil
	})
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--tableHost", "127.0.0.1", "--tablePort", port,
		"--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry")
	command.Dir = t.TempDir()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait() // it was told to go
	})
	awaitPort(t, port) // the store's own second try comes later and later
	return "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;" +
		"AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;" +
		"TableEndpoint=http://127.0.0.1:" + port + "/devstoreaccount1"
}
