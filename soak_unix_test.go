//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"byoe/devtenant"
	"byoe/devtenant/mailbox"
)

// soakFor is the variable that asks for the soak and says for how long: a minute in CI, twenty once in a while.
const soakFor = "BYOE_SOAK"

// TestSoak gives a real process everything at once for a while: faults at its providers, keys that roll, malformed input,
// slow clients, callers who hang up and ask again. In the end every answer was true, nothing private was told, and memory,
// descriptors, threads and goroutines are where they were.
func TestSoak(t *testing.T) {
	if os.Getenv(soakFor) == "" {
		t.Skipf("set %s=1m for the soak", soakFor)
	}
	duration, err := time.ParseDuration(os.Getenv(soakFor))
	if err != nil {
		t.Fatal(err)
	}
	s := &soak{
		tenant: startTenant(t), told: newToldLines(), good: map[int]bool{}, statuses: map[int]int{}, mails: map[string]int{}, seen: map[string]bool{},
	}
	s.process = &process{command: exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])}
	s.process.command.Stdout, s.process.command.Stderr = s.told, s.told
	s.process.begin(t, environ(s.tenant, "MAIL_PROVIDERS=smtp,sendgrid", "GOTRACEBACK=all"))
	s.process.url = s.told.address(t)

	collecting, stopCollecting := context.WithCancel(t.Context())
	var beside sync.WaitGroup
	beside.Go(func() { s.collect(collecting) })
	s.load(t, duration/10, nil) // a process has its size after some work, not at its start
	s.quiet(t, duration)
	before := s.size(t)
	samples := make(chan size)
	var series []size
	beside.Go(func() {
		for taken := range samples {
			series = append(series, taken)
		}
	})
	s.load(t, duration*8/10, samples)
	close(samples)
	s.quiet(t, duration)
	after := s.size(t)
	stopCollecting()
	beside.Wait()

	s.report(t, before, series, after)
	s.checkTruth(t)
	checkFlat(t, before, series, after)
	fresh := &process{command: exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])}
	fresh.begin(t, environ(s.tenant, "MAIL_PROVIDERS=smtp,sendgrid", "GOTRACEBACK=all"))
	fresh.url = awaitListening(t, &fresh.stdout)
	served(t, &fresh.program, token(t, s.tenant), 900_000, 1)
	time.Sleep(time.Second)
	want, got := stacks(t, fresh, fresh.stderr.String), stacks(t, s.process, s.told.rest)
	t.Logf("goroutines: %d, of a fresh process %d", got, want)
	kept := 4
	if duration < longSoak {
		kept = 40 // 16 connections to a vendor, and the links to a mail server, that a burst leaves for a minute or so
	}
	if got > want+kept {
		t.Errorf("%d goroutines are left, a fresh process has %d\n%s", got, want, s.told.rest())
	}
}

// soak is one run.
type soak struct {
	tenant  *devtenant.Tenant
	process *process
	told    *toldLines

	mu       sync.Mutex
	next     int
	good     map[int]bool // events that were answered with 200
	statuses map[int]int
	mails    map[string]int // by code
	seen     map[string]bool
}

