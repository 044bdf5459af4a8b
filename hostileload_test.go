package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// connect opens connections and says the same on each; the test closes them in the end.
func connect(t *testing.T, p *program, count int, words string) []net.Conn {
	t.Helper()
	conns := make([]net.Conn, count)
	for i := range conns {
		conns[i] = dial(t, p)
		_, _ = io.WriteString(conns[i], words) // who was hung up on is counted below
	}
	t.Cleanup(func() { hangUp(conns) })
	return conns
}

func hangUp(conns []net.Conn) {
	for _, conn := range conns {
		_ = conn.Close()
	}
}

// served makes genuine calls, one after the other, and fails where one takes longer than quick.
func served(t *testing.T, p *program, bearer string, first, count int) {
	t.Helper()
	for n := range count {
		body, _ := eventFor(t, first+n)
		if status, err := tryPost(t, p.url, bearer, body); status != http.StatusOK {
			t.Errorf("a genuine call beside it: %d, %v", status, err)
		}
	}
}

// tryPost is post on a connection of its own that may break, or be too slow: the status is 0 then.
func tryPost(t *testing.T, url, bearer string, body []byte) (status int, _ error) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, url+"/api/EmailOtpSend", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: quick}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	_ = res.Body.Close()
	return res.StatusCode, nil
}

// Who sends slowly is let go in time, and holds nobody up.
func TestSlowCallers(t *testing.T) {
	tenant := startTenant(t)
	p := serve(t, environ(tenant))
	bearer := token(t, tenant)
	body, code := eventFor(t, 1)
	served(t, p, bearer, 50, 1)
	settled := goroutines(t)
	var running sync.WaitGroup
	for name, c := range map[string]struct {
		words       string
		drip        string // what is said every 200 ms
		within      time.Duration
		want        []int
		closesFirst bool
	}{
		"says nothing":                         {"", "", 6 * time.Second, nil, false},
		"a header without end":                 {"GET / HTTP/1.1\r\nHost: x\r\n", "X: y\r\n", 6 * time.Second, nil, false},
		"a header byte by byte":                {"POST ", "x", 6 * time.Second, []int{400}, false},
		"a stranger's body that never comes":   {call("Content-Length: 1000\r\n", ""), "", 3 * time.Second, []int{401}, false},
		"a stranger's body byte by byte":       {call("Content-Length: 1000\r\n", ""), " ", 3 * time.Second, []int{401}, false},
		"a stranger's chunks byte by byte":     {call("Transfer-Encoding: chunked\r\n", ""), "1\r\nx\r\n", 3 * time.Second, []int{401}, false},
		"too many headers, and a body":         {"POST / HTTP/1.1\r\nHost: x\r\n" + fields(200) + "Content-Length: 1000\r\n\r\n", " ", 3 * time.Second, []int{431}, false},
		"a body for the health page":           {"GET /api/Health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", " ", 3 * time.Second, []int{200}, false},
		"a body for no page":                   {"PUT /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", " ", 3 * time.Second, []int{404}, false},
		"a genuine body that never comes":      {call("Authorization: Bearer "+bearer+"\r\nContent-Length: 1000\r\n", ""), "", 12 * time.Second, []int{400}, false},
		"a genuine body byte by byte":          {call("Authorization: Bearer "+bearer+"\r\nContent-Length: 1000\r\n", ""), " ", 12 * time.Second, []int{400}, false},
		"a genuine call with its sending done": {call("Authorization: Bearer "+bearer+"\r\n"+length(string(body)), string(body)), "", 3 * time.Second, []int{200}, true},
	} {
		running.Go(func() {
			conn := dial(t, p)
			defer func() { _ = conn.Close() }()
			start := time.Now()
			_, _ = io.WriteString(conn, c.words)
			if tcp, ok := conn.(*net.TCPConn); ok && c.closesFirst {
				_ = tcp.CloseWrite()
			}
			stop := drip(conn, c.drip)
			got, open := answers(t, conn, 15*time.Second, quick)
			stop()
			if took := time.Since(start); took > c.within {
				t.Errorf("%s: let go after %v", name, took)
			}
			if !slices.Equal(got, c.want) || open {
				t.Errorf("%s: answered %v, connection open: %v; want %v", name, got, open, c.want)
			}
		})
	}
	served(t, p, bearer, 100, 40)
	running.Wait()
	waitForMail(t, tenant, code)
	settled()
}

