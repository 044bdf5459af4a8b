package smtp_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
	"byoe/redact"
)

func TestMechanismChoice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, setting, user, offered string
		want                         string // the beginning of the AUTH command, "" for none
		code                         string // of the failure, "" for none
	}{
		{"auto takes PLAIN", "auto", username, "AUTH LOGIN CRAM-MD5 SCRAM-SHA-256 PLAIN", "AUTH PLAIN", ""},
		{"auto, small letters", "auto", username, "AUTH plain", "AUTH PLAIN", ""},
		{"auto takes LOGIN", "auto", username, "AUTH XOAUTH2 LOGIN CRAM-MD5", "AUTH LOGIN", ""},
		{"auto takes SCRAM", "auto", username, "AUTH CRAM-MD5 SCRAM-SHA-256", "AUTH SCRAM-SHA-256", ""},
		{"auto takes CRAM-MD5", "auto", username, "AUTH CRAM-MD5", "AUTH CRAM-MD5", ""},
		{"auto without a user", "auto", "", "AUTH PLAIN", "", ""},
		{"auto, nothing known offered", "auto", username, "AUTH XOAUTH2 PLAIN-CLIENTTOKEN", "", "auth mechanism not offered"},
		{"auto, nothing offered", "auto", username, "8BITMIME", "", "auth mechanism not offered"},
		{"named", "login", username, "AUTH PLAIN LOGIN", "AUTH LOGIN", ""},
		{"named, not offered", "scram-sha-256", username, "AUTH PLAIN LOGIN", "", "auth mechanism not offered"},
		{"none", "none", username, "AUTH PLAIN", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := startScript(t, script{"EHLO": "250-script.test\r\n250 " + tt.offered})
			c := testConfig(t, server.address)
			c.Auth = tt.setting
			if tt.user == "" {
				c.Username, c.Password = "", redact.Secret{}
			}
			_, err := connect(t, c).Send(t.Context(), providertest.Submission(1))
			if tt.code != "" {
				expectFailure(t, err, providers.KindConfig, tt.code)
			} else if err != nil {
				t.Errorf("Send returned %v", err)
			}
			if tt.want == "" && server.told("AUTH") || tt.want != "" && !server.told(tt.want) {
				t.Errorf("the server was told %q, want a login with %q", server.log(), tt.want)
			}
		})
	}
}

// Each mechanism against a server that really checks it.
func TestMechanisms(t *testing.T) {
	t.Parallel()
	for setting, verify := range map[string]func(*dialogue) bool{
		"plain": verifyPlain, "login": verifyLogin, "cram-md5": verifyCRAMMD5, "scram-sha-256": verifySCRAM,
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			c := testConfig(t, startLogin(t, setting, verify))
			c.Auth = setting
			if _, err := connect(t, c).Send(t.Context(), providertest.Submission(1)); err != nil {
				t.Errorf("right password: %v", err)
			}
		})
		t.Run(setting+", wrong password", func(t *testing.T) {
			t.Parallel()
			c := testConfig(t, startLogin(t, setting, verify))
			c.Auth, c.Password = setting, redact.NewSecret("wrong")
			_, err := connect(t, c).Send(t.Context(), providertest.Submission(1))
			expectFailure(t, err, providers.KindAuth, "535 5.7.8")
		})
	}
}

