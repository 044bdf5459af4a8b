package smtp_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
)

// authority is a certificate authority of the test's own.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t), file: filepath.Join(t.TempDir(), "ca.pem")}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.certificate, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	err = os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// server returns a configuration with a certificate for this address.
func (a *authority) server(t *testing.T, address string) *tls.Config {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP(address)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func encryptedConfig(t *testing.T, address, mode, caFile string) smtp.Config {
	t.Helper()
	c := testConfig(t, address)
	c.TLS, c.CAFile = mode, caFile
	return c
}

func TestTLS(t *testing.T) {
	t.Parallel()
	trusted, other := newAuthority(t), newAuthority(t)
	tests := []struct {
		name   string
		mode   string
		server *tls.Config
		caFile string
		code   string // "" for accepted
	}{
		{"starttls", "starttls", trusted.server(t, "127.0.0.1"), trusted.file, ""},
		{"implicit", "implicit", trusted.server(t, "127.0.0.1"), trusted.file, ""},
		{"starttls, other authority", "starttls", other.server(t, "127.0.0.1"), trusted.file, "certificate"},
		{"implicit, other authority", "implicit", other.server(t, "127.0.0.1"), trusted.file, "certificate"},
		{"starttls, authority not named", "starttls", trusted.server(t, "127.0.0.1"), "", "certificate"},
		{"starttls, other host", "starttls", trusted.server(t, "127.0.0.2"), trusted.file, "certificate"},
		{"implicit, other host", "implicit", trusted.server(t, "127.0.0.2"), trusted.file, "certificate"},
		{"starttls, TLS 1.1", "starttls", old(trusted.server(t, "127.0.0.1")), trusted.file, "tls"},
		{"implicit, TLS 1.1", "implicit", old(trusted.server(t, "127.0.0.1")), trusted.file, "tls"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, tt.server, tt.mode == "implicit")
			provider := connect(t, encryptedConfig(t, p.address, tt.mode, tt.caFile))
			_, err := provider.Send(t.Context(), providertest.Submission(1))
			if tt.code == "" {
				if err != nil || len(p.Mails()) != 1 {
					t.Errorf("Send returned %v, the server has %d mails; want the mail", err, len(p.Mails()))
				}
				return
			}
			expectFailure(t, err, providers.KindTemporary, tt.code)
			if p.Logins() != 0 || len(p.Mails()) != 0 {
				t.Error("the password or the mail went to a server that is not proven")
			}
		})
	}
}

func TestNewestTLSOnly(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	encrypted := ca.server(t, "127.0.0.1")
	encrypted.MaxVersion = tls.VersionTLS12
	p := newPeer(t, encrypted, true)
	c := encryptedConfig(t, p.address, "implicit", ca.file)
	c.TLSMinVersion = "1.3"
	_, err := connect(t, c).Send(t.Context(), providertest.Submission(1))
	expectFailure(t, err, providers.KindTemporary, "tls")
}

func old(c *tls.Config) *tls.Config {
	c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return c
}

// Whoever stands in between can strike STARTTLS from the server's list. Nothing may be said after that.
func TestSTARTTLSNotOffered(t *testing.T) {
	t.Parallel()
	server := startScript(t, nil)
	provider := connect(t, encryptedConfig(t, server.address, "starttls", ""))
	_, err := provider.Send(t.Context(), providertest.Submission(1))
	expectFailure(t, err, providers.KindConfig, "starttls not offered")
	for _, line := range server.log() {
		if line[:4] != "EHLO" && line != "QUIT" {
			t.Errorf("the server was told %q in clear text", line)
		}
	}
}

func TestSTARTTLSRefused(t *testing.T) {
	t.Parallel()
	offer := "250-script.test\r\n250 STARTTLS"
	tests := []struct {
		reply, code string
		kind        providers.Kind
	}{
		{"454 4.7.0 TLS not available", "454 4.7.0", providers.KindTemporary},
		{"502 5.5.1 not implemented", "502 5.5.1", providers.KindConfig},
		{hangUp, "eof", providers.KindTemporary},
		{"220 go ahead\r\nthis is no TLS", "tls", providers.KindTemporary},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{"EHLO": offer, "STARTTLS": tt.reply})
			provider := connect(t, encryptedConfig(t, server.address, "starttls", ""))
			_, err := provider.Send(t.Context(), providertest.Submission(1))
			expectFailure(t, err, tt.kind, tt.code)
			if server.told("MAIL") || server.told("AUTH") {
				t.Error("the dialogue went on in clear text")
			}
		})
	}
}

// What comes in clear text behind the reply to STARTTLS, from whoever stands in between, must not be taken for a reply
// that came through TLS (CVE-2011-0411 and its kin).
func TestSTARTTLSInjection(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	told := make(chan []string, 1)
	go func() { told <- serveInjection(listener, ca.server(t, "127.0.0.1")) }()
	provider := connect(t, encryptedConfig(t, listener.Addr().String(), "starttls", ca.file))
	if _, err := provider.Send(t.Context(), providertest.Submission(1)); err != nil {
		t.Errorf("Send returned %v: the injected reply was believed", err)
	}
	provider.Drain()
	if commands := <-told; !slices.Contains(commands, "AUTH") {
		t.Errorf("no login through TLS, only %v", commands)
	}
}

// serveInjection returns the verbs that it was told through TLS.
func serveInjection(listener net.Listener, encrypted *tls.Config) (verbs []string) {
	conn, err := listener.Accept()
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }()
	buffer := make([]byte, 4096)
	say := func(c net.Conn, text string) { _, _ = c.Write([]byte(text + "\r\n")) }
	say(conn, "220 hello")
	_, _ = conn.Read(buffer)
	say(conn, "250-script.test\r\n250 STARTTLS")
	_, _ = conn.Read(buffer)
	say(conn, "220 go ahead\r\n250-script.test\r\n250 AUTH EVIL")
	secure := tls.Server(conn, encrypted)
	for {
		n, err := secure.Read(buffer)
		if err != nil {
			return verbs
		}
		verb := string(bytes.ToUpper(buffer[:min(4, n)]))
		verbs = append(verbs, verb)
		switch {
		case verb == "EHLO":
			say(secure, "250-script.test\r\n250 AUTH PLAIN")
		case verb == "AUTH":
			say(secure, "235 2.7.0 ok")
		case verb == "DATA":
			say(secure, "354 go")
		case bytes.HasSuffix(buffer[:n], []byte("\r\n.\r\n")), verb == "MAIL", verb == "RCPT":
			say(secure, "250 2.0.0 ok")
		}
	}
}

func expectFailure(t *testing.T, err error, kind providers.Kind, code string) {
	t.Helper()
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != kind || failure.Code != code {
		t.Errorf("Send returned %v, want %v (%s)", err, kind, code)
	}
}
