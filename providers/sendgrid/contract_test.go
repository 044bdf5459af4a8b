package sendgrid_test

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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/internal/require"
	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

// contracts names the environment variable with the folder of the vendors' API descriptions.
const contracts = "BYOE_CONTRACTS"

// TestContract sends to a mock that Prism makes of SendGrid's own API description: a request that breaks it gets 400,
// and a header that says where.
func TestContract(t *testing.T) {
	description := filepath.Join(os.Getenv(contracts), "sendgrid", "tsg_mail_v3.mock.json")
	require.Component(t, "prism", func() error {
		if _, err := exec.LookPath("prism"); err != nil {
			return errors.New("no prism on PATH: npm install -g --ignore-scripts @stoplight/prism-cli@5.16.0")
		}
		if os.Getenv(contracts) == "" {
			return fmt.Errorf("%s does not name the folder with the API descriptions", contracts)
		}
		_, err := os.Stat(description)
		return err
	})
	url := startPrism(t, description)

	for name, templateID := range map[string]string{"plain": "", "template": "d-0123456789abcdef0123456789abcdef"} {
		t.Run(name, func(t *testing.T) {
			provider := contractProvider(t, url, templateID, "")
			if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
				t.Errorf("Send returned %v", err)
			}
			if proven, err := provider.Check(t.Context(), providertest.Submission(1)); err != nil {
				t.Errorf("Check returned %q, %v", proven, err)
			}
		})
	}
	// The answers of the description itself.
	for status, kind := range map[int]providers.Kind{
		400: providers.KindConfig, 401: providers.KindAuth, 403: providers.KindAuth, 404: providers.KindConfig,
		413: providers.KindConfig, 429: providers.KindThrottled, 500: providers.KindTemporary, 503: providers.KindTemporary,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			prefer := "code=" + strconv.Itoa(status)
			_, err := contractProvider(t, url, "", prefer).Send(t.Context(), providertest.Submission(1))
			if providers.KindOf(err) != kind {
				t.Errorf("Send returned %v, want %v", err, kind)
			}
		})
	}
}

func contractProvider(t *testing.T, url, templateID, prefer string) *sendgrid.Provider {
	t.Helper()
	client := providertest.Client(t)
	client.Transport = &contractTransport{t: t, next: client.Transport, prefer: prefer}
	provider, err := sendgrid.New(sendgrid.Config{
		APIKey: redact.NewSecret(key), BaseURL: url, TemplateID: templateID,
	}, client)
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

// contractTransport chooses the mock's answer and reports what it finds wrong with the request.
type contractTransport struct {
	t      *testing.T
	next   http.RoundTripper
	prefer string
}

func (c *contractTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if c.prefer != "" {
		req.Header.Set("Prefer", c.prefer)
	}
	res, err := c.next.RoundTrip(req)
	if err == nil && res.Header.Get("Sl-Violations") != "" {
		c.t.Errorf("sl-violations: %s", res.Header.Get("Sl-Violations"))
	}
	return res, err
}

func (c *contractTransport) CloseIdleConnections() {
	if closer, ok := c.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// startPrism starts a mock on a free port and waits until it listens.
func startPrism(t *testing.T, description string) (url string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()

	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context())) // ended by the clean-up, not before it
	prism := exec.CommandContext(ctx, "prism", "mock", "-h", "127.0.0.1", "-p", port, description)
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
	return "http://127.0.0.1:" + port
}
