package load

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// patience is how long an answer is waited for where the target does not say: far longer than any that counts.
const patience = 10 * time.Second

// conn is a kept connection to the target.
type conn struct {
	net.Conn
	answers *bufio.Reader
}

// call sends request number n and reads the answer.
func (t *Target) call(ctx context.Context, n int) (status int, err error) {
	c, err := t.connect(ctx)
	if err != nil {
		return 0, err
	}
	status, last, err := c.exchange(t.Requests(n), t.patience())
	if err != nil || last {
		_ = c.Close()
		return status, err
	}
	t.keep(c)
	return status, nil
}

func (t *Target) patience() time.Duration {
	if t.Patience > 0 {
		return t.Patience
	}
	return patience
}

// connect takes the kept connection that was used last, or opens one.
func (t *Target) connect(ctx context.Context) (*conn, error) {
	t.mu.Lock()
	if last := len(t.idle) - 1; last >= 0 {
		c := t.idle[last]
		t.idle = t.idle[:last]
		t.mu.Unlock()
		return c, nil
	}
	t.mu.Unlock()
	opened, err := new(net.Dialer).DialContext(ctx, "tcp", t.Address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: opened, answers: bufio.NewReader(opened)}, nil
}

func (t *Target) keep(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle = append(t.idle, c)
}

// Close closes the kept connections. The target can be used again.
func (t *Target) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.idle {
		_ = c.Close()
	}
	t.idle = nil
}

// exchange writes a request and reads the whole answer. last says that the server sends no other on this connection.
func (c *conn) exchange(request []byte, patience time.Duration) (status int, last bool, err error) {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, false, err
	}
	if _, err := c.Write(request); err != nil {
		return 0, false, err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return 0, false, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Close, err
}
