package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"byoe/bench/entra"
	"byoe/bench/load"
	"byoe/bench/standin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The limit does what it is there for: it forwards what a genuine token came with, and nothing else.
func TestLimit(t *testing.T) {
	t.Parallel()
	tenant, err := entra.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tenant.Close() }()
	vendor, err := standin.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = vendor.Close() }()
	url, _ := vendor.Addresses()
	key, err := tenant.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	address := start(t, key, url)

	target := &load.Target{Address: address, Requests: func(n int) []byte {
		call := tenant.Call(n)
		if n == 1 {
			return []byte(strings.Replace(string(call), "Bearer e", "Bearer f", 1))
		}
		return call
	}}
	defer target.Close()
	r := target.AsFastAsAnswered(t.Context(), 1, 3)
	if r.Statuses[http.StatusOK] != 2 || r.Statuses[http.StatusUnauthorized] != 1 {
		t.Errorf("statuses %v, want two of 200 and one 401", r.Statuses)
	}
	if mails := vendor.Report().Mails; len(mails) != 2 || mails[0].Number != 0 || mails[1].Number != 2 {
		t.Errorf("forwarded were %v", mails)
	}
}

func start(t *testing.T, key []byte, url string) (address string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, says := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{file, url}, says) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "listening "))
}

func TestItWantsAKey(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"/no/such/key.pem", "http://127.0.0.1:1"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v was enough", args)
		}
	}
}