// drip says a word every 200 ms until it is stopped or hung up on.
func drip(conn net.Conn, word string) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for word != "" {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
			}
			if _, err := io.WriteString(conn, word); err != nil {
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// The most that strangers who hold connections may keep is written in app/connections.go.
const connectionsMost = 1024

// Who only holds connections open loses their own ones, whatever they have said on them.
func TestConnectionFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("memory is measured without the race detector")
	}
	tenant := startTenant(t)
	bearer := token(t, tenant)
	for name, c := range map[string]struct {
		words   string
		most    int  // of memory, in MiB
		replace bool // the new ones take the places of the old ones, else they wait for them
	}{
		"that say nothing":        {"", 100, true},
		"that have asked before":  {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 100, true},
		"in mid-header":           {"GET / HTTP/1.1\r\nX: " + strings.Repeat("y", 30<<10), 250, true},
		"with a body that stalls": {call("Content-Length: 100\r\n", ""), 150, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProcess(t, environ(tenant))
			conns := connect(t, &p.program, connectionsMost+300, c.words)
			served(t, &p.program, bearer, 2000, 3)
			for start := time.Now(); c.replace && stillOpen(conns) > connectionsMost; {
				if time.Since(start) > quick { // they have 5 s for their header
					t.Fatal("the old connections are not closed")
				}
			}
			hangUp(conns)
			served(t, &p.program, bearer, 3000, 3)
			expectPeak(t, p, c.most)
		})
	}
}

// The worst header costs 200 bytes of memory and half a microsecond for each 5 bytes on the wire. As many of them as there
// are places keep both cores busy for some seconds; memory is bounded, and then all is as before.
func TestWorstHeaders(t *testing.T) {
	if testing.Short() {
		t.Skip("memory is measured without the race detector")
	}
	tenant := startTenant(t)
	bearer := token(t, tenant)
	p := startProcess(t, environ(tenant))
	conns := connect(t, &p.program, connectionsMost+300, "GET / HTTP/1.1\r\n"+tinyFields())
	get(t, p.url+"/") // once it gets to it
	hangUp(conns)
	served(t, &p.program, bearer, 1000, 3)
	expectPeak(t, p, 1500)
}

// expectPeak checks the most memory that a process ever had, in MiB.
func expectPeak(t *testing.T, p *process, most int) {
	t.Helper()
	peak := p.kilobytes(t, "VmHWM") >> 10
	t.Logf("memory was %d MiB at most", peak)
	if peak > most {
		t.Errorf("memory was %d MiB, want at most %d", peak, most)
	}
}

// tinyFields is what makes the most memory of a header's bytes.
func tinyFields() string {
	var fields strings.Builder
	for n := 0; fields.Len() < 31<<10; n++ {
		fields.WriteString(string([]byte{'a' + byte(n/676%26), 'a' + byte(n/26%26), 'a' + byte(n%26)}) + ":\n")
	}
	return fields.String()
}

// stillOpen counts the connections on which nothing has come, or an answer but no end.
func stillOpen(conns []net.Conn) int {
	var counting sync.WaitGroup
	var mu sync.Mutex
	open := 0
	for _, conn := range conns {
		counting.Go(func() {
			_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
			_, err := io.Copy(io.Discard, conn)
			if failure, ok := errors.AsType[net.Error](err); ok && failure.Timeout() {
				mu.Lock()
				open++
				mu.Unlock()
			}
		})
	}
	counting.Wait()
	return open
}

// endless writes so many blanks as a body, in chunks where it has no length.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	e.left -= n
	return n, nil
}

// Bodies of 100 MB, many at once, cost a few MiB.
func TestHugeBodies(t *testing.T) {
	if testing.Short() {
		t.Skip("memory is measured without the race detector")
	}
	tenant := startTenant(t)
	bearer := token(t, tenant)
	p := startProcess(t, environ(tenant))
	const huge = 100 << 20
	var running sync.WaitGroup
	for range 4 {
		for _, path := range []string{"/api/EmailOtpSend", "/api/Health", "/"} {
			for _, authorization := range []string{"", "Bearer " + bearer} {
				for _, size := range []int64{huge, -1} { // without a size it goes in chunks
					running.Go(func() { sendHuge(t, &p.program, path, authorization, &endless{huge}, size) })
				}
			}
		}
	}
	served(t, &p.program, bearer, 2000, 5)
	running.Wait()
	served(t, &p.program, bearer, 3000, 5)
	expectPeak(t, p, 100)
}

// sendHuge sends a body that nobody wants. The server may hang up in the middle of it; if it answers, then with a refusal
// where the body is wanted at all.
func sendHuge(t *testing.T, p *program, path, authorization string, body io.Reader, size int64) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+path, body)
	if err != nil {
		t.Error(err)
		return
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", authorization)
	start := time.Now()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err == nil {
		_ = res.Body.Close()
		if res.StatusCode < 400 {
			t.Errorf("POST %s of %d bytes: %d", path, size, res.StatusCode)
		}
	}
	if took := time.Since(start); took > 3*quick {
		t.Errorf("POST %s of %d bytes took %v", path, size, took)
	}
}
