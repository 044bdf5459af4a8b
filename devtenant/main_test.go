package devtenant_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"byoe/devtenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a tenant on free ports that is closed at the end of the test.
func start(t *testing.T) *devtenant.Tenant {
	t.Helper()
	tenant, err := devtenant.Start(t.Context(), devtenant.Options{Addr: "127.0.0.1:0", MailboxAddr: "127.0.0.1:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := tenant.Close()
		if err != nil {
			t.Errorf("closing the tenant: %v", err)
		}
	})
	return tenant
}

// reply is an answer of the tenant, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request and follows redirects; headers are name and value in turn.
func ask(t *testing.T, method, url, body string, headers ...string) reply {
	t.Helper()
	return send(t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, method, url, body, headers...)
}

// askOnce sends a request and returns what comes first, which may be a redirect.
func askOnce(t *testing.T, method, url, body string, headers ...string) reply {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return send(t, client, method, url, body, headers...)
}

func send(t *testing.T, client *http.Client, method, url, body string, headers ...string) reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
		if pair[0] == "Host" {
			request.Host = pair[1]
		}
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{status: response.StatusCode, header: response.Header, body: string(read)}
}

// get asks for a page or a document and wants it.
func get(t *testing.T, url string, headers ...string) reply {
	t.Helper()
	got := ask(t, http.MethodGet, url, "", headers...)
	if got.status != http.StatusOK {
		t.Fatalf("%s: status %d", url, got.status)
	}
	return got
}
