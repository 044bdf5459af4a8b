package hosttest

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoe/hosttest/probe"
	"byoe/hosttest/standin"
)

func agreeAnswers(t *testing.T, c client, mode Mode) {
	t.Run("a failure passes with header and body", func(t *testing.T) {
		got := c.do(t, call{path: "/api/EmailOtpSend?do=refuse", body: "{}"})
		if got.status != http.StatusTeapot || got.body != `{"code":"teapot"}` {
			t.Errorf("status %d, body %q", got.status, got.body)
		}
		if got.header.Get("Content-Type") != "application/problem+json" || got.header.Get("X-Probe") != "yes" {
			t.Errorf("header %v", got.header)
		}
	})
	t.Run("a redirect is not followed", func(t *testing.T) {
		got := c.do(t, call{path: "/api/EmailOtpSend?do=redirect", body: "{}"})
		if got.status != http.StatusFound || got.header.Get("Location") != "/elsewhere" {
			t.Errorf("status %d, location %q", got.status, got.header.Get("Location"))
		}
	})
	t.Run("repeated header fields stay apart", func(t *testing.T) {
		got := c.do(t, call{path: "/api/EmailOtpSend", body: "{}"})
		if diff := cmp.Diff([]string{"a=1", "b=2"}, got.header.Values("Set-Cookie")); diff != "" {
			t.Errorf("Set-Cookie (-want +got):\n%s", diff)
		}
	})
	t.Run("a streamed answer", func(t *testing.T) { agreeStream(t, c, mode, false) })
	t.Run("a slow answer of known length", func(t *testing.T) { agreeStream(t, c, mode, true) })
}

// agreeStream: the probe's pieces are 300 ms apart.
func agreeStream(t *testing.T, c client, mode Mode, withLength bool) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	url := c.host.URL() + "/api/EmailOtpSend?do=stream"
	if withLength {
		url += "&length"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	reader := bufio.NewReader(response.Body)
	first, _ := reader.ReadString('\n')
	begun := time.Now()
	second, _ := reader.ReadString('\n')
	apart := time.Since(begun) > 100*time.Millisecond
	if first != "first\n" || second != "second\n" {
		t.Errorf("pieces %q and %q", first, second)
	}
	if apart != (mode == Proxy) {
		t.Errorf("the pieces came apart: %t, want %t", apart, mode == Proxy)
	}
	if known := response.ContentLength >= 0; known != (mode == Forward || withLength) {
		t.Errorf("the answer has a length: %t", known)
	}
}

// agreeAborts: only proxying lets the handler feel that the client has gone.
func agreeAborts(t *testing.T, c client, mode Mode) {
	t.Run("a client that goes away", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := c.try(ctx, call{path: "/api/EmailOtpSend?do=hang", body: "{}"}); err == nil {
			t.Fatal("the hanging request was answered")
		}
		want, other := "probe: cancelled", "probe: finished"
		if mode == Forward {
			want, other = other, want
		}
		eventually(t, probe.Hang+2*time.Second, want, func() bool { _, said := levelOf(c.host, want); return said })
		if _, said := levelOf(c.host, other); said {
			t.Errorf("the handler said %q", other)
		}
	})
}

func agreeLines(t *testing.T, c client) {
	tests := []struct {
		name, stream, text string
		want               standin.Level
	}{
		{"stdout is information", "stdout", "a line on stdout", standin.Information},
		{"JSON on stdout is not read", "stdout", `{"level":"ERROR","msg":"a JSON line"}`, standin.Information},
		{"stderr is an error", "stderr", "a line on stderr", standin.Error},
		{"whatever its JSON says", "stderr", `{"level":"INFO","msg":"a JSON line on stderr"}`, standin.Error},
		{"but for a warning", "stderr", "a line that WARNs", standin.Warning},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := "/api/EmailOtpSend?do=say&" + test.stream + "=" + strings.ReplaceAll(test.text, " ", "%20")
			c.do(t, call{path: path, body: "{}"})
			eventually(t, 5*time.Second, test.text, func() bool { _, said := levelOf(c.host, test.text); return said })
			if got, _ := levelOf(c.host, test.text); got != test.want {
				t.Errorf("level %v, want %v", got, test.want)
			}
		})
	}
}

func agreeEnvironment(t *testing.T, c client) {
	t.Run("what the handler is started with", func(t *testing.T) {
		seen := c.seen(t, call{path: "/api/EmailOtpSend?env", body: "{}"})
		if len(seen.Args) != 1 {
			t.Errorf("arguments %q, want none", seen.Args[1:])
		}
		address, err := c.host.HandlerURL()
		if err != nil {
			t.Fatal(err)
		}
		port := address[strings.LastIndexByte(address, ':')+1:]
		want := map[string]string{
			"FUNCTIONS_CUSTOMHANDLER_PORT":    port,
			"FUNCTIONS_HTTPWORKER_PORT":       port,
			"FUNCTIONS_CORETOOLS_ENVIRONMENT": "true",
			"FUNCTIONS_WORKER_RUNTIME":        "custom",
			"AZURE_FUNCTIONS_ENVIRONMENT":     "Development",
			"DEV_TENANT":                      "true",
			"WEBSITE_HOSTNAME":                "localhost:" + c.host.URL()[strings.LastIndexByte(c.host.URL(), ':')+1:],
			"FUNCTIONS_HTTPWORKER_ID":         seen.Env["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"],
		}
		for name, value := range want {
			if got := seen.Env[name]; got != value || value == "" {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
		}
		for _, name := range []string{"FUNCTIONS_APP_ROOT_PATH", "AzureWebJobsScriptRoot"} {
			if !sameFolder(seen.Env[name], seen.Dir) {
				t.Errorf("%s is %q, the working folder %q", name, seen.Env[name], seen.Dir)
			}
		}
	})
}

// sameFolder sees through links, which temporary folders have on some systems.
func sameFolder(one, other string) bool {
	first, err := os.Stat(one)
	if err != nil {
		return false
	}
	second, err := os.Stat(other)
	return err == nil && os.SameFile(first, second)
}
