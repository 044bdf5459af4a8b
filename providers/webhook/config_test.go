package webhook_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"byoe/config"
	"byoe/providers/webhook"
	"byoe/redact"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	bytes := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	tests := []struct {
		name        string
		url, secret string
		want        []string
	}{
		{"good", "https://mail.example.com/send", secret, nil},
		{"prefix left out", "https://mail.example.com/send", strings.TrimPrefix(secret, "whsec_"), nil},
		{"host alone", "https://mail.example.com", secret, nil},
		{"port, path and query", "https://mail.example.com:8443/api/send?code=k-1&x=%20", secret, nil},
		{"loopback", "http://127.0.0.1:8080/send", secret, nil},
		{"loopback by name", "http://localhost:8080/send", secret, nil},
		{"loopback, IPv6", "http://[::1]:8080/send", secret, nil},
		{"shortest", "https://mail.example.com/", bytes(24), nil},
		{"longest", "https://mail.example.com/", "whsec_" + bytes(64), nil},

		{"nothing", "", "", []string{"HTTP_MAIL_URL: not set", "HTTP_MAIL_SECRET: not set"}},
		{"clear text", "http://mail.example.com/send", secret, []string{"HTTP_MAIL_URL: not https"}},
		{"clear text that looks local", "http://localhost.example.com/", secret, []string{"HTTP_MAIL_URL: not https"}},
		{"another scheme", "ftp://mail.example.com/", secret, []string{"HTTP_MAIL_URL: not https"}},
		{"no scheme", "endpoint.example.org/send", secret, []string{"HTTP_MAIL_URL: not an absolute URL"}},
		{"no host", "https:///send", secret, []string{"HTTP_MAIL_URL: not an absolute URL"}},
		{"opaque", "https:mail.example.com", secret, []string{"HTTP_MAIL_URL: not an absolute URL"}},
		{"line break", "https://mail.example.com/\nx", secret, []string{"HTTP_MAIL_URL: not an absolute URL"}},
		{"user", "https://user:word-1@mail.example.com/", secret, []string{"HTTP_MAIL_URL: has a user or a fragment"}},
		{"fragment", "https://mail.example.com/#x", secret, []string{"HTTP_MAIL_URL: has a user or a fragment"}},
		{"empty fragment", "https://mail.example.com/#", secret, []string{"HTTP_MAIL_URL: has a user or a fragment"}},

		{"secret with line break", "https://mail.example.com/", secret + "\n", []string{"HTTP_MAIL_SECRET: holds a space"}},
		{"secret of words", "https://mail.example.com/", "correct-horse-battery-staple", []string{"HTTP_MAIL_SECRET: not base64"}},
		{"no padding", "https://mail.example.com/", strings.TrimRight(bytes(32), "="), []string{"HTTP_MAIL_SECRET: not base64"}},
		{"base64url", "https://mail.example.com/", strings.Repeat("-_Az", 8), []string{"HTTP_MAIL_SECRET: not base64"}},
		{"bits behind the end", "https://mail.example.com/", strings.Repeat("AAAA", 8) + "AB==", []string{"HTTP_MAIL_SECRET: not base64"}},
		{"another prefix", "https://mail.example.com/", "whpk_" + bytes(32), []string{"HTTP_MAIL_SECRET: not base64"}},
		{"prefix alone", "https://mail.example.com/", "whsec_", []string{"HTTP_MAIL_SECRET: not 24 to 64 bytes"}},
		{"too short", "https://mail.example.com/", bytes(23), []string{"HTTP_MAIL_SECRET: not 24 to 64 bytes"}},
		{"too long", "https://mail.example.com/", bytes(65), []string{"HTTP_MAIL_SECRET: not 24 to 64 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := webhook.Config{URL: redact.NewSecret(tt.url), Secret: redact.NewSecret(tt.secret)}
			expectProblems(t, c.Validate(), tt.want, tt.url, tt.secret)
			_, err := webhook.New(c, http.DefaultClient)
			if _, isProblems := errors.AsType[config.Problems](err); isProblems != (len(tt.want) > 0) {
				t.Errorf("New returned %v", err)
			}
		})
	}
}

// expectProblems compares how the problems begin. Each must have a remedy and hold none of the values.
func expectProblems(t *testing.T, got config.Problems, want []string, values ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("problems:\n%v\nwant %q", got, want)
	}
	for i, problem := range got {
		text := problem.Error()
		if !strings.HasPrefix(text, want[i]) || problem.Remedy == "" {
			t.Errorf("problem %q, want one that begins with %q and has a remedy", text, want[i])
		}
		for _, value := range values {
			if value != "" && strings.Contains(text, value) {
				t.Errorf("%q holds a value", text)
			}
		}
	}
}

func TestNewWithoutClient(t *testing.T) {
	t.Parallel()
	c := webhook.Config{URL: redact.NewSecret("https://mail.example.com/"), Secret: redact.NewSecret(secret)}
	if _, err := webhook.New(c, nil); err == nil {
		t.Error("New took a nil client")
	}
}
