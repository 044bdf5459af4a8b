// Package azuritetest starts Azurite, Microsoft's own emulator of Azure Table Storage.
package azuritetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"byoe/internal/require"
)

// publishedKey is the key that Microsoft publishes for the emulator's account.
const publishedKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

// most is how long the emulator may take to answer: Node takes its time on a busy machine.
const most = time.Minute

// Start starts an emulator for the length of the test, which is skipped, or fails, where there is none. It returns a connection
// string of the emulator's account.
func Start(t testing.TB) (connection string) {
	t.Helper()
	var program string
	require.Component(t, "azurite", func() (err error) {
		program, err = find()
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
		_ = command.Process.Kill() // it keeps nothing
		_ = command.Wait()         // killed
	})
	endpoint := "http://127.0.0.1:" + port + "/devstoreaccount1"
	await(t, endpoint)
	return "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=" + publishedKey + ";TableEndpoint=" + endpoint + ";"
}

func find() (string, error) {
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

// await waits for the first answer, whatever it is: a store that finds nobody tries again later and later.
func await(t testing.TB, endpoint string) {
	t.Helper()
	for began := time.Now(); time.Since(began) < most; time.Sleep(50 * time.Millisecond) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		answer, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = answer.Body.Close()
			return
		}
	}
	t.Fatal("azurite does not answer")
}
