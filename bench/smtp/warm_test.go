package smtp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"byoe/bench/distance"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
	"byoe/redact"
)

// mails is how many are sent one after the other, behind one that warms up.
const mails = 100

const (
	username = "otp-sender"
	password = "password-of-the-benchmark"
)

// contender is one way to send mails.
type contender struct {
	name string
	// hidePIPELINING has the server not offer it.
	hidePIPELINING bool
	start          func(*testing.B, place) sender
	// most is how many round trips a mail may take, and says that no connection may be opened. 0 promises nothing.
	most float64
}

// sender sends so many mails one after the other.
type sender func(mails int) error

// place is where a contender finds the server, and what proves it.
type place struct {
	host string
	port int
	// certificate is the server's, in PEM form, and its own authority.
	certificate []byte
}

// BenchmarkWarmSends counts what a mail costs that is not the first, with 50 ms between client and server: STARTTLS and a
// login are behind a client that keeps its connection, and ahead of one that does not, for every mail.
//
//	go test -run ^$ -bench WarmSends -benchtime 1x ./bench/smtp
func BenchmarkWarmSends(b *testing.B) {
	needs(b, "smtp-server")
	var results strings.Builder
	table := tabwriter.NewWriter(&results, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nclient\tround trips/mail\tnew connections\tms/mail")
	for _, c := range []contender{
		{name: "byoe-pooled", start: startPooled, most: 2},
		{name: "byoe-pooled-without-pipelining", start: startPooled, hidePIPELINING: true, most: 4},
		{name: "byoe-not-pooled", start: startUnpooled},
		{name: "nodemailer-pooled", start: startNodemailer(true)},
		{name: "nodemailer-pooled-without-pipelining", start: startNodemailer(true), hidePIPELINING: true},
		{name: "nodemailer-not-pooled", start: startNodemailer(false)},
	} {
		b.Run(c.name, func(b *testing.B) {
			_, _ = fmt.Fprintf(table, "%s\t%s\n", c.name, c.measure(b))
		})
	}
	_ = table.Flush()
	fmt.Print(results.String()) // b.Log says nothing of a benchmark that has others below it
}

// measure returns a row of the table.
func (c contender) measure(b *testing.B) (row string) {
	b.Helper()
	key, certificate := newCertificate(b)
	server := startScript(b, "server.mjs", map[string]any{
		"username": username, "password": password, "key": string(key), "cert": string(certificate),
		"hidePIPELINING": c.hidePIPELINING,
	})
	const roundTrip = 50 * time.Millisecond
	between, err := distance.Start(b.Context(), "127.0.0.1:"+server.banner, roundTrip)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = between.Close() })
	at := netip.MustParseAddrPort(between.Address())
	send := c.start(b, place{at.Addr().String(), int(at.Port()), certificate})
	if err := send(1); err != nil {
		b.Fatal(err)
	}
	roundTrips, connections := between.Counts()
	for b.Loop() {
		if err := send(mails); err != nil {
			b.Fatal(err)
		}
	}
	roundTripsThen, connectionsThen := between.Counts()
	connections = connectionsThen - connections
	all := float64(mails * b.N)
	perMail := float64(roundTripsThen-roundTrips) / all
	took := float64(b.Elapsed()) / float64(time.Millisecond) / all

	if got, err := server.ask("how many?"); err != nil || got != strconv.Itoa(1+mails*b.N) {
		b.Fatalf("the server has %s mails, %v; want %d", got, err, 1+mails*b.N)
	}
	if c.most > 0 && (perMail > c.most || connections > 0) {
		b.Fatalf("%.2f round trips a mail and %d new connections, want at most %g and none", perMail, connections, c.most)
	}
	b.ReportMetric(0, "ns/op") // of a hundred mails; it would only confuse
	b.ReportMetric(perMail, "roundtrips/mail")
	b.ReportMetric(float64(connections), "connections")
	b.ReportMetric(took, "ms/mail")
	return fmt.Sprintf("%.2f\t%d\t%.0f", perMail, connections, took)
}

// startPooled sends as byoe does.
func startPooled(b *testing.B, at place) sender {
	b.Helper()
	provider, err := smtp.New(at.config(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { hangUp(provider) })
	return func(mails int) error {
		for n := range mails {
			if _, err := provider.Send(b.Context(), providertest.Submission(n)); err != nil {
				return err
			}
		}
		return nil
	}
}

// startUnpooled sends with the same code, but each mail as if it were the first.
func startUnpooled(b *testing.B, at place) sender {
	b.Helper()
	c := at.config(b)
	return func(mails int) error {
		for n := range mails {
			provider, err := smtp.New(c)
			if err != nil {
				return err
			}
			_, err = provider.Send(b.Context(), providertest.Submission(n))
			hangUp(provider)
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// hangUp closes the provider's connections, as the end of the process does.
func hangUp(provider *smtp.Provider) {
	ended, end := context.WithCancel(context.Background())
	end()
	provider.Run(ended)
}

func (p place) config(b *testing.B) smtp.Config {
	b.Helper()
	file := filepath.Join(b.TempDir(), "ca.pem")
	if err := os.WriteFile(file, p.certificate, 0o600); err != nil {
		b.Fatal(err)
	}
	return smtp.Config{
		Host: p.host, Port: p.port, TLS: "starttls", CAFile: file,
		Auth: "plain", Username: username, Password: redact.NewSecret(password),
	}
}

// startNodemailer has nodemailer send byoe's mail over one connection, or over one for each mail.
func startNodemailer(pool bool) func(*testing.B, place) sender {
	return func(b *testing.B, at place) sender {
		b.Helper()
		needs(b, "nodemailer")
		m := providertest.Submission(0).Message
		headers := map[string]string{}
		for _, h := range m.Headers {
			headers[h.Name] = h.Value
		}
		client := startScript(b, "nodemailer.mjs", map[string]any{
			"host": at.host, "port": at.port, "cert": string(at.certificate), "pool": pool,
			"username": username, "password": password,
			"mail": map[string]any{
				"from": m.From.String(), "replyTo": m.ReplyTo.String(), "to": providertest.Recipient(0),
				"subject": m.Subject, "text": m.Text, "html": m.HTML, "headers": headers,
			},
		})
		return func(mails int) error {
			want := strconv.Itoa(mails)
			sent, err := client.ask(want)
			if err == nil && sent != want {
				err = fmt.Errorf("nodemailer sent %q mails, want %s", sent, want)
			}
			return err
		}
	}
}

// newCertificate returns a key and a certificate for 127.0.0.1 that is its own authority, in PEM form.
func newCertificate(b *testing.B) (key, certificate []byte) {
	b.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		b.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		b.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
