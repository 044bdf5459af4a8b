package hosttest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// tenantID is the local tenant's id, which is that of Microsoft's documentation.
const tenantID = "ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d"

// localTenant is the tenant that runs inside byoe: it gives tokens and shows the mails that arrived.
type localTenant struct {
	url  string
	http *http.Client
}

// tenantEnv puts the local tenant on free ports, so that tests neither meet each other nor a tenant that somebody uses.
// A host that restarts the handler needs them fixed.
func tenantEnv(t *testing.T) (env map[string]string, tenantURL string) {
	t.Helper()
	address, mailbox := freeAddress(t), freeAddress(t)
	return map[string]string{"DEV_TENANT_ADDR": address, "DEV_MAILBOX_ADDR": mailbox, "B2C_API_KEYS": b2cKey}, "http://" + address
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// await waits until the tenant listens: the host lets tests call before its handler has started.
func (l localTenant) await(t *testing.T) {
	t.Helper()
	address := strings.TrimPrefix(l.url, "http://")
	eventually(t, 10*time.Second, "a local tenant", func() bool {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		_ = connection.Close()
		return true
	})
}

// token asks for a token as Entra would send it. Each life of the handler has keys of its own.
func (l localTenant) token(t *testing.T) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}}
	var got struct {
		AccessToken string `json:"access_token"`
	}
	path := "/" + tenantID + "/oauth2/v2.0/token"
	l.ask(t, http.MethodPost, path, form.Encode(), "application/x-www-form-urlencoded", &got)
	if got.AccessToken == "" {
		t.Fatal("the local tenant gave no token")
	}
	return got.AccessToken
}

// mail is one mail in the local tenant's mailbox.
type mail struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
}

// mailsTo returns the subjects of the mails to an address.
func (l localTenant) mailsTo(t *testing.T, address string) []string {
	t.Helper()
	var mails []mail
	l.ask(t, http.MethodGet, "/mailbox", "", "", &mails)
	var subjects []string
	for _, received := range mails {
		if slices.Contains(received.To, address) {
			subjects = append(subjects, received.Subject)
		}
	}
	return subjects
}

// ask calls the tenant and decodes its answer.
func (l localTenant) ask(t *testing.T, method, path, body, contentType string, into any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, l.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := l.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(fmt.Errorf("%s %s: status %d: %w", method, path, response.StatusCode, err))
	}
}
