package main

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"byoe/delivery"
	"byoe/delivery/claims/tables"
	"byoe/internal/azuritetest"
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
	store, err := tables.New(tables.Config{Table: "claims", Connection: redact.NewSecret(azuritetest.Start(t))}, wire)
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
