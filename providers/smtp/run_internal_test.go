package smtp

import (
	"testing"
	"time"

	"byoe/providers/providertest"
)

// keeper is a provider with so many idle links at a polite server, which were used this long ago.
func keeper(t *testing.T, links int, ago time.Duration) (*Provider, *keptServer) {
	t.Helper()
	server := &keptServer{}
	c := Config{Host: "127.0.0.1", Port: server.start(t), TLS: tlsNone, Auth: authNone}
	provider, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(provider.pool.drain)
	var open []*link
	for range links {
		l, err := provider.pool.dialer.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		provider.pool.slots <- struct{}{}
		open = append(open, l)
	}
	for _, l := range open {
		provider.pool.give(l)
		l.idleSince = time.Now().Add(-ago)
	}
	return provider, server
}

func TestLinksAreProbed(t *testing.T) {
	t.Parallel()
	provider, server := keeper(t, 2, 30*time.Second)
	provider.lookAfter(t.Context())
	if got := server.count("NOOP"); got != 2 {
		t.Errorf("%d probes, want 2", got)
	}
	for _, l := range provider.pool.idle {
		if l.stale() {
			t.Error("a link that was just probed is called stale")
		}
	}
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Fatal(err)
	}
	if got := server.count("RSET"); got != 0 {
		t.Error("RSET on a link that was just probed")
	}
	if probes := provider.pool.idle[len(provider.pool.idle)-1].probes; probes != 0 {
		t.Errorf("%d probes are counted against a link that has just carried a mail", probes)
	}
}

func TestStaleLinkIsReset(t *testing.T) {
	t.Parallel()
	provider, server := keeper(t, 1, 30*time.Second)
	for n := range 2 {
		if _, err := provider.Send(t.Context(), providertest.Submission(n)); err != nil {
			t.Fatal(err)
		}
	}
	if got := server.count("RSET"); got != 1 {
		t.Errorf("%d RSET for two mails after a long idle, want 1", got)
	}
	if got := server.count("EHLO"); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
}

func TestSpareLinksAreClosed(t *testing.T) {
	t.Parallel()
	provider, server := keeper(t, 3, 2*time.Minute)
	provider.lookAfter(t.Context())
	if kept := len(provider.pool.idle); kept != 1 || server.count("EHLO") != 3 {
		t.Errorf("%d links are kept, want 1 of the 3", kept)
	}
}

func TestDeadLinkIsReplacedAheadOfTime(t *testing.T) {
	t.Parallel()
	provider, server := keeper(t, 1, 30*time.Second)
	_ = provider.pool.idle[0].conn.Close()
	provider.lookAfter(t.Context())
	if len(provider.pool.idle) != 1 || server.count("EHLO") != 2 {
		t.Errorf("%d links after the only one died, and %d connections, want 1 and 2", len(provider.pool.idle), server.count("EHLO"))
	}
}

// Postfix slows down who says NOOP a hundred times.
func TestProbesAreBounded(t *testing.T) {
	t.Parallel()
	provider, server := keeper(t, 1, time.Second)
	for range mostProbes + 2 {
		provider.lookAfter(t.Context())
	}
	if got := server.count("EHLO"); got != 2 {
		t.Errorf("%d connections after %d looks, want 2", got, mostProbes+2)
	}
	if got := server.count("NOOP"); got > mostProbes+2 {
		t.Errorf("%d probes", got)
	}
}

func TestDrainedPoolKeepsNothing(t *testing.T) {
	t.Parallel()
	provider, server := keeper(t, 1, time.Second)
	taken := provider.pool.takeIdle()
	provider.pool.drain()
	provider.pool.putBack(taken[0])
	if len(provider.pool.idle) != 0 {
		t.Error("a link came back into a drained pool")
	}
	server.waitFor(t, "QUIT")
}
