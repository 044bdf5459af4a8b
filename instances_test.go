package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/devtenant/mailbox"
	"byoe/internal/azuritetest"
)

// startAzurite starts Azure's table emulator and returns the settings that make instances share it.
func startAzurite(t *testing.T) []string {
	t.Helper()
	return []string{"DEDUPE_STORE=tables", "BYOE_HASH_KEY=" + strings.Repeat("k", 32), "DEDUPE_TABLES_CONNECTION=" + azuritetest.Start(t)}
}

func awaitPort(t *testing.T, port string) {
	t.Helper()
	for range 1200 { // Node takes its time on a busy machine
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing listens on port %s", port)
}

// eventFor is the documented sample with a code, an address and a correlation id of its own.
func eventFor(t *testing.T, n int) (body []byte, code string) {
	t.Helper()
	original, to := codeAndAddress(t, sample(t, "sign-up"))
	code = codeOf(n)
	body = bytes.ReplaceAll(sample(t, "sign-up"), []byte(original), []byte(code))
	body = bytes.ReplaceAll(body, []byte(to), fmt.Appendf(nil, "person-%d@example.com", n))
	return regexp.MustCompile(`"correlationId": "[^"]*"`).ReplaceAll(body, fmt.Appendf(nil, `"correlationId": %q`, correlation(n))), code
}

func codeOf(n int) string { return fmt.Sprintf("%08d", 10_000_000+n) }

func correlation(n int) string { return fmt.Sprintf("event-%d-", n) }

func TestThreeInstancesSendEachCodeOnce(t *testing.T) {
	shared := startAzurite(t)
	tenant := startTenant(t)
	settings := environ(tenant, shared...)
	instances := []*program{serve(t, settings), serve(t, settings), serve(t, settings)}
	bearer := token(t, tenant)
	awaitStore(t, instances[0], bearer)
	const events = 60
	for n := range events {
		body, _ := eventFor(t, n)
		var wg sync.WaitGroup
		for _, instance := range instances {
			wg.Go(func() {
				if status, got := post(t, instance.url, bearer, body); status != http.StatusOK {
					t.Errorf("event %d: %d %s", n, status, got)
				}
			})
		}
		wg.Wait()
	}
	mails := map[string]int{}
	for _, mail := range tenant.Mailbox().Mails() {
		mails[mail.Code]++
	}
	failedOpen := 0
	for n := range events {
		_, code := eventFor(t, n)
		open := linesWith(instances, correlation(n), `"failed-open"`)
		failedOpen += min(open, 1)
		if mails[code] < 1 || mails[code] > 1+open {
			t.Errorf("event %d: %d mails, %d fail-opens", n, mails[code], open)
		}
	}
	// On a busy machine the emulator may miss its 300 ms now and then; that must be the exception.
	if failedOpen > events/4 {
		t.Errorf("%d of %d events failed open", failedOpen, events)
	}
	for _, instance := range instances {
		if instance.stderr.String() != "" {
			t.Errorf("something is wrong: %s", instance.stderr.String())
		}
	}
}

// linesWith counts the log lines of all instances that hold every word.
func linesWith(instances []*program, words ...string) int {
	n := 0
	for _, instance := range instances {
		for line := range strings.Lines(instance.stdout.String()) {
			if hasLine(line, words) {
				n++
			}
		}
	}
	return n
}

// awaitStore sends events of its own until the table is there and the claim is kept in it.
func awaitStore(t *testing.T, p *program, bearer string) {
	t.Helper()
	for n := range 100 {
		body, _ := eventFor(t, 50_000+n)
		before := strings.Count(p.stdout.String(), `"claim":"new"`)
		if status, got := post(t, p.url, bearer, body); status != http.StatusOK {
			t.Fatalf("%d %s", status, got)
		}
		if strings.Count(p.stdout.String(), `"claim":"new"`) > before {
			p.stdout.reset()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the store is never used: %s", p.stdout.String())
}

// silentServer accepts connections and says nothing, like a provider that hangs. second is closed with the second connection:
// the first is the one that a webhook opens at its start.
func silentServer(t *testing.T) (port string, second <-chan struct{}) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connected := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			if n == 2 {
				close(connected)
			}
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	_, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, connected
}

func TestInstanceThatIsKilledLosesNothing(t *testing.T) {
	shared := startAzurite(t)
	tenant := startTenant(t)
	bearer := token(t, tenant)
	survivor := serve(t, environ(tenant, shared...))
	awaitStore(t, survivor, bearer)
	for n := range 3 {
		body, code := eventFor(t, n)
		killWhileSending(t, append(environ(tenant, shared...), asProgram+"=1"), bearer, body)
		killed := time.Now()
		if status, got := post(t, survivor.url, bearer, body); status != http.StatusOK {
			t.Fatalf("the retry: %d %s", status, got)
		}
		if n := count(tenant.Mailbox().Mails(), code); n != 1 {
			t.Fatalf("%d mails, want 1", n)
		}
		all := []*program{survivor}
		if linesWith(all, correlation(n), `"claim":"failed-open"`) > 0 {
			continue // a busy machine: the emulator missed its time. Once more.
		}
		if linesWith(all, correlation(n), `"claim":"taken-over"`) != 1 {
			t.Errorf("the claim was not taken over: %s", survivor.stdout.String())
		}
		if took := time.Since(killed); took > 2500*time.Millisecond {
			t.Errorf("the retry took %v: Entra had gone", took)
		}
		return
	}
	t.Error("the store missed its time three times")
}

// killWhileSending starts an instance whose provider hangs, sends it the event and kills it with SIGKILL.
func killWhileSending(t *testing.T, lines []string, bearer string, body []byte) {
	t.Helper()
	port, connected := silentServer(t)
	victim := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])
	victim.Env = append(lines, "SMTP_PORT="+port)
	var stdout output
	victim.Stdout, victim.Stderr = &stdout, &stdout
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = victim.Process.Kill() })
	url := awaitListening(t, &stdout)
	called := make(chan struct{})
	go func() { // Entra's first call, which will never be answered
		defer close(called)
		req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, url+"/api/EmailOtpSend", bytes.NewReader(body))
		if err != nil {
			return
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+bearer)
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
	}()
	select {
	case <-connected:
	case <-time.After(10 * time.Second):
		t.Fatalf("the victim never asked its provider: %s", stdout.String())
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // killed
	<-called
}

