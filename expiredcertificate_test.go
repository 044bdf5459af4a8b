package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// certified returns a server's certificate for 127.0.0.1 with these bounds, and the file of the authority that made it.
func certified(t *testing.T, notBefore, notAfter time.Time) (server *tls.Config, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-1000 * time.Hour),
		NotAfter: time.Now().Add(1000 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotBefore: notBefore, NotAfter: notAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	authority = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: key}}}, authority
}

// encryptedPeers are a mail server and an HTTP vendor with the certificate. The vendor takes every mail; with the mail server nobody
// gets as far.
func encryptedPeers(t *testing.T, certificate *tls.Config) (smtpPort, url string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return nobody{}, nil }))
	server.TLSConfig, server.Domain, server.ErrorLog = certificate, "peer.test", discard{}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	_, smtpPort, _ = net.SplitHostPort(listener.Addr().String())

	vendor := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	vendor.TLS, vendor.Config.ErrorLog = certificate, log.New(io.Discard, "", 0)
	vendor.StartTLS()
	t.Cleanup(vendor.Close)
	return smtpPort, vendor.URL
}

// nobody is a session in which no mail is begun.
type nobody struct{ smtp.Session }

func (nobody) Reset()        {}
func (nobody) Logout() error { return nil }

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// A provider whose certificate is out of its time gets neither password nor mail, at once; the next one has the mail, and the
// log names the reason.
func TestCertificateOutOfItsTime(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("needs SSL_CERT_FILE, which Go reads on other systems alone")
	}
	tenant := startTenant(t)
	bearer := token(t, tenant)
	hour := time.Hour
	for name, c := range map[string]struct {
		from, to time.Duration
		want     string
	}{
		"expired":       {-48 * hour, -24 * hour, `temporary (certificate expired)`},
		"not yet valid": {24 * hour, 48 * hour, `temporary (certificate not yet valid)`},
	} {
		certificate, authority := certified(t, time.Now().Add(c.from), time.Now().Add(c.to))
		port, url := encryptedPeers(t, certificate)
		for provider, settings := range map[string][]string{
			"smtp":     {"MAIL_PROVIDERS=smtp,sendgrid", "SMTP_PORT=" + port, "SMTP_TLS=starttls", "SMTP_CA_FILE=" + authority},
			"sendgrid": {"MAIL_PROVIDERS=sendgrid,smtp", "SENDGRID_BASE_URL=" + url},
		} {
			t.Run(name+", "+provider, func(t *testing.T) {
				p := startProcess(t, append(environ(tenant, settings...), "SSL_CERT_FILE="+authority))
				body, code := eventFor(t, 1)
				start := time.Now()
				if status, err := tryPost(t, p.url, bearer, body); status != http.StatusOK {
					t.Fatalf("%d %v", status, err)
				}
				if took := time.Since(start); took > time.Second {
					t.Errorf("it took %v", took)
				}
				waitForMail(t, tenant, code)
				for start := time.Now(); time.Since(start) < quick && !strings.Contains(p.stdout.String(), `"outcome"`); {
					time.Sleep(10 * time.Millisecond) // it follows the answer
				}
				if linesWith([]*program{&p.program}, `"`+provider+`":{"provider":"`+provider+`"`, c.want) != 1 {
					t.Errorf("the log does not say why: %s", p.stdout.String())
				}
			})
		}
	}
}

// The peers that refuse a certificate for its time are good otherwise.
func TestCertificateInItsTime(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("needs SSL_CERT_FILE, which Go reads on other systems alone")
	}
	tenant := startTenant(t)
	certificate, authority := certified(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	_, url := encryptedPeers(t, certificate)
	p := startProcess(t, append(environ(tenant, "MAIL_PROVIDERS=sendgrid", "SENDGRID_BASE_URL="+url), "SSL_CERT_FILE="+authority))
	served(t, &p.program, token(t, tenant), 1, 1)
}