// load lets everybody work until the time is over, and takes samples meanwhile.
func (s *soak) load(t *testing.T, duration time.Duration, samples chan<- size) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() { s.every(ctx, 100*time.Millisecond, func() { s.signUp(ctx, t) }) })
	}
	running.Go(func() { s.every(ctx, 2*time.Second, func() { s.fault(t) }) })
	// An unknown key makes one fetch in ten seconds: keys that roll faster than that are refused for a while.
	running.Go(func() { s.every(ctx, 20*time.Second, func() { s.rollKeys(t) }) })
	for range 2 {
		running.Go(func() { s.every(ctx, 100*time.Millisecond, func() { s.malformed(ctx, t) }) })
		running.Go(func() { s.every(ctx, 300*time.Millisecond, func() { s.slow(ctx) }) })
	}
	if samples != nil {
		running.Go(func() {
			tick := time.NewTicker(max(duration/200, time.Second))
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					samples <- s.size(t)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	running.Wait()
	for _, provider := range []string{mailbox.SMTP, mailbox.SendGrid} {
		if err := s.tenant.Mailbox().SetFault(provider, mailbox.FaultNone, 0); err != nil {
			t.Error(err)
		}
	}
}

// every does something again and again, with pauses of about this length.
func (s *soak) every(ctx context.Context, pause time.Duration, do func()) {
	for {
		select {
		case <-time.After(pause/2 + rand.N(pause)):
			do()
		case <-ctx.Done():
			return
		}
	}
}

// longSoak is from when on there is time to wait for all that a burst leaves behind.
const longSoak = 10 * time.Minute

// quiet waits until flights are over, and in a long soak until kept connections (90 s) and spare links are closed.
func (s *soak) quiet(t *testing.T, duration time.Duration) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	if duration < longSoak {
		time.Sleep(8 * time.Second)
		return
	}
	time.Sleep(110 * time.Second)
}

// signUp is one event: called, perhaps given up on, perhaps called by two at once, and called again where that failed.
func (s *soak) signUp(ctx context.Context, t *testing.T) {
	t.Helper()
	ctx = context.WithoutCancel(ctx) // what is begun is brought to its end
	s.mu.Lock()
	s.next++
	n := s.next
	s.mu.Unlock()
	body := soakEvent(t, n)
	call := func(patience time.Duration) int {
		bearer, err := s.tenant.Token()
		if err != nil {
			t.Error(err)
			return 0
		}
		status := soakPost(ctx, s.process.url, bearer, body, patience)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.statuses[status]++
		if status == http.StatusOK {
			s.good[n] = true
		}
		return status
	}
	switch rand.N(10) {
	case 0, 1: // hangs up at some moment, and asks again as Entra does
		call(rand.N(time.Second))
	case 2: // the retry overtakes
		var both sync.WaitGroup
		both.Go(func() { call(5 * time.Second) })
		both.Go(func() { call(5 * time.Second) })
		both.Wait()
		return
	}
	if status := call(5 * time.Second); status != http.StatusOK {
		call(5 * time.Second)
	}
}

func soakCorrelation(n int) string { return fmt.Sprintf("soak-%d-", n) }

var soakLocales = []string{"en-us", "ja-jp", "de-DE", "ar", "pt-BR", "zh-Hant", "xx", "", "he-IL"}

func soakEvent(t *testing.T, n int) []byte {
	t.Helper()
	body, _ := eventFor(t, n)
	body = bytes.ReplaceAll(body, []byte(correlation(n)), []byte(soakCorrelation(n)))
	return bytes.ReplaceAll(body, []byte(`"en-us"`), fmt.Appendf(nil, "%q", soakLocales[n%len(soakLocales)]))
}

// soakPost returns the status, or 0 where the caller's patience ended first.
func soakPost(ctx context.Context, url, bearer string, body []byte, patience time.Duration) int {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/EmailOtpSend", bytes.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// fault makes one provider misbehave for some mails, or both at once, so that some mails are refused by everybody.
func (s *soak) fault(t *testing.T) {
	t.Helper()
	kinds := mailbox.Faults()
	both := []string{mailbox.SMTP, mailbox.SendGrid}
	for _, provider := range [][]string{both, both[:1], both[1:]}[rand.N(3)] {
		if err := s.tenant.Mailbox().SetFault(provider, kinds[rand.N(len(kinds))].Fault, 1+rand.N(10)); err != nil {
			t.Error(err)
		}
	}
}

func (s *soak) rollKeys(t *testing.T) {
	if err := s.tenant.RollKeys(); err != nil {
		t.Error(err)
	}
	if rand.N(3) == 0 {
		s.tenant.WithdrawOldKeys()
	}
}

// malformed sends one of the shapes of TestHostileRequests.
func (s *soak) malformed(ctx context.Context, t *testing.T) {
	t.Helper()
	shapes := []string{
		call("Content-Length: 2\r\n", "{}"), call("Authorization: Bearer x.y.z\r\nContent-Length: 2\r\n", "{}"), "GET / HTTP/1.1\r\nHost: x\r\n" + fields(2000) + "\r\n",
		call("Transfer-Encoding: chunked\r\n", "xyz\r\n"), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "GET /api/Health HTTP/1.0\r\n\r\n",
		call("Content-Length: 100000000\r\n", strings.Repeat(" ", 1<<20)), "G", call("Authorization: Bearer x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n", ""),
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return // the load is over
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(500 * time.Millisecond))
	_, _ = io.WriteString(conn, shapes[rand.N(len(shapes))])
	_, _ = io.Copy(io.Discard, conn)
}

// slow holds a connection for some seconds, with a word now and then.
func (s *soak) slow(ctx context.Context) {
	conn, err := s.dial(ctx)
	if err != nil {
		return // the load is over
	}
	defer func() { _ = conn.Close() }()
	starts := []string{"", "POST /api", "GET / HTTP/1.1\r\nHost: x\r\n", call("Content-Length: 5000\r\n", ""), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}
	_, _ = io.WriteString(conn, starts[rand.N(len(starts))])
	stop := drip(conn, "x")
	defer stop()
	select {
	case <-time.After(rand.N(8 * time.Second)):
	case <-ctx.Done():
	}
}

func (s *soak) dial(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(s.process.url, "http://"))
}

// collect counts the mails of each code. The mailbox keeps the last 200.
func (s *soak) collect(ctx context.Context) {
	for {
		changed := s.tenant.Mailbox().Changed()
		mails := s.tenant.Mailbox().Mails()
		s.mu.Lock()
		for _, mail := range mails {
			if !s.seen[mail.ID] {
				s.seen[mail.ID] = true
				s.mails[mail.Code]++
			}
		}
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// size is a process's size at a moment.
type size struct {
	at                              time.Time
	memory, descriptors, threads, n int // memory in KiB; n is the events so far
}

func (s *soak) size(t *testing.T) size {
	t.Helper()
	s.mu.Lock()
	n := s.next
	s.mu.Unlock()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.process.command.Process.Pid))
	if err != nil {
		t.Skipf("needs /proc, as Linux has it: %v", err)
	}
	return size{time.Now(), s.process.kilobytes(t, "VmRSS"), len(files), s.process.kilobytes(t, "Threads"), n}
}

func (s *soak) report(t *testing.T, before size, series []size, after size) {
	t.Helper()
	line := func(name string, x size) string {
		return fmt.Sprintf("| %s | %d | %.1f | %d | %d |\n", name, x.n, float64(x.memory)/1024, x.descriptors, x.threads)
	}
	table := "| moment | events | memory, MiB | descriptors | threads |\n|---|---|---|---|---|\n" + line("quiet, before", before)
	for i := range series {
		if every := max(len(series)/12, 1); i%every == every-1 {
			table += line(series[i].at.Sub(series[0].at).Round(time.Second).String(), series[i])
		}
	}
	table += line("quiet, after", after)
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Logf("\n%sstatuses: %v (0: the caller had gone); %d events, %d with a 200, %d mails", table, s.statuses, s.next, len(s.good), len(s.seen))
}

// checkTruth holds what was answered against what arrived.
func (s *soak) checkTruth(t *testing.T) {
	t.Helper()
	if leaks := s.told.leaked(); len(leaks) > 0 {
		t.Errorf("%d lines tell what is private, such as %s", len(leaks), leaks[0])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	twice := 0
	for n := 1; n <= s.next; n++ {
		mails, ambiguous := s.mails[codeOf(n)], s.told.ambiguous(n)
		if s.good[n] && mails == 0 {
			t.Errorf("event %d was answered with 200 and has no mail", n)
		}
		if mails > 1+ambiguous {
			t.Errorf("event %d has %d mails, of which %d may be doubles", n, mails, ambiguous)
		}
		if mails > 1 {
			twice++
		}
	}
	t.Logf("%d events have two mails or more, each after an answer that was lost", twice)
	if s.statuses[http.StatusBadGateway] == 0 {
		t.Error("no mail was refused by everybody: nothing is shown of what is answered then")
	}
	if len(s.good) < s.next/2 {
		t.Errorf("only %d of %d events were answered with 200", len(s.good), s.next)
	}
}

// checkFlat wants the size of before once all is quiet again, and no growth under the load.
func checkFlat(t *testing.T, before size, series []size, after size) {
	t.Helper()
	if after.memory > before.memory*5/4+8<<10 {
		t.Errorf("memory is %d KiB, it was %d", after.memory, before.memory)
	}
	if after.descriptors > before.descriptors+10 {
		t.Errorf("%d descriptors are open, before it were %d", after.descriptors, before.descriptors)
	}
	if after.threads > before.threads+6 {
		t.Errorf("%d threads, before it were %d", after.threads, before.threads)
	}
	if len(series) < 8 {
		t.Fatalf("%d samples are too few", len(series))
	}
	middle := func(part []size) int { // of memory
		sizes := make([]int, 0, len(part))
		for _, x := range part {
			sizes = append(sizes, x.memory)
		}
		slices.Sort(sizes)
		return sizes[len(sizes)/2]
	}
	quarter := len(series) / 4
	if second, last := middle(series[quarter:2*quarter]), middle(series[3*quarter:]); last > second*6/5+4<<10 {
		t.Errorf("memory grows under the load: %d KiB in the second quarter, %d in the last", second, last)
	}
}

// stacks ends the process with SIGQUIT, which makes Go print every goroutine, and counts them.
func stacks(t *testing.T, p *process, told func() string) int {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = p.command.Wait() // ended by the signal
	return len(regexp.MustCompile(`(?m)^goroutine [0-9]+ .*\[`).FindAllString(told(), -1))
}

// toldLines reads what the process says, line by line: what is private in it, and which events were ambiguous.
type toldLines struct {
	mu     sync.Mutex
	part   []byte
	first  string
	leaks  []string
	double map[string]int
	other  strings.Builder // what is no line of the log
}

func newToldLines() *toldLines { return &toldLines{double: map[string]int{}} }

// private is an event's code or address, or a token.
var private = regexp.MustCompile(`\b10[0-9]{6}\b|person-[0-9]+@|eyJ[A-Za-z0-9_-]{8}`)

var (
	ambiguousLine   = regexp.MustCompile(`"ambiguous":([0-9]+)`)
	correlationLine = regexp.MustCompile(`"correlationId":"(soak-[0-9]+-)"`)
)

func (l *toldLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, p...)
	for {
		end := bytes.IndexByte(l.part, '\n')
		if end < 0 {
			return len(p), nil
		}
		l.read(string(l.part[:end]))
		l.part = l.part[end+1:]
	}
}

// read needs the lock.
func (l *toldLines) read(line string) {
	if l.first == "" {
		l.first = line
	}
	if private.MatchString(line) {
		l.leaks = append(l.leaks, line)
	}
	if !strings.HasPrefix(line, "{") {
		l.other.WriteString(line + "\n")
	}
	if found, id := ambiguousLine.FindStringSubmatch(line), correlationLine.FindStringSubmatch(line); found != nil && id != nil {
		times := 0
		_, _ = fmt.Sscan(found[1], &times) // digits
		l.double[id[1]] += times
	}
}

func (l *toldLines) address(t *testing.T) string {
	t.Helper()
	var stdout output
	for range 500 {
		l.mu.Lock()
		first := l.first
		l.mu.Unlock()
		if first != "" {
			_, _ = stdout.Write([]byte(first + "\n"))
			return awaitListening(t, &stdout)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it says nothing")
	return ""
}

func (l *toldLines) leaked() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.leaks)
}

func (l *toldLines) ambiguous(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.double[soakCorrelation(n)]
}

func (l *toldLines) rest() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.other.String()
}
