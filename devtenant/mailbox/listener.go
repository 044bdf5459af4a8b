package mailbox

import (
	"errors"
	"net"
	"sync"
)

// maxConnections is how many clients may be connected at once; one more is hung up on. A pool of senders has a handful.
const maxConnections = 256

// boundedListener counts the connections that it gave out, so that their number has a bound and closing it closes them.
type boundedListener struct {
	net.Listener

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

func newBoundedListener(listener net.Listener) *boundedListener {
	return &boundedListener{Listener: listener, open: make(map[net.Conn]struct{})}
}

// Accept returns the next connection for which there is room.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		conn := &countedConn{Conn: accepted, listener: l}
		if l.admit(conn) {
			return conn, nil
		}
		_ = accepted.Close() // the client sees the end of the stream, which is all we have to tell it
	}
}

// admit remembers the connection unless there are too many or the listener was closed.
func (l *boundedListener) admit(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.open) >= maxConnections {
		return false
	}
	l.open[conn] = struct{}{}
	return true
}

// Close stops listening and cuts every connection. Only the first call does anything.
func (l *boundedListener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	conns := make([]net.Conn, 0, len(l.open))
	for conn := range l.open {
		conns = append(conns, conn)
	}
	l.mu.Unlock() // a connection's Close takes the lock itself

	err := l.Listener.Close()
	for _, conn := range conns {
		closed := conn.Close()
		if closed != nil && !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	return err
}

// countedConn gives its place back when it is closed.
type countedConn struct {
	net.Conn

	listener *boundedListener
}

// Close closes the connection; later calls only say that it is closed.
func (c *countedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