// With SCRAM the server proves that it knows the password too. One that cannot must not get the mail.
func TestSCRAMServerUnproven(t *testing.T) {
	t.Parallel()
	c := testConfig(t, startLogin(t, "scram-sha-256", func(d *dialogue) bool {
		first := d.ask("")
		_, clientNonce, _ := strings.Cut(first, ",r=")
		d.ask("r=" + clientNonce + "server,s=c2FsdHNhbHQ=,i=4096")
		d.ask("v=" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
		return true
	}))
	c.Auth = "scram-sha-256"
	_, err := connect(t, c).Send(t.Context(), providertest.Submission(1))
	expectFailure(t, err, providers.KindAuth, "auth exchange")
}

// dialogue is the server's side of one login.
type dialogue struct {
	conn    net.Conn
	lines   *bufio.Scanner
	initial string
}

// ask sends a challenge and returns the response, both without their base64.
func (d *dialogue) ask(challenge string) string {
	_, _ = fmt.Fprintf(d.conn, "334 %s\r\n", base64.StdEncoding.EncodeToString([]byte(challenge)))
	if !d.lines.Scan() {
		return ""
	}
	response, _ := base64.StdEncoding.DecodeString(d.lines.Text())
	return string(response)
}

// startLogin starts a server that takes a mail after a login.
func startLogin(t *testing.T, mechanism string, verify func(*dialogue) bool) (address string) {
	t.Helper()
	return providertest.Listen(t, func(conn net.Conn) {
		lines := bufio.NewScanner(conn)
		say := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
		say("220 login.test")
		for lines.Scan() {
			words := strings.Fields(lines.Text() + " .")
			switch words[0] {
			case "EHLO":
				say("250-login.test\r\n250 AUTH " + strings.ToUpper(mechanism))
			case "AUTH":
				initial, _ := base64.StdEncoding.DecodeString(words[2])
				if verify(&dialogue{conn: conn, lines: lines, initial: string(initial)}) {
					say("235 2.7.0 ok")
				} else {
					say("535 5.7.8 no")
				}
			case "DATA":
				say("354 go")
				for lines.Scan() && lines.Text() != "." {
				}
				say("250 2.0.0 ok")
			default:
				say("250 2.0.0 ok")
			}
		}
	})
}

func verifyPlain(d *dialogue) bool { return d.initial == "\x00"+username+"\x00"+password }

func verifyLogin(d *dialogue) bool {
	return d.ask("Username:") == username && d.ask("Password:") == password
}

func verifyCRAMMD5(d *dialogue) bool {
	const challenge = "<1896.697170952@login.test>"
	mac := hmac.New(md5.New, []byte(password))
	mac.Write([]byte(challenge))
	return d.ask(challenge) == username+" "+hex.EncodeToString(mac.Sum(nil))
}

// verifySCRAM is the server's side of RFC 5802 with SHA-256 (RFC 7677).
func verifySCRAM(d *dialogue) bool {
	const salt, rounds = "saltsalt", 4096
	first, _ := strings.CutPrefix(d.ask(""), "n,,")
	_, clientNonce, _ := strings.Cut(first, ",r=")
	serverFirst := fmt.Sprintf("r=%sserver,s=%s,i=%d", clientNonce, base64.StdEncoding.EncodeToString([]byte(salt)), rounds)
	final := d.ask(serverFirst)
	withoutProof, encoded, _ := strings.Cut(final, ",p=")
	proof, _ := base64.StdEncoding.DecodeString(encoded)

	salted, err := pbkdf2.Key(sha256.New, password, []byte(salt), rounds, sha256.Size)
	if err != nil {
		return false
	}
	authMessage := first + "," + serverFirst + "," + withoutProof
	clientKey := sign(salted, "Client Key")
	storedKey := sha256.Sum256(clientKey)
	for i, b := range sign(storedKey[:], authMessage) {
		if i >= len(proof) || proof[i]^b != clientKey[i] {
			return false
		}
	}
	d.ask("v=" + base64.StdEncoding.EncodeToString(sign(sign(salted, "Server Key"), authMessage)))
	return true
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

const tenantID = "7f0e4c1a-0000-4000-8000-000000000001"

func withClientSecret(c smtp.Config) smtp.Config {
	c.Auth, c.Password = "xoauth2", redact.Secret{}
	c.OAuthTenantID, c.OAuthClientID, c.OAuthClientSecret = tenantID, tenantID, redact.NewSecret("secret-of-the-client")
	return c
}

// The token is the platform's, and it is asked for ahead of the login's own time.
func TestXOAUTH2(t *testing.T) {
	const token = "token-of-the-platform"
	asked := make(chan string, 10)
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("resource")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"` + token + `","expires_on":"4102444800","resource":"x","token_type":"Bearer"}`))
	}))
	defer platform.Close()
	t.Setenv("IDENTITY_ENDPOINT", platform.URL)
	t.Setenv("IDENTITY_HEADER", "header")

	server := startScript(t, script{"EHLO": "250-script.test\r\n250 AUTH PLAIN XOAUTH2"})
	c := testConfig(t, server.address)
	c.Auth, c.Password, c.OAuthClientID = "xoauth2", redact.Secret{}, rand.Text() // the SDK keeps tokens for the whole process
	sendAll(t, connect(t, c), 2)
	want := "AUTH XOAUTH2 " + base64.StdEncoding.EncodeToString([]byte("user="+username+"\x01auth=Bearer "+token+"\x01\x01"))
	if !server.told(want) {
		t.Errorf("the server was told %q, want %q", server.log(), want)
	}
	if resource := <-asked; resource != "https://outlook.office365.com" || len(asked) != 0 {
		t.Errorf("a token for %q was asked for, and %d more", resource, len(asked))
	}

	platform.Close()
	c.OAuthClientID = rand.Text()
	_, err := connect(t, c).Send(t.Context(), providertest.Submission(1))
	if providers.KindOf(err) != providers.KindTemporary || !strings.Contains(err.Error(), "token") {
		t.Errorf("without a platform Send returned %v, want a temporary failure of the token", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	tests := []struct {
		name   string
		change func(*smtp.Config)
		want   string
	}{
		{"good", func(*smtp.Config) {}, ""},
		{"host alone", func(c *smtp.Config) { *c = smtp.Config{Host: "smtp.example.com"} }, ""},
		{"IPv6", func(c *smtp.Config) { c.Host = "2001:db8::1" }, ""},
		{"authority", func(c *smtp.Config) { c.CAFile = ca.file }, ""},
		{"implicit", func(c *smtp.Config) { c.Port, c.TLS = 465, "implicit" }, ""},
		{"none on the loopback", func(c *smtp.Config) { c.Host, c.TLS = "localhost", "none" }, ""},
		{"nothing", func(c *smtp.Config) { *c = smtp.Config{} }, "SMTP_HOST"},
		{"URL", func(c *smtp.Config) { c.Host = "smtp://smtp.example.com" }, "SMTP_HOST"},
		{"host with port", func(c *smtp.Config) { c.Host = "smtp.example.com:587" }, "SMTP_HOST"},
		{"port too high", func(c *smtp.Config) { c.Port = 65536 }, "SMTP_PORT"},
		{"port below zero", func(c *smtp.Config) { c.Port = -1 }, "SMTP_PORT"},
		{"starttls on 465", func(c *smtp.Config) { c.Port = 465 }, "SMTP_TLS"},
		{"none beyond the loopback", func(c *smtp.Config) { c.TLS = "none" }, "SMTP_TLS"},
		{"TLS unknown", func(c *smtp.Config) { c.TLS = "yes" }, "SMTP_TLS"},
		{"mechanism unknown", func(c *smtp.Config) { c.Auth = "ntlm" }, "SMTP_AUTH"},
		{
			"login without a user", func(c *smtp.Config) { c.Auth, c.Username, c.Password = "plain", "", redact.Secret{} },
			"SMTP_USERNAME",
		},
		{"user without password", func(c *smtp.Config) { c.Password = redact.Secret{} }, "SMTP_PASSWORD"},
		{"password without user", func(c *smtp.Config) { c.Username = "" }, "SMTP_USERNAME"},
		{"connections below one", func(c *smtp.Config) { c.Connections = -1 }, "SMTP_CONNECTIONS"},
		{"connections beyond reason", func(c *smtp.Config) { c.Connections = 129 }, "SMTP_CONNECTIONS"},
		{"old TLS", func(c *smtp.Config) { c.TLSMinVersion = "1.1" }, "SMTP_TLS_MIN_VERSION"},
		{"new TLS", func(c *smtp.Config) { c.TLSMinVersion = "1.3" }, ""},
		{"token by managed identity", func(c *smtp.Config) { c.Auth, c.Password = "xoauth2", redact.Secret{} }, ""},
		{"token by client secret", func(c *smtp.Config) { *c = withClientSecret(*c) }, ""},
		{"token and password", func(c *smtp.Config) { c.Auth = "xoauth2" }, "SMTP_PASSWORD"},
		{"token without a user", func(c *smtp.Config) { c.Auth, c.Username, c.Password = "xoauth2", "", redact.Secret{} }, "SMTP_USERNAME"},
		{"token for a password login", func(c *smtp.Config) { c.OAuthTenantID = tenantID }, "SMTP_AUTH"},
		{"client secret without a tenant", func(c *smtp.Config) { *c = withClientSecret(*c); c.OAuthTenantID = "" }, "SMTP_OAUTH_TENANT_ID"},
		{"client secret without a client", func(c *smtp.Config) { *c = withClientSecret(*c); c.OAuthClientID = "me" }, "SMTP_OAUTH_CLIENT_ID"},
		{"authority missing", func(c *smtp.Config) { c.CAFile = "/nowhere/ca.pem" }, "SMTP_CA_FILE"},
		{"authority of no certificate", func(c *smtp.Config) { c.CAFile = "auth_test.go" }, "SMTP_CA_FILE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := smtp.Config{
				Host: "smtp.example.com", Port: 587, TLS: "starttls", Auth: "auto",
				Username: username, Password: redact.NewSecret(password),
			}
			tt.change(&c)
			var got []string
			for _, problem := range c.Validate() {
				got = append(got, problem.Setting)
				if text := problem.Error(); strings.Contains(text, password) || strings.Contains(text, "/nowhere") {
					t.Errorf("%q holds a setting's value", text)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("problems with %v, want %q", got, tt.want)
			}
			if _, err := smtp.New(c); (err != nil) != (tt.want != "") {
				t.Errorf("New returned %v", err)
			}
		})
	}
}
