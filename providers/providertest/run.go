// Package providertest is the conformance suite that every provider runs: what [providers.Provider] promises, held
// against a vendor that is silent, throttled, broken, talkative or indiscreet.
//
// A provider's test writes an [Adapter] and calls [Run]. A vendor that takes a mail as one POST needs no more than an
// [HTTPVendor] for its peer.
package providertest

import (
	"testing"

	"byoe/providers"
)

// Adapter joins the suite and one provider.
type Adapter struct {
	// Name is the provider's word in MAIL_PROVIDERS.
	Name string
	// Serve starts a peer that lives as long as the test.
	Serve func(t *testing.T) Peer
	// Connect returns a provider whose vendor is at host:port, without TLS, and gives its connections up when the test
	// ends.
	Connect func(t *testing.T, address string) providers.Provider
	// ConnectTLS returns a provider as Connect does, whose vendor speaks TLS from the first byte.
	ConnectTLS func(t *testing.T, address string) providers.Provider
	// Carries returns what of a mail the vendor's API can carry; nil where it carries everything.
	Carries func(Mail) Mail
	// Secrets are the keys and passwords that Connect configures. None may ever be seen in an error.
	Secrets []string
}

// Run holds the provider to each promise in a subtest of its own.
func Run(t *testing.T, a Adapter) {
	t.Helper()
	checks := []struct {
		name  string
		check func(*testing.T, Adapter)
	}{
		{"name", checkName},
		{"accepted", checkAccepted},
		{"accepted again on a kept connection", checkAcceptedAgain},
		{"unchanged submission", checkUnchanged},
		{"non-ASCII", checkNonASCII},
		{"non-ASCII local part", checkLocalPart},
		{"injection", checkInjection},
		{"injection by the sender's address", checkSenderInjection},
		{"concurrent", checkConcurrent},
		{"connections are kept", checkReuse},
		{"connected before the first mail", checkConnect},
		{"deadline, silent peer", checkDeadlineSilent},
		{"deadline, answer withheld", checkDeadlineWithheld},
		{"cancel", checkCancel},
		{"too late", checkTooLate},
		{"connection refused", checkRefused},
		{"unknown authority", checkUnknownAuthority},
		{"check of a vendor that is not there", checkCheckRefused},
		{"check of a silent vendor", checkCheckSilent},
		{"lost answer", checkLost},
		{"throttled", checkThrottled},
		{"vendor broken", checkBroken},
		{"garbage for an answer", checkBabble},
		{"garbage for a greeting", checkGarbage},
		{"flood for an answer", checkFlood},
		{"flood for a greeting", checkFloodGreeting},
		{"quoted secrets", checkQuoting},
		{"quoted address for an id", checkQuotedID},
		{"goroutines", checkGoroutines},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.check(t, a) })
	}
}
