//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"byoe/devtenant"
)

// gate is a way to a server that can be closed: what is connected stays so, and nothing goes through, as where the network
// or the machine behind it has vanished without a word.
type gate struct {
	port string

	mu   sync.Mutex
	open chan struct{} // closed while things go through
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{open: make(chan struct{})}
	close(g.open)
	_, g.port, _ = net.SplitHostPort(listener.Addr().String())
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := (&net.Dialer{}).DialContext(ctx, "tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			both := sync.OnceFunc(func() { _, _ = near.Close(), far.Close() })
			context.AfterFunc(ctx, both)
			running.Go(func() { defer both(); g.pass(ctx, far, near) })
			running.Go(func() { defer both(); g.pass(ctx, near, far) })
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		running.Wait()
	})
	return g
}

// pass copies while the gate is open. What arrives while it is closed waits, the end of a connection too.
func (g *gate) pass(ctx context.Context, to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		g.mu.Lock()
		open := g.open
		g.mu.Unlock()
		select {
		case <-open:
		case <-ctx.Done():
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *gate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.open)
}

// An instance that was frozen in mid-send (a suspended container, a debugger, a stalled disk) and wakes up after its time
// must not send what another one has sent meanwhile.
func TestFrozenInstanceSendsNothingLate(t *testing.T) {
	shared := startAzurite(t)
	tenant := startTenant(t)
	bearer := token(t, tenant)
	survivor := serve(t, environ(tenant, shared...))
	awaitStore(t, survivor, bearer)
	way := newGate(t, tenant.MailboxAddr())
	victim := startProcess(t, append(environ(tenant, shared...), "SMTP_PORT="+way.port))
	served(t, &victim.program, bearer, 1000, 1) // its link to the provider is ready
	awaitStore(t, &victim.program, bearer)

	body, code := eventFor(t, 1)
	way.shut() // the provider's answers wait, so that the mail is not yet said when the process stops
	first := make(chan struct{})
	go func() { defer close(first); _, _ = tryPost(t, victim.url, bearer, body) }()
	time.Sleep(300 * time.Millisecond)
	tell(t, victim, syscall.SIGSTOP)
	if status, got := post(t, survivor.url, bearer, body); status != http.StatusOK {
		t.Fatalf("the retry on another instance: %d %s", status, got)
	}
	time.Sleep(5 * time.Second) // longer than a delivery goes on
	way.reopen()
	tell(t, victim, syscall.SIGCONT)
	<-first
	served(t, &victim.program, bearer, 2000, 3)
	if n := count(tenant.Mailbox().Mails(), code); n != 1 {
		t.Errorf("%d mails, want 1\n%s%s", n, victim.stdout.String(), victim.stderr.String())
	}
}

func tell(t *testing.T, p *process, s syscall.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// A log that nobody can take stops no mail: a full disk, or a reader that has gone.
func TestOutputThatNobodyTakes(t *testing.T) {
	tenant := startTenant(t)
	bearer := token(t, tenant)
	for name, open := range map[string]func(t *testing.T) *os.File{
		"a full disk": func(t *testing.T) *os.File {
			t.Helper()
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Skipf("needs /dev/full, as Linux has it: %v", err)
			}
			return full
		},
		"a reader that has gone": func(t *testing.T) *os.File {
			t.Helper()
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			_ = reader.Close()
			return writer
		},
	} {
		t.Run(name, func(t *testing.T) {
			stream := open(t)
			defer func() { _ = stream.Close() }()
			port := closedPort(t)
			p := &process{command: exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])}
			p.command.Stdout, p.command.Stderr = stream, stream
			p.begin(t, environ(tenant, "PORT="+port, "LOG_LEVEL=debug"))
			awaitPort(t, port)
			p.url = "http://127.0.0.1:" + port
			served(t, &p.program, bearer, 1000, 5)
			if status, _ := tryPost(t, p.url, "", nil); status != http.StatusUnauthorized { // a line on stderr
				t.Errorf("a stranger's call: %d", status)
			}
			_, code := eventFor(t, 1004)
			waitForMail(t, tenant, code)
		})
	}
}

// A full disk is no matter of the webhook's: it writes no file.
func TestServeWritesNoFile(t *testing.T) {
	tenant := startTenant(t)
	p := startProcess(t, environ(tenant))
	served(t, &p.program, token(t, tenant), 1, 3)
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.command.Process.Pid))
	if err != nil {
		t.Skipf("needs /proc, as Linux has it: %v", err)
	}
	for _, file := range files {
		name, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", p.command.Process.Pid, file.Name()))
		if err != nil || !strings.HasPrefix(name, "/") || strings.HasPrefix(name, "/dev/") {
			continue // closed meanwhile, a socket, a pipe
		}
		if flags := p.proc(t, "fdinfo/"+file.Name()); !regexp.MustCompile(`(?m)^flags:\s+[0-7]*0$`).MatchString(flags) {
			t.Errorf("%s is open for writing: %s", name, flags)
		}
	}
}

