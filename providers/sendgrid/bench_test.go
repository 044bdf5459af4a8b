package sendgrid_test

import (
	"testing"

	"byoe/bench/standin"
	"byoe/providers/httpclient"
	"byoe/providers/providertest"
	"byoe/providers/sendgrid"
	"byoe/redact"
)

// BenchmarkSend hands mails over to a stand-in in the same process; its side of each exchange is in the numbers.
func BenchmarkSend(b *testing.B) {
	vendor, err := standin.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = vendor.Close() }()
	url, _ := vendor.Addresses()
	client := httpclient.New()
	defer client.CloseIdleConnections()
	provider, err := sendgrid.New(sendgrid.Config{APIKey: redact.NewSecret("SG.bench"), BaseURL: url}, client)
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
