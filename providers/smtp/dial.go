package smtp

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"strconv"

	"github.com/wneessen/go-mail/smtp"

	"byoe/providers"
	"byoe/providers/microsoft"
)

// dialer makes links. It is shared by all goroutines and never changed.
type dialer struct {
	config Config
	tls    *tls.Config
	// tokens is nil but for XOAUTH2.
	tokens *microsoft.Source
}

func newDialer(c Config) (*dialer, error) {
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	tokens, err := c.tokens()
	if err != nil {
		return nil, err
	}
	return &dialer{config: c, tokens: tokens, tls: &tls.Config{
		ServerName:         c.Host,
		MinVersion:         c.minVersion(),
		RootCAs:            roots,
		ClientSessionCache: tls.NewLRUClientSessionCache(0),
	}}, nil
}

// open connects, encrypts and logs in, and leaves the link bound to ctx. Nothing of a mail is said, so that no failure here
// is ambiguous.
func (d *dialer) open(ctx context.Context) (*link, error) {
	address := net.JoinHostPort(d.config.Host, strconv.Itoa(d.config.Port))
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, broken(ctx, err, "connect")
	}
	l := &link{conn: &boundedConn{Conn: conn}}
	l.bind(ctx)
	if err := d.prepare(ctx, l); err != nil {
		l.hangUp()
		return nil, err
	}
	return l, nil
}

func (d *dialer) prepare(ctx context.Context, l *link) error {
	if d.config.TLS == tlsNone && !l.onLoopback() {
		// localhost is a name like any other, and somebody's hosts file may send it elsewhere.
		return &providers.Error{Kind: providers.KindConfig, Code: "clear text beyond the loopback"}
	}
	if err := d.greet(ctx, l); err != nil {
		return err
	}
	if d.config.TLS == tlsSTARTTLS {
		if err := d.startTLS(ctx, l); err != nil {
			return err
		}
	}
	return d.login(ctx, l)
}

// greet waits for the server's greeting and says EHLO, with an address literal for a name: a host in the cloud has no
// name of its own that anybody could look up (RFC 5321, section 4.1.4).
func (d *dialer) greet(ctx context.Context, l *link) error {
	var conn net.Conn = l.conn
	if d.config.TLS == tlsImplicit {
		encrypted := tls.Client(l.conn, d.tls)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return broken(ctx, err, "tls")
		}
		conn = encrypted
	}
	client, err := smtp.NewClient(conn, d.config.Host)
	if err != nil {
		return failed(ctx, err, stageGreeting)
	}
	l.client = client
	if err := client.Hello(addressLiteral(l.conn.LocalAddr())); err != nil {
		return failed(ctx, err, stageGreeting)
	}
	return nil
}

// startTLS never goes on in clear text: whoever stands between us and the server can strike STARTTLS from what it
// offers (RFC 3207, section 6). What was read ahead of the handshake is dropped with the old reader, so that nobody can
// slip replies in before it.
func (d *dialer) startTLS(ctx context.Context, l *link) error {
	if offered, _ := l.client.Extension("STARTTLS"); !offered {
		return &providers.Error{Kind: providers.KindConfig, Code: "starttls not offered"}
	}
	if err := l.client.StartTLS(d.tls); err != nil {
		return failed(ctx, err, stageTLS)
	}
	return nil
}

// login sends the password over an encrypted connection or to this very machine, to nobody else.
func (d *dialer) login(ctx context.Context, l *link) error {
	_, offered := l.client.Extension("AUTH")
	name, err := d.config.chooseMechanism(offered)
	if err != nil || name == "" {
		return err
	}
	if _, encrypted := l.client.TLSConnectionState(); !encrypted && !l.onLoopback() {
		return &providers.Error{Kind: providers.KindConfig, Code: "login in clear text"}
	}
	exchange, err := d.exchange(ctx, name)
	if err != nil {
		return err
	}
	if err := l.client.Auth(exchange); err != nil {
		return failed(ctx, err, stageAuth)
	}
	return nil
}

func (l *link) onLoopback() bool {
	remote, err := netip.ParseAddrPort(l.conn.RemoteAddr().String())
	return err == nil && remote.Addr().Unmap().IsLoopback()
}

// addressLiteral writes [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321, section 4.1.3).
func addressLiteral(local net.Addr) string {
	address, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return "localhost"
	}
	ip := address.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return "[" + ip.String() + "]"
	}
	return "[IPv6:" + ip.String() + "]"
}
