package standin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// attempts counts what reaches the handler, and how long the caller waits, when every attempt fails.
func TestRetries(t *testing.T) {
	t.Parallel()
	failure := errors.New("broken")
	tests := []struct {
		name     string
		body     string
		read     bool
		attempts int
		took     time.Duration
	}{
		{"no body", "", false, 10, 1850 * time.Millisecond},
		{"a body that was not read", "x", false, 10, 1850 * time.Millisecond},
		{"a body that was read reaches the handler once", "x", true, 1, 1850 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				transport := retrying{next: transportFunc(func(r *http.Request) (*http.Response, error) {
					attempts++
					if test.read {
						_, _ = io.ReadAll(r.Body)
					}
					if r.Body != nil {
						_ = r.Body.Close()
					}
					return nil, failure
				})}
				begun := time.Now()
				response, err := transport.RoundTrip(bodied(t.Context(), t, test.body))
				if response != nil {
					_ = response.Body.Close()
				}
				if !errors.Is(err, failure) || attempts != test.attempts || time.Since(begun) != test.took {
					t.Errorf("%v after %d attempts and %v", err, attempts, time.Since(begun))
				}
			})
		})
	}
}

func TestRetryEndsWithSuccessAndWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		transport := retrying{next: transportFunc(func(*http.Request) (*http.Response, error) {
			attempts++
			if attempts < 3 {
				return nil, errors.New("refused")
			}
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
		})}
		begun := time.Now()
		response, err := transport.RoundTrip(bodied(t.Context(), t, ""))
		if err != nil || time.Since(begun) != 150*time.Millisecond {
			t.Fatalf("%v after %v, want the third attempt", err, time.Since(begun))
		}
		_ = response.Body.Close()

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		attempts = -100
		begun = time.Now()
		response, err = transport.RoundTrip(bodied(ctx, t, ""))
		if err == nil {
			_ = response.Body.Close()
		}
		if err == nil || time.Since(begun) != 10*time.Millisecond {
			t.Errorf("%v after %v, want an end with the client", err, time.Since(begun))
		}
	})
}

func bodied(ctx context.Context, t *testing.T, body string) *http.Request {
	t.Helper()
	reader := io.Reader(http.NoBody)
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1/", reader)
	if err != nil {
		t.Fatal(err)
	}
	return request
}
