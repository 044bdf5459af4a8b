package distance_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"byoe/bench/distance"
	"byoe/providers/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestProxy looks at the instrument itself: it counts what a client waits for, and delays a crowd no longer than one.
func TestProxy(t *testing.T) {
	t.Parallel()
	const roundTrip = 50 * time.Millisecond
	p, err := distance.Start(t.Context(), providertest.Listen(t, func(conn net.Conn) {
		_, _ = conn.Write([]byte("!"))
		_, _ = io.Copy(conn, conn)
	}), roundTrip)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	expect := func(answer string) {
		t.Helper()
		got := make([]byte, len(answer))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != answer {
			t.Fatalf("heard %q, %v; want %q", got, err, answer)
		}
	}
	expect("!")
	start := time.Now()
	const alone, crowd = 2, 20
	for range alone {
		_, _ = conn.Write([]byte("."))
		expect(".")
	}
	for range crowd {
		_, _ = conn.Write([]byte("."))
		time.Sleep(time.Millisecond) // so that each is a piece of its own
	}
	expect(strings.Repeat(".", crowd))
	took := time.Since(start)
	if trips, conns := p.Counts(); trips != 1+alone+1 || conns != 1 {
		t.Errorf("%d round trips on %d connections, want %d on 1", trips, conns, 1+alone+1)
	}
	if least := (alone + 1) * roundTrip; took < least || took > crowd*roundTrip {
		t.Errorf("it took %v, want little more than %v", took, least)
	}
}