// withDescriptors is the program with so many file descriptors.
func withDescriptors(t *testing.T, tenant *devtenant.Tenant, count int) *process {
	t.Helper()
	limit := fmt.Sprintf(`ulimit -n %d && exec "$0"`, count)
	p := &process{command: exec.CommandContext(context.WithoutCancel(t.Context()), "/bin/sh", "-c", limit, os.Args[0])}
	p.begin(t, environ(tenant))
	p.url = awaitListening(t, &p.stdout)
	return p
}

// Callers never have all file descriptors: as many connections as there may be leave the way to the provider open.
func TestFloodLeavesDescriptorsForMails(t *testing.T) {
	tenant := startTenant(t)
	bearer := token(t, tenant)
	p := withDescriptors(t, tenant, 40)
	served(t, &p.program, bearer, 1000, 1)
	connect(t, &p.program, 60, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := tenant.Mailbox().SetFault("smtp", "down", 1); err != nil { // so that a new link is made
		t.Fatal(err)
	}
	served(t, &p.program, bearer, 2000, 5)
}

// Without file descriptors a call fails truthfully, and once there are some again all is as before.
func TestNoFileDescriptors(t *testing.T) {
	tenant := startTenant(t)
	bearer := token(t, tenant)
	p := withDescriptors(t, tenant, 12)
	for n := range 50 { // the ways to the keys and to the provider are made at the start, and need most of the twelve for a moment
		body, _ := eventFor(t, 1000+n)
		if status, _ := tryPost(t, p.url, bearer, body); status == http.StatusOK {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	conns := connect(t, &p.program, 30, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := tenant.Mailbox().SetFault("smtp", "down", 0); err != nil { // the kept link ends
		t.Fatal(err)
	}
	body, _ := eventFor(t, 2000)
	status, err := tryPost(t, p.url, bearer, body)
	t.Logf("while there are none: %d, %v", status, err)
	if status == http.StatusOK {
		t.Error("answered 200 for no mail")
	}
	if err := tenant.Mailbox().SetFault("smtp", "", 0); err != nil {
		t.Fatal(err)
	}
	body, code := eventFor(t, 2001)
	status, err = tryPost(t, p.url, bearer, body)
	t.Logf("with the provider back: %d, %v\n%s", status, err, p.stderr.String())
	if sent := count(tenant.Mailbox().Mails(), code); status == http.StatusOK && sent != 1 {
		t.Errorf("answered 200 for %d mails", sent)
	}
	if !strings.Contains(p.stderr.String(), `"msg":"no connection can be taken"`) || !strings.Contains(p.stderr.String(), "too many open files") {
		t.Errorf("the log does not say why: %s", p.stderr.String())
	}
	hangUp(conns)
	served(t, &p.program, bearer, 3000, 5)
}

// A store that hangs costs its 300 ms, and the log says so.
func TestStoreThatHangs(t *testing.T) {
	tenant := startTenant(t)
	bearer := token(t, tenant)
	port, _ := silentServer(t)
	p := serve(t, environ(tenant, "DEDUPE_STORE=tables", "BYOE_HASH_KEY="+strings.Repeat("k", 32),
		"DEDUPE_TABLES_CONNECTION=DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:"+port+"/devstoreaccount1;"))
	for n := range 3 {
		body, code := eventFor(t, n)
		start := time.Now()
		if status, got := post(t, p.url, bearer, body); status != http.StatusOK {
			t.Errorf("%d %s", status, got)
		}
		if took := time.Since(start); took > 1500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		waitForMail(t, tenant, code)
	}
	if lines := linesWith([]*program{p}, `"claim":"failed-open"`, `"store":"table storage: insert: no answer in time"`); lines != 3 {
		t.Errorf("%d lines say why: %s", lines, p.stdout.String())
	}
}

// A store that dies under the webhook and comes back is used again, and no mail waits for it.
func TestStoreThatComesBack(t *testing.T) {
	shared := startAzurite(t)
	tenant := startTenant(t)
	bearer := token(t, tenant)
	way := newGate(t, portOf(t, shared))
	p := serve(t, environ(tenant, strings.Split(strings.ReplaceAll(strings.Join(shared, "\n"), portOf(t, shared), "127.0.0.1:"+way.port), "\n")...))
	awaitStore(t, p, bearer)
	way.shut()
	served(t, p, bearer, 1000, 3)
	if lines := linesWith([]*program{p}, `"claim":"failed-open"`); lines != 3 {
		t.Errorf("%d of 3 failed open", lines)
	}
	way.reopen()
	awaitStore(t, p, bearer)
}

// portOf finds the address in the settings of a shared store.
func portOf(t *testing.T, settings []string) string {
	t.Helper()
	_, rest, _ := strings.Cut(strings.Join(settings, "\n"), "TableEndpoint=http://")
	address, _, found := strings.Cut(rest, "/")
	if !found {
		t.Fatal("no address in the settings")
	}
	return address
}

// A provider whose name nobody knows, and a name server that says nothing, cost their share of the time, and the next
// provider has the mail.
func TestNamesThatCannotBeHad(t *testing.T) {
	tenant := startTenant(t)
	bearer := token(t, tenant)
	lost := environ(tenant, "MAIL_PROVIDERS=smtp,sendgrid", "SMTP_HOST=mail.provider.example", "SMTP_TLS=starttls", "SMTP_PORT=587")
	t.Run("no name server answers", func(t *testing.T) {
		p := &process{command: withoutNameServer(t)}
		p.begin(t, lost)
		p.url = awaitListening(t, &p.stdout)
		for n := range 2 {
			body, code := eventFor(t, n)
			start := time.Now()
			if status, err := tryPost(t, p.url, bearer, body); status != http.StatusOK {
				t.Fatalf("%d %v\n%s", status, err, p.stderr.String())
			}
			if took := time.Since(start); took > 1600*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			waitForMail(t, tenant, code)
		}
		if linesWith([]*program{&p.program}, `"kind":"temporary"`, `"detail":"timeout"`) == 0 && !strings.Contains(p.stdout.String(), `temporary (timeout)`) {
			t.Errorf("the log does not say why: %s", p.stdout.String())
		}
	})
	t.Run("alone", func(t *testing.T) {
		p := serve(t, append(lost, "MAIL_PROVIDERS=smtp", "SMTP_HOST=nowhere.invalid"))
		body, _ := eventFor(t, 10)
		status, got := post(t, p.url, bearer, body)
		if status != http.StatusBadGateway && status != http.StatusGatewayTimeout {
			t.Errorf("%d %s", status, got)
		}
		if !strings.Contains(p.stderr.String(), `"kind":"temporary"`) {
			t.Errorf("the log does not say why: %s", p.stderr.String())
		}
	})
}

// withoutNameServer is the program where the only name server takes questions and answers none.
func withoutNameServer(t *testing.T) *exec.Cmd {
	t.Helper()
	const address = "127.0.0.77:53"
	server, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", address)
	if err != nil {
		t.Skipf("needs to listen on %s, as root may: %v", address, err)
	}
	t.Cleanup(func() { _ = server.Close() })
	resolver := t.TempDir() + "/resolv.conf"
	if err := os.WriteFile(resolver, []byte("nameserver 127.0.0.77\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mount := []string{"-m", "/bin/sh", "-c", `mount --bind "$1" /etc/resolv.conf && exec "$0"`}
	if out, err := exec.CommandContext(t.Context(), "unshare", append(mount, "/bin/true", resolver)...).CombinedOutput(); err != nil {
		t.Skipf("needs a mount namespace of its own, as root has on Linux: %v %s", err, out)
	}
	return exec.CommandContext(context.WithoutCancel(t.Context()), "unshare", append(mount, os.Args[0], resolver)...)
}

// A provider that vanishes without a word, under a connection that was kept, costs its share of the time.
func TestProviderThatVanishes(t *testing.T) {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer vendor.Close()
	const key = "SENDGRID_API_KEY=SG.x"
	for name, c := range map[string]struct {
		told     string
		to       func(tenant *devtenant.Tenant) string
		settings func(tenant *devtenant.Tenant, port string) []string
	}{
		"SMTP": {"temporary (timeout)", (*devtenant.Tenant).MailboxAddr, func(_ *devtenant.Tenant, port string) []string {
			return []string{"MAIL_PROVIDERS=smtp,sendgrid", "SMTP_PORT=" + port, key, "SENDGRID_BASE_URL=" + vendor.URL}
		}},
		"HTTP": {"ambiguous (timeout)", func(*devtenant.Tenant) string { return vendor.Listener.Addr().String() }, func(_ *devtenant.Tenant, port string) []string {
			return []string{"MAIL_PROVIDERS=sendgrid,smtp", key, "SENDGRID_BASE_URL=http://127.0.0.1:" + port}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tenant := startTenant(t)
			bearer := token(t, tenant)
			way := newGate(t, c.to(tenant))
			p := serve(t, environ(tenant, c.settings(tenant, way.port)...))
			served(t, p, bearer, 1000, 3)
			if !strings.Contains(p.stdout.String(), `"outcome":"accepted"`) || strings.Contains(p.stdout.String(), `"error"`) {
				t.Fatalf("before: %s", p.stdout.String())
			}
			way.shut()
			for n := range 3 {
				body, _ := eventFor(t, n)
				start := time.Now()
				if status, got := post(t, p.url, bearer, body); status != http.StatusOK {
					t.Fatalf("%d %s", status, got)
				}
				if took := time.Since(start); took > 1600*time.Millisecond {
					t.Errorf("it took %v", took)
				}
			}
			body, _ := eventFor(t, 10)
			start := time.Now() // three in a row: it rests
			if status, _ := post(t, p.url, bearer, body); status != http.StatusOK || time.Since(start) > 400*time.Millisecond {
				t.Errorf("%d after %v, from a provider that rests", status, time.Since(start))
			}
			way.reopen()
			if told := p.stdout.String(); p.stderr.String() != "" || strings.Count(told, c.told) != 3 || strings.Count(told, "(resting)") != 1 {
				t.Errorf("told: %s%s", told, p.stderr.String())
			}
		})
	}
}
