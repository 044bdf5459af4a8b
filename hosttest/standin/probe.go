package standin

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// probeInterval is how often the host asks a handler that does not listen yet.
const probeInterval = 25 * time.Millisecond

// awaitListening asks GET / until something listens on the address, or until ctx is done. The host takes any answer,
// even 404, for readiness; only a connection that cannot be made means "not yet". A handler that takes the connection
// and stays silent is waited for.
func awaitListening(ctx context.Context, address string) error {
	transport := &http.Transport{Proxy: nil, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for {
		if err := ask(ctx, transport, address); !notListening(err) {
			return ctx.Err()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func ask(ctx context.Context, transport http.RoundTripper, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func notListening(err error) bool {
	failure, isNet := errors.AsType[*net.OpError](err)
	return isNet && failure.Op == "dial"
}
