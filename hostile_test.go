package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// quick is in what time a hostile request must be over that is not slow by itself, on a busy machine.
const quick = 3 * time.Second

// raw sends bytes as they are on a connection of its own. It returns the status of each answer until the server closes the
// connection, or says nothing more for a moment: then open is true.
func raw(t *testing.T, p *program, request string) (statuses []int, open bool) {
	t.Helper()
	conn := dial(t, p)
	defer func() { _ = conn.Close() }()
	// The server may have refused and closed before it has read all of it.
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(conn, request)
	}()
	defer func() { _ = conn.Close(); <-written }()
	return answers(t, conn, quick, 300*time.Millisecond)
}

func dial(t *testing.T, p *program) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// answers reads the status of each answer until the server closes the connection, or says nothing more for a moment.
// The first one may take as long as first, what comes behind as long as then.
func answers(t *testing.T, conn net.Conn, first, then time.Duration) (statuses []int, open bool) {
	t.Helper()
	in := bufio.NewReader(conn)
	wait := first
	for {
		_ = conn.SetReadDeadline(time.Now().Add(wait))
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			failure, isNet := errors.AsType[net.Error](err)
			return statuses, isNet && failure.Timeout()
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		statuses = append(statuses, answer.StatusCode)
		wait = then
	}
}

// call writes a request for the webhook with these header lines and body.
func call(lines, body string) string {
	return "POST /api/EmailOtpSend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + lines + "\r\n" + body
}

func length(body string) string { return "Content-Length: " + strconv.Itoa(len(body)) + "\r\n" }

