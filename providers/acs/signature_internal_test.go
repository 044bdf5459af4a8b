package acs

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/internal/require"
)

// TestSignatureOfTheOfficialClient has Azure's own client send a mail and ask for it, and signs what it sent once more.
func TestSignatureOfTheOfficialClient(t *testing.T) {
	modules := os.Getenv("BYOE_NODE_MODULES")
	require.Component(t, "acs-client", func() error {
		if _, err := exec.LookPath("node"); err != nil {
			return errors.New("no node on PATH")
		}
		if modules == "" {
			return errors.New("BYOE_NODE_MODULES does not name a folder with @azure/communication-email@1.1.0")
		}
		_, err := os.Stat(filepath.Join(modules, "@azure", "communication-email"))
		return err
	})
	key := []byte("access-key-of-the-tests-0123456789")
	var mu sync.Mutex
	signed := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		date, err := http.ParseTime(r.Header.Get("X-Ms-Date"))
		if err != nil {
			t.Errorf("the client's date: %v", err)
		}
		ours := sign(account{endpoint: "http://" + r.Host, key: key}, r.Method, r.RequestURI, body, date)
		for _, name := range []string{"Authorization", "X-Ms-Date", "X-Ms-Content-Sha256"} {
			if got, want := ours.Get(name), r.Header.Get(name); got != want {
				t.Errorf("%s %s: our %s is %q, the client's %q", r.Method, r.RequestURI, name, got, want)
			}
		}
		mu.Lock()
		signed++
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			w.Header().Set("Operation-Location", "http://"+r.Host+"/emails/operations/op1?api-version="+apiVersion)
			w.WriteHeader(http.StatusAccepted)
		}
		_, _ = w.Write([]byte(`{"id":"op1","status":"Succeeded"}`))
	}))
	defer server.Close()
	connection := "endpoint=" + server.URL + "/;accesskey=" + base64.StdEncoding.EncodeToString(key)
	node := exec.CommandContext(t.Context(), "node", "testdata/client.mjs", connection)
	if output, err := node.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	mu.Lock()
	defer mu.Unlock()
	if signed < 2 {
		t.Errorf("the client signed %d requests, want a POST and a GET", signed)
	}
}

// An endpoint with a path, behind a gateway, has it in what is signed.
func TestSignatureCoversThePath(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	plain := sign(account{endpoint: "https://a.example", key: []byte("k")}, "POST", "/emails:send", nil, now).Get("Authorization")
	behind := sign(account{endpoint: "https://a.example/mail", key: []byte("k")}, "POST", "/emails:send", nil, now).Get("Authorization")
	if plain == behind || !strings.HasPrefix(plain, "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=") {
		t.Errorf("the signatures are %q and %q", plain, behind)
	}
}
