package devtenant

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"

	"byoe/config"
)

// The settings that name the tenant's addresses.
const (
	settingAddr        = "DEV_TENANT_ADDR"
	settingMailboxAddr = "DEV_MAILBOX_ADDR"
)

// listenLoopback listens on an address of this machine that no other machine can reach, or returns a [config.Problem].
// The address is checked before it is opened, by its text, and after, because a hosts file may say anything of
// localhost.
func listenLoopback(ctx context.Context, setting, addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, notLoopback(setting, "is not of the form host:port")
	}
	if !config.IsLoopback(host) {
		return nil, notLoopback(setting, "is not an address of the loopback")
	}
	listener, err := listenAnywhere(ctx, setting, addr)
	if err != nil {
		return nil, err
	}
	opened, isTCP := listener.Addr().(*net.TCPAddr)
	if !isTCP || !opened.IP.IsLoopback() {
		return nil, errors.Join(notLoopback(setting, "does not lead to the loopback"), listener.Close())
	}
	return listener, nil
}

// listenAnywhere listens on any address, or returns a [config.Problem].
func listenAnywhere(ctx context.Context, setting, addr string) (net.Listener, error) {
	var open net.ListenConfig
	listener, err := open.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, config.Problem{
			Setting: setting,
			What:    "cannot listen on " + addr + ": " + reason(err),
			Remedy:  "Stop the program that has this port (is the local tenant already running?), or name another address in " + setting,
		}
	}
	return listener, nil
}

// reachable is host:port under which this machine reaches a listener: nobody can call 0.0.0.0.
func reachable(addr net.Addr) string {
	tcp, isTCP := addr.(*net.TCPAddr)
	if isTCP && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return addr.String()
}

// notLoopback quotes no value: a setting that is not what we think may be anything.
func notLoopback(setting, what string) error {
	return config.Problem{
		Setting: setting,
		What:    what,
		Remedy:  "Name an address such as 127.0.0.1:7072: the local tenant is for this machine. DEV_TENANT_EXPOSED=true opens it to others, with every mail and token in it",
	}
}

// reason returns the system's own words, such as "address already in use", without the layers around them.
func reason(err error) string {
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		return call.Err.Error()
	}
	return err.Error()
}
