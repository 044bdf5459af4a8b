package smtp_test

import (
	"net"
	"strconv"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
	"byoe/redact"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Adapter{
		Name:    "smtp",
		Secrets: []string{password, username},
		Serve:   func(t *testing.T) providertest.Peer { return newPeer(t, nil, false) },
		Connect: func(t *testing.T, address string) providers.Provider { return connect(t, testConfig(t, address)) },
		ConnectTLS: func(t *testing.T, address string) providers.Provider {
			c := testConfig(t, address)
			c.TLS = "implicit"
			return connect(t, c)
		},
	})
}

// testConfig speaks clear text with a server on the loopback.
func testConfig(t *testing.T, address string) smtp.Config {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return smtp.Config{
		Host: host, Port: number, TLS: "none", Auth: "auto", Username: username, Password: redact.NewSecret(password),
	}
}

func connect(t *testing.T, c smtp.Config) *smtp.Provider {
	t.Helper()
	provider, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(provider.Drain)
	return provider
}
