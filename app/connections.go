package app

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// connectionsMost is how many connections may be open at once: each delivery in flight (512) with its caller and the
// caller's retry. A connection that says nothing costs some 20 KiB, one that sends the worst header a thousand and more.
const connectionsMost = 1024

// connectionsFor leaves callers half of the file descriptors. The other half is for the ways out: with none left no mail is
// sent, whoever calls.
func connectionsFor(descriptors int) int { return max(1, min(connectionsMost, descriptors/2)) }

// connections bounds the open connections of a server. Where all places are taken, one goes that waits without a request,
// the oldest of those that never made one before all others: whoever only holds connections open, or sends their header
// byte by byte, closes their own ones and takes no place of a caller's. Where every place has a request in it, new
// connections wait.
type connections struct {
	most int

	mu sync.Mutex
	// fresh are those that have made no request yet, idle those between two; who has waited longest is at the front.
	fresh, idle *list.List
	// held are all, each with its place in one of the lists, or nil while there is a request.
	held  map[net.Conn]*list.Element
	freed *sync.Cond
}

func newConnections(most int) *connections {
	c := &connections{most: most, fresh: list.New(), idle: list.New(), held: map[net.Conn]*list.Element{}}
	c.freed = sync.NewCond(&c.mu)
	return c
}

// follow returns the hook by which a server tells of its connections. Nobody waits beyond ctx.
func (c *connections) follow(ctx context.Context) func(net.Conn, http.ConnState) {
	context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.freed.Broadcast()
	})
	return func(conn net.Conn, state http.ConnState) {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch state {
		case http.StateNew: // told before the next one is accepted
			c.makeRoom(ctx)
			c.held[conn] = c.fresh.PushBack(conn)
		case http.StateActive:
			c.setBusy(conn)
		case http.StateIdle:
			c.setIdle(conn)
		case http.StateClosed, http.StateHijacked:
			c.drop(conn)
		}
	}
}

// makeRoom needs the lock, and gives it away while it waits.
func (c *connections) makeRoom(ctx context.Context) {
	for len(c.held) >= c.most && ctx.Err() == nil {
		longest := c.fresh.Front()
		if longest == nil {
			longest = c.idle.Front()
		}
		if longest == nil {
			c.freed.Wait()
			continue
		}
		conn, _ := longest.Value.(net.Conn)
		c.drop(conn)
		_ = conn.Close() // whoever reads from it learns so, and says nothing more
	}
}

func (c *connections) setBusy(conn net.Conn) {
	if _, held := c.held[conn]; held {
		c.leave(conn)
		c.held[conn] = nil
	}
}

func (c *connections) setIdle(conn net.Conn) {
	if _, held := c.held[conn]; held {
		c.held[conn] = c.idle.PushBack(conn)
		c.freed.Signal()
	}
}

// drop forgets a connection.
func (c *connections) drop(conn net.Conn) {
	c.leave(conn)
	delete(c.held, conn)
	c.freed.Signal()
}

// leave takes a connection off its list; one that is on the other list, or on none, stays where it is.
func (c *connections) leave(conn net.Conn) {
	if place := c.held[conn]; place != nil {
		c.fresh.Remove(place)
		c.idle.Remove(place)
	}
}