func awaitListening(t *testing.T, stdout *output) (url string) {
	t.Helper()
	for range 500 {
		var line struct{ Msg, Address string }
		first, _, _ := strings.Cut(stdout.String(), "\n")
		if json.Unmarshal([]byte(first), &line) == nil && line.Msg == "listening" {
			return "http://" + line.Address
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("byoe does not listen: %s", stdout.String())
	return ""
}

func count(mails []mailbox.Mail, code string) int {
	n := 0
	for _, mail := range mails {
		if mail.Code == code {
			n++
		}
	}
	return n
}

func TestStoreThatIsGoneStopsNoMail(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "DEDUPE_STORE=tables", "BYOE_HASH_KEY="+strings.Repeat("k", 32),
		"DEDUPE_TABLES_CONNECTION=DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:"+closedPort(t)+"/devstoreaccount1;"))
	body, code := eventFor(t, 1)
	for range 2 {
		if status, got := post(t, p.url, token(t, tenant), body); status != http.StatusOK || got != answer {
			t.Fatalf("%d %s", status, got)
		}
	}
	if n := count(tenant.Mailbox().Mails(), code); n != 1 {
		t.Errorf("%d mails for a call and its retry, want 1", n)
	}
	for _, want := range []string{`"claim":"failed-open","store":"table storage: insert: no answer"`, `"claim":"repeated"`} {
		if !strings.Contains(p.stdout.String(), want) {
			t.Errorf("%s is not in %s", want, p.stdout.String())
		}
	}
}

func TestOwnMemoryInAzureIsToldLoudly(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "WEBSITE_SITE_NAME=contoso"))
	if !strings.Contains(p.stderr.String(), `"level":"WARN"`) || !strings.Contains(p.stderr.String(), "set BYOE_HASH_KEY") {
		t.Errorf("told: %q", p.stderr.String())
	}
	quiet := serve(t, environ(tenant))
	if quiet.stderr.String() != "" {
		t.Errorf("on a developer's machine: %q", quiet.stderr.String())
	}
}

func TestStoreSettings(t *testing.T) {
	tenant := startTenant(t)
	const account = "DEDUPE_TABLES_URL=https://contoso.table.core.windows.net"
	key := "BYOE_HASH_KEY=" + strings.Repeat("k", 32)
	for name, c := range map[string]struct {
		settings []string
		want     string // the start of the one problem; "" for none
	}{
		"nothing set":           {nil, ""},
		"memory":                {[]string{"DEDUPE_STORE=memory", account}, ""},
		"tables":                {[]string{"DEDUPE_STORE=tables", account, key}, ""},
		"tables without a key":  {[]string{"DEDUPE_STORE=tables", account}, "BYOE_HASH_KEY: not set"},
		"tables without a home": {[]string{"DEDUPE_STORE=tables", key}, "DEDUPE_TABLES_CONNECTION: not set"},
		"another store":         {[]string{"DEDUPE_STORE=redis"}, "DEDUPE_STORE: not a store"},
		"auto, key and account": {[]string{key, "DEDUPE_TABLES_URL=http://contoso.example"}, "DEDUPE_TABLES_URL: "}, // so it was chosen
		"auto without a key":    {[]string{"DEDUPE_TABLES_URL=http://contoso.example"}, ""},                         // so it was not
	} {
		err := run(t.Context(), []string{"config", "--check"}, environ(tenant, c.settings...), io.Discard, io.Discard)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
