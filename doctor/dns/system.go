package dns

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
)

// System returns the name servers that this machine is set up with, as host:port. The standard library knows them on every
// system but does not tell: it is made to dial them, and the dialling is refused.
func System(ctx context.Context) []string {
	var (
		mu      sync.Mutex
		servers []string
	)
	seen := errors.New("seen")
	resolver := net.Resolver{PreferGo: true, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(servers, address) {
			servers = append(servers, address)
		}
		return nil, seen
	}}
	_, _ = resolver.LookupTXT(ctx, "servers.invalid.") // no question leaves this machine
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(servers)
}