func TestHostileRequests(t *testing.T) {
	const policyKey = "hostile-policy-key-0123456789abcdef"
	tenant := startTenant(t)
	p := serve(t, environ(tenant, "B2C_API_KEYS="+policyKey))
	private := token(t, tenant)
	key := "X-Api-Key: " + policyKey + "\r\n"
	policy := func(lines, body string) string {
		return strings.Replace(call(lines, body), "/api/EmailOtpSend", "/api/B2COtpSend", 1)
	}
	auth := "Authorization: Bearer " + private + "\r\n"
	n := 0
	event := func() string { // each with a code of its own
		n++
		body, _ := eventFor(t, n)
		return string(body)
	}
	genuine := func(lines string) string {
		body := event()
		return call(auth+length(body)+lines, body)
	}
	const ready = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	chunked := func(lines, body string) string {
		return call("Transfer-Encoding: chunked\r\n"+lines, body)
	}
	inChunks := func(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	long := event() + strings.Repeat(" ", 300<<10)

	settled := goroutines(t)
	cases := []struct {
		name, request string
		want          []int // the statuses, in their order
		open          bool  // the connection is kept
	}{
		{"a genuine call", genuine(""), []int{200}, true},
		{"a genuine call in chunks", chunked(auth, inChunks(event())), []int{200}, true},
		{"100,000 levels of JSON", call(auth+length(deep), deep), []int{400}, true},
		{"a body that is too long", call(auth+length(long), long), []int{413}, true},
		{"a body that is too long, in chunks", chunked(auth, inChunks(long)), []int{413}, true},
		{"no token, and a long body", call(length(long), long), []int{401}, false},
		{"a gzip'ed body", genuine("Content-Encoding: gzip\r\n"), []int{415}, true},
		{"a body in two encodings", genuine("Content-Encoding: gzip, gzip\r\n"), []int{415}, true},
		{"no body", call(auth+"Content-Length: 0\r\n", ""), []int{400}, true},
		{"neither a length nor chunks", call(auth, ""), []int{400}, true},
		{"claims of a policy", policy(key+length(`{"email":"b2c-1@example.com","otp":"123456"}`), `{"email":"b2c-1@example.com","otp":"123456"}`), []int{200}, true},
		{"claims of a stranger", policy(length(long), long), []int{401}, false},
		{"100,000 levels of claims", policy(key+length(`{"email":`+deep), `{"email":`+deep), []int{400}, true},
		{"claims that are too long", policy(key+length(long), long), []int{413}, true},
		{"claims in chunks that are none", policy(key+"Transfer-Encoding: chunked\r\n", "xyz\r\n{}\r\n0\r\n\r\n"), []int{400}, false},
		{"NUL in the body", call(auth+"Content-Length: 3\r\n", "{\x00}"), []int{400}, true},
		{"no UTF-8", call(auth+"Content-Length: 4\r\n", "\"\xff\xfe\""), []int{400}, true},

		{"10,000 headers", "GET / HTTP/1.1\r\nHost: x\r\n" + fields(10_000) + "\r\n", []int{431}, false},
		{"1,000 headers", "GET / HTTP/1.1\r\nHost: x\r\n" + fields(1_000) + "\r\n", []int{431}, false},
		{"a huge header", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", []int{431}, false},
		{"a long header", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 31<<10) + "\r\n\r\n", []int{200}, true},
		{"a header that is too long", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", []int{431}, false},
		{"128 headers", "GET / HTTP/1.1\r\nHost: x\r\n" + fields(128) + "\r\n", []int{200}, true},
		{"129 headers", "GET / HTTP/1.1\r\nHost: x\r\n" + fields(129) + "\r\n", []int{431}, false},
		{"a huge target", "GET /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", []int{431}, false},
		{"a header without end", "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Y: z\r\n", 1<<17), []int{431}, false},
		{"a huge token", call("Authorization: Bearer "+strings.Repeat("x", 20<<10)+"\r\nContent-Length: 2\r\n", "{}"), []int{401}, true},
		{"NUL in a header", "GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", []int{400}, false},
		{"a control character in a header's name", "GET / HTTP/1.1\r\nHost: x\r\nX\x01: a\r\n\r\n", []int{400}, false},
		{"NUL in the target", "GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}, false},
		{"no Host", "GET / HTTP/1.1\r\n\r\n", []int{400}, false},
		{"two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", []int{400}, false},
		{"a Host that is none", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", []int{400}, false},

		{"HTTP/1.0", strings.Replace(genuine(""), "HTTP/1.1", "HTTP/1.0", 1), []int{200}, false},
		{"HTTP/1.0 with chunks, which it does not know", strings.Replace(chunked(auth, inChunks(event())), "HTTP/1.1", "HTTP/1.0", 1), []int{400}, false},
		{"HTTP/0.9", "GET /\r\n", []int{400}, false},
		{"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{404}, false},
		{"an upgrade to HTTP/2", "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", []int{200}, true},
		{"HTTP/3.0", "GET / HTTP/3.0\r\nHost: x\r\n\r\n", []int{505}, false},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 64) + "\r\n\r\n", []int{400}, false},
		{"no HTTP at all", "EHLO x\r\n\r\n", []int{400}, false},

		{"three requests at once", genuine("") + ready + genuine(""), []int{200, 200, 200}, true},
		{"a hundred requests at once", strings.Repeat(ready, 100), slices.Repeat([]int{200}, 100), true},
		{"a refused request ahead of others", call("Content-Length: 2\r\n", "{}") + genuine(""), []int{401, 200}, true},

		{"a chunk whose size is none", chunked(auth, "xyz\r\n{}\r\n0\r\n\r\n"), []int{400}, false},
		{"a chunk of a negative size", chunked(auth, "-1\r\n{}\r\n0\r\n\r\n"), []int{400}, false},
		{"a chunk of an absurd size", chunked(auth, "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"), []int{400}, false},
		{"a chunk that is longer than it says", chunked(auth, "1\r\n{}\r\n0\r\n\r\n"), []int{400}, false},
		{"a chunk with a huge extension", chunked(auth, "2;x="+strings.Repeat("x", 64<<10)+"\r\n{}\r\n0\r\n\r\n"), []int{400}, false},
		{"chunks of one byte with extensions", chunked(auth, strings.Repeat("1;"+strings.Repeat("x", 1000)+"\r\n \r\n", 1000)+"0\r\n\r\n"), []int{400}, false},
		{"a huge trailer", chunked(auth, "2\r\n{}\r\n0\r\n"+"X: "+strings.Repeat("x", 1<<20)+"\r\n\r\n"), []int{400}, false},
		{"an absurd length", call(auth+"Content-Length: 99999999999999999999\r\n", "{}"), []int{400}, false},
		{"a negative length", call(auth+"Content-Length: -1\r\n", "{}"), []int{400}, false},
		{"a length with a sign", call(auth+"Content-Length: +2\r\n", "{}"), []int{400}, false},
		{"two lengths in one header", call(auth+"Content-Length: 2, 2\r\n", "{}"), []int{400}, false},
		{"two lengths", call(auth+"Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), []int{400}, false},

		// The length does not count beside chunks (RFC 9112, section 6.1), and what is behind them is a request of its own,
		// which needs a token of its own. (The RFC wants the connection closed; net/http does not tell us.)
		{"a length and chunks", chunked(auth+"Content-Length: 5\r\n", inChunks(event())), []int{200}, true},
		{"a second request behind a length and chunks", chunked(auth+"Content-Length: 3\r\n", "0\r\n\r\n"+call("Content-Length: 2\r\n", "{}")), []int{400, 401}, true},
		{"chunks under another coding", chunked(auth+"Transfer-Encoding: gzip\r\n", inChunks("{}")), []int{501}, false},
		{"chunks that are not last", call(auth+"Transfer-Encoding: chunked, identity\r\n", inChunks("{}")), []int{501}, false},
		{"a coding that nobody knows", call(auth+"Transfer-Encoding: xchunked\r\n", inChunks("{}")), []int{501}, false},
		{"chunks with a blank before the colon", call(auth+"Transfer-Encoding : chunked\r\nContent-Length: 2\r\n", "{}"), []int{400}, false},
		{"chunks with a tab", call(auth+"Transfer-Encoding:\x0bchunked\r\nContent-Length: 2\r\n", "{}"), []int{400}, false},
		{"a bare CR between headers", call(auth+"X: y\rTransfer-Encoding: chunked\r\nContent-Length: 2\r\n", "{}"), []int{400}, false},

		{"an expectation that is met", genuine("Expect: 100-continue\r\n"), []int{100, 200}, true},
		{"an expectation of a stranger", call("Expect: 100-continue\r\nContent-Length: 200\r\n", ""), []int{401}, true},
		{"an expectation that nobody knows", genuine("Expect: 200-ok\r\n"), []int{417}, false},
		{"an absolute target", strings.Replace(genuine(""), "POST /", "POST http://evil.example/", 1), []int{200}, true},
		{"a target with two slashes", strings.Replace(genuine(""), "POST /", "POST //", 1), []int{404}, true},
		{"a target with dots", strings.Replace(genuine(""), "POST /api", "POST /x/../api", 1), []int{404}, true},
		{"a target with escapes", strings.Replace(genuine(""), "POST /api", "POST /%61pi", 1), []int{200}, true},
		{"a broken escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}, false},
		{"a target without a slash", "GET api/Health HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}, false},
		{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", []int{405}, true},
		{"TRACE", "TRACE /api/EmailOtpSend HTTP/1.1\r\nHost: x\r\n\r\n", []int{405}, true},
		{"a method that nobody knows", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", []int{405}, true},
		{"a method that is none", "G@T / HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}, false},

		{"a body for the health page", "GET /api/Health HTTP/1.1\r\nHost: x\r\n" + length(long) + "\r\n" + long, []int{200}, false},
		{"a body for the probe", "GET / HTTP/1.1\r\nHost: x\r\n" + length(long) + "\r\n" + long, []int{200}, false},
		{"bad chunks for the health page", "GET /api/Health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", []int{200}, false},
	}
	t.Run("each", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				start := time.Now()
				got, open := raw(t, p, c.request)
				if !slices.Equal(got, c.want) || open != c.open {
					t.Errorf("answered %v, connection open: %v; want %v, %v", got, open, c.want, c.open)
				}
				if took := time.Since(start); took > quick {
					t.Errorf("it took %v", took)
				}
			})
		}
	})
	settled()
	if status, got := post(t, p.url, private, []byte(event())); status != http.StatusOK {
		t.Errorf("a genuine call afterwards: %d %s", status, got)
	}
	checkNothingLeaks(t, p, private, "person-1@", "b2c-1@", policyKey)
}

// fields are so many headers.
func fields(count int) string {
	var lines bytes.Buffer
	for n := range count {
		fmt.Fprintf(&lines, "X%d:\r\n", n)
	}
	return lines.String()
}

// goroutines notes how many serve connections now; what it returns fails the test where more do once all is quiet. (Links to
// a provider stay for a while after a burst. That no goroutine at all outlives its server is checked for all tests.)
func goroutines(t *testing.T) (settled func()) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(100 * time.Millisecond)
	before, _ := serving()
	return func() {
		t.Helper()
		http.DefaultClient.CloseIdleConnections()
		var now int
		var stacks string
		for range 100 {
			if now, stacks = serving(); now <= before {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Errorf("%d goroutines serve connections, %d before\n%s", now, before, stacks)
	}
}

// serving counts the goroutines of net/http's servers that have a connection.
func serving() (count int, stacks string) {
	buffer := make([]byte, 4<<20)
	stacks = string(buffer[:runtime.Stack(buffer, true)])
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		if strings.Contains(stack, "net/http.(*conn).serve(") || strings.Contains(stack, "net/http.(*connReader)") {
			count++
		}
	}
	return count, stacks
}
