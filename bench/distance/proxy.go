// Package distance puts a client and a server on one machine as far from each other as two machines on one continent are.
package distance

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Proxy stands between a client and a server on the loopback, holds everything that passes, and counts what that distance
// costs the client.
type Proxy struct {
	address string
	server  string
	// oneWay is how long everything is held, in either direction.
	oneWay time.Duration
	// connections counts those that the client opened.
	connections atomic.Int64
	// roundTrips counts how often the client has heard from the server after it had spoken. However many packets it sends in
	// a row, and however many come back in a row, are one; that is what a client can wait for. Opening a connection is one,
	// with the greeting for its answer. An answer to a client that has hung up is none: a QUIT costs its sender nothing, unless
	// the client stays for the reply.
	roundTrips atomic.Int64

	running  sync.WaitGroup
	stop     context.CancelFunc
	listener net.Listener
}

// Start starts a proxy in front of server, half of roundTrip away from it, until Close.
func Start(ctx context.Context, server string, roundTrip time.Duration) (*Proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{address: listener.Addr().String(), server: server, oneWay: roundTrip / 2, listener: listener}
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx)) // ended by Close, not before it
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
	return p, nil
}

// Close cuts every connection and waits until they are gone.
func (p *Proxy) Close() error {
	p.stop()
	err := p.listener.Close()
	p.running.Wait()
	return err
}

// Address is where to connect to instead of to the server.
func (p *Proxy) Address() string { return p.address }

// Counts are the round trips that clients waited for so far, and the connections that they opened.
func (p *Proxy) Counts() (roundTrips, connections int64) {
	return p.roundTrips.Load(), p.connections.Load()
}

// serve joins one client with the server until either hangs up.
func (p *Proxy) serve(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	// The client's own handshake was with us and took no time. What it would have taken passes here, before the server can
	// say a word.
	time.Sleep(2 * p.oneWay)
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
		p.hear(client, there, func() { asked.Store(true) })
		gone.Store(true)
	})
	carrying.Go(func() { tell(server, there, func() {}) })
	carrying.Go(func() { p.hear(server, back, func() {}) })
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
func (p *Proxy) hear(conn net.Conn, way chan<- piece, heard func()) {
	defer close(way)
	for {
		buffer := make([]byte, 16<<10)
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		heard()
		way <- piece{buffer[:n], time.Now().Add(p.oneWay)}
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
