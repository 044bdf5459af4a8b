package providertest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/internal/require"
)

// contracts names the environment variable with the folder of the vendors' API descriptions.
const contracts = "BYOE_CONTRACTS"

// Prism starts a mock that Prism makes of a vendor's own API description: a request that breaks it gets 400, and a header that
// says where. The description is a file in the folder of BYOE_CONTRACTS.
func Prism(t *testing.T, description ...string) (url string) {
	t.Helper()
	file := filepath.Join(append([]string{os.Getenv(contracts)}, description...)...)
	require.Component(t, "prism", func() error {
		if _, err := exec.LookPath("prism"); err != nil {
			return errors.New("no prism on PATH: npm install -g --ignore-scripts @stoplight/prism-cli@5.16.0")
		}
		if os.Getenv(contracts) == "" {
			return fmt.Errorf("%s does not name the folder with the API descriptions", contracts)
		}
		_, err := os.Stat(file)
		return err
	})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	startPrism(t, file, port)
	return "http://127.0.0.1:" + port
}

// startPrism starts a mock and waits until it listens.
func startPrism(t *testing.T, file, port string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context())) // ended by the clean-up, not before it
	prism := exec.CommandContext(ctx, "prism", "mock", "-h", "127.0.0.1", "-p", port, file)
	prism.WaitDelay = 2 * time.Second
	output, err := prism.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := prism.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if strings.Contains(lines.Text(), "Prism is listening") {
				close(listening)
				break
			}
		}
		_, _ = io.Copy(io.Discard, output)
	})
	t.Cleanup(func() {
		stop()
		reading.Wait()
		_ = prism.Wait()
	})
	select {
	case <-listening:
	case <-time.After(30 * time.Second):
		t.Fatal("prism does not listen after 30s")
	}
}

// PrismClient returns a client that has the mock give the answer prefer ("code=429"; "" for its first) and that reports what
// the mock finds wrong with a request.
func PrismClient(t *testing.T, prefer string) *http.Client {
	t.Helper()
	client := Client(t)
	client.Transport = &prismTransport{t: t, next: client.Transport, prefer: prefer}
	return client
}

type prismTransport struct {
	t      *testing.T
	next   http.RoundTripper
	prefer string
}

// RoundTrip implements [http.RoundTripper].
func (p *prismTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if p.prefer != "" {
		req.Header.Set("Prefer", p.prefer)
	}
	res, err := p.next.RoundTrip(req)
	if err == nil && res.Header.Get("Sl-Violations") != "" {
		p.t.Errorf("sl-violations: %s", res.Header.Get("Sl-Violations"))
	}
	return res, err
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] reach the transport.
func (p *prismTransport) CloseIdleConnections() {
	if closer, ok := p.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
