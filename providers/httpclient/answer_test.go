package httpclient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"byoe/providers/httpclient"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		header map[string]string
		want   time.Duration
	}{
		{"none", nil, 0},
		{"seconds", map[string]string{"Retry-After": "12"}, 12 * time.Second},
		{"spaces", map[string]string{"Retry-After": " 12 "}, 12 * time.Second},
		{"date", map[string]string{"Retry-After": "Mon, 23 Nov 2026 12:00:40 GMT"}, 40 * time.Second},
		{"date gone by", map[string]string{"Retry-After": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0},
		{"negative", map[string]string{"Retry-After": "-5"}, 0},
		{"a year", map[string]string{"Retry-After": "31536000"}, time.Hour},
		{"beyond a Duration", map[string]string{"Retry-After": "9223372036854775807"}, time.Hour},
		{"nonsense", map[string]string{"Retry-After": "soon"}, 0},
		{"reset", map[string]string{"X-RateLimit-Reset": "1795435230"}, 30 * time.Second},
		{"reset gone by", map[string]string{"X-RateLimit-Reset": "1"}, 0},
		{"both", map[string]string{"Retry-After": "5", "X-RateLimit-Reset": "1795435230"}, 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			for name, value := range tt.header {
				header.Set(name, value)
			}
			if got := httpclient.RetryAfter(header, now); got != tt.want {
				t.Errorf("got %v, want %v (now is %d)", got, tt.want, now.Unix())
			}
		})
	}
}

func TestValidateBaseURL(t *testing.T) {
	t.Parallel()
	for value, good := range map[string]bool{
		"https://mail.vendor.example":         true,
		"https://mail.vendor.example/proxy/":  true,
		"https://mail.vendor.example:8443":    true,
		"http://127.0.0.1:8080":               true,
		"http://127.9.9.9":                    true,
		"http://[::1]:8080":                   true,
		"http://localhost:8080":               true,
		"http://LocalHost":                    true,
		"":                                    false,
		"mail.vendor.example":                 false,
		"https://":                            false,
		"https://:443":                        false,
		"http://mail.vendor.example":          false,
		"http://localhost.evil.example":       false,
		"http://127.0.0.1.evil.example":       false,
		"ftp://127.0.0.1":                     false,
		"https:mail.vendor.example":           false,
		"https://user:pw@mail.vendor.example": false,
		"https://mail.vendor.example?x=1":     false,
		"https://mail.vendor.example?":        false,
		"https://mail.vendor.example#x":       false,
		"https://mail.vendor.example#":        false,
		"https://mail vendor.example":         false,
	} {
		problems := httpclient.ValidateBaseURL("X_BASE_URL", value)
		if (len(problems) == 0) != good {
			t.Errorf("%q: %v, want good: %v", value, problems, good)
		}
		for _, problem := range problems {
			if problem.Setting != "X_BASE_URL" || problem.What == "" || problem.Remedy == "" ||
				len(value) > 8 && strings.Contains(problem.Error(), value) {
				t.Errorf("%q: problem %q", value, problem)
			}
		}
	}
}
