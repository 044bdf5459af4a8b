package webhook_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"byoe/internal/require"
)

// TestSignatureByNode lets a verifier in another language, with another library for cryptography, look at what the endpoint
// gets. The tampered requests prove that it would say no.
func TestSignatureByNode(t *testing.T) {
	t.Parallel()
	require.Component(t, "node", func() error { _, err := exec.LookPath("node"); return err })
	url, requests := endpoint(t)
	if _, err := connect(t, url).Send(t.Context(), submission()); err != nil {
		t.Fatal(err)
	}
	got := <-requests
	tests := []struct {
		name   string
		change func(secret *string, header http.Header, body *string)
		want   string
	}{
		{"as it came", func(*string, http.Header, *string) {}, "ok"},
		{"another body", func(_ *string, _ http.Header, body *string) { *body += " " }, "no signature matches"},
		{"another id", func(_ *string, header http.Header, _ *string) { header.Set("Webhook-Id", "x") }, "no signature matches"},
		{"another key", func(secret *string, _ http.Header, _ *string) {
			*secret = "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
		}, "no signature matches"},
		{"another time", func(_ *string, header http.Header, _ *string) {
			header.Set("Webhook-Timestamp", "1614265330")
		}, "the timestamp is too far from now"},
		{"no signature", func(_ *string, header http.Header, _ *string) { header.Del("Webhook-Signature") }, "a header is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			usedSecret, header, body := secret, got.header.Clone(), got.body
			tt.change(&usedSecret, header, &body)
			if verdict := askNode(t, usedSecret, header, body); verdict != tt.want {
				t.Errorf("Node says %q, want %q", verdict, tt.want)
			}
		})
	}
}

func askNode(t *testing.T, secret string, header http.Header, body string) string {
	t.Helper()
	headers := map[string]string{}
	for name, values := range header {
		headers[strings.ToLower(name)] = values[0]
	}
	question, err := json.Marshal(map[string]any{
		"secret": secret, "headers": headers, "body": base64.StdEncoding.EncodeToString([]byte(body)),
	})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "testdata/verify.mjs")
	node.Stdin = bytes.NewReader(question)
	verdict, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	return string(verdict)
}
