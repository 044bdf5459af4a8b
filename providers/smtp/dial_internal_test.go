package smtp

import (
	"net"
	"net/netip"
	"testing"

	"github.com/wneessen/go-mail/smtp"

	"byoe/providers"
	"byoe/redact"
)

// farConn is a connection to another machine, as far as its addresses say.
type farConn struct{ net.Conn }

func (farConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("192.0.2.1:587"))
}

// A name of this machine may lead to another one. Nothing is said there in clear text, the password least of all.
func TestClearTextBeyondTheLoopback(t *testing.T) {
	t.Parallel()
	c := Config{
		Host: "localhost", Port: 25, TLS: tlsNone, Auth: "plain", Username: "user", Password: redact.NewSecret("password"),
	}
	d, err := newDialer(c)
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	l := &link{conn: &boundedConn{Conn: farConn{near}}}
	expectCode(t, d.prepare(t.Context(), l), "clear text beyond the loopback")

	go func() {
		_, _ = far.Write([]byte("220 hello\r\n"))
		_, _ = far.Read(make([]byte, 512))
		_, _ = far.Write([]byte("250-test\r\n250 AUTH PLAIN\r\n"))
		if n, _ := far.Read(make([]byte, 512)); n > 0 {
			t.Error("something was said after EHLO")
		}
	}()
	l.client, err = smtp.NewClient(l.conn, c.Host)
	if err != nil {
		t.Fatal(err)
	}
	expectCode(t, d.login(t.Context(), l), "login in clear text")
}

func expectCode(t *testing.T, err error, code string) {
	t.Helper()
	failure, ok := err.(*providers.Error) //nolint:errorlint // the error itself must be the *Error
	if !ok || failure.Kind != providers.KindConfig || failure.Code != code {
		t.Errorf("got %v, want config (%s)", err, code)
	}
}

func TestAddressLiteral(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7:4711":          "[192.0.2.7]",
		"[2001:db8::7]:4711":      "[IPv6:2001:db8::7]",
		"[::ffff:192.0.2.7]:4711": "[192.0.2.7]",
		"[fe80::1%eth0]:4711":     "[IPv6:fe80::1]",
	} {
		if got := addressLiteral(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if got := addressLiteral(&net.UnixAddr{Name: "x"}); got != "localhost" {
		t.Errorf("no address: %q, want localhost", got)
	}
}
