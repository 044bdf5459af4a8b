package smtp_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoe/providers/providertest"
)

// oneWay is how long the proxy holds everything that passes, in either direction: 50 ms for there and back.
const oneWay = 25 * time.Millisecond

// proxy stands between a client and a server on the loopback. It makes them as far from each other as two machines on one
// continent, and counts what that distance costs.
type proxy struct {
	address string
	server  string
	// connections counts those that the client opened.
	connections atomic.Int64
	// roundTrips counts how often the client has heard from the server after it had spoken. However many packets it sends in
	// a row, and however many come back in a row, are one; that is what a client can wait for. Opening a connection is one,
	// with the greeting for its answer. An answer to a client that has hung up is none: a QUIT costs its sender nothing, unless
	// the client stays for the reply.
	roundTrips atomic.Int64

	running sync.WaitGroup
}

// startProxy starts a proxy in front of server, which ends with the test.
func startProxy(t testing.TB, server string) *proxy {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: listener.Addr().String(), server: server}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context())) // ended by the clean-up, not before it
	p.running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.connections.Add(1)
			p.running.Go(func() { p.serve(ctx, client) })
		}
	})
	t.Cleanup(func() {
		stop()
		_ = listener.Close()
		p.running.Wait()
	})
	return p
}

// serve joins one client with the server until either hangs up.
func (p *proxy) serve(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	// The client's own handshake was with us and took no time. What it would have taken passes here, before the server can
	// say a word.
	time.Sleep(2 * oneWay)
	server, err := new(net.Dialer).DialContext(ctx, "tcp", p.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	defer context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })()

	var asked, gone atomic.Bool
	asked.Store(true) // by opening the connection
	there, back := make(chan piece, queue), make(chan piece, queue)
	var carrying sync.WaitGroup
	carrying.Go(func() {
		hear(client, there, func() { asked.Store(true) })
		gone.Store(true)
	})
	carrying.Go(func() { tell(server, there, func() {}) })
	carrying.Go(func() { hear(server, back, func() {}) })
	carrying.Go(func() {
		tell(client, back, func() {
			if !gone.Load() && asked.Swap(false) {
				p.roundTrips.Add(1)
			}
		})
	})
	carrying.Wait()
}

// queue is how many pieces can be on their way at once: more than any dialogue here has, so that the delay never becomes a
// limit to the throughput.
const queue = 1024

// piece is what was read in one go, and when it arrives.
type piece struct {
	bytes []byte
	due   time.Time
}

// hear stamps what comes from conn and puts it on its way. It is a goroutine of its own, so that of two pieces that follow
// each other closely both are late by the same time, and not the second by twice as much.
func hear(conn net.Conn, way chan<- piece, heard func()) {
	defer close(way)
	for {
		buffer := make([]byte, 16<<10)
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		heard()
		way <- piece{buffer[:n], time.Now().Add(oneWay)}
	}
}

// tell hands over what arrives, each piece at its time, and hangs up behind the last.
func tell(conn net.Conn, way <-chan piece, telling func()) {
	for piece := range way {
		time.Sleep(time.Until(piece.due))
		telling()
		_, _ = conn.Write(piece.bytes) // who has hung up is heard of by hear
	}
	_ = conn.Close()
}

// TestProxy looks at the instrument itself: it counts what a client waits for, and delays a crowd no longer than one.
func TestProxy(t *testing.T) {
	t.Parallel()
	p := startProxy(t, providertest.Listen(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte("!"))
		_, _ = io.Copy(conn, conn)
	}))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	expect := func(answer string) {
		t.Helper()
		got := make([]byte, len(answer))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != answer {
			t.Fatalf("heard %q, %v; want %q", got, err, answer)
		}
	}
	expect("!")
	start := time.Now()
	const alone, crowd = 2, 20
	for range alone {
		_, _ = conn.Write([]byte("."))
		expect(".")
	}
	for range crowd {
		_, _ = conn.Write([]byte("."))
		time.Sleep(time.Millisecond) // so that each is a piece of its own
	}
	expect(strings.Repeat(".", crowd))
	took := time.Since(start)
	if trips, conns := p.roundTrips.Load(), p.connections.Load(); trips != 1+alone+1 || conns != 1 {
		t.Errorf("%d round trips on %d connections, want %d on 1", trips, conns, 1+alone+1)
	}
	if least := (alone + 1) * 2 * oneWay; took < least || took > crowd*2*oneWay {
		t.Errorf("it took %v, want little more than %v", took, least)
	}
}
