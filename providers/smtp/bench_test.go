package smtp_test

import (
	"net/netip"
	"testing"

	"byoe/bench/standin"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
)

// BenchmarkSend hands mails over to a stand-in in the same process; its side of each dialogue is in the numbers.
func BenchmarkSend(b *testing.B) {
	server, err := standin.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	_, address := server.Addresses()
	at := netip.MustParseAddrPort(address)
	provider, err := smtp.New(smtp.Config{Host: at.Addr().String(), Port: int(at.Port()), TLS: "none"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if _, err := provider.Send(b.Context(), providertest.Submission(n)); err != nil {
			b.Fatal(err)
		}
	}
}
