package smtp_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/internal/require"
	"byoe/message"
	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
	"byoe/redact"
)

// postfix is an instance of the real server in a folder of its own. Nothing can leave it: mails for example.test go into a
// maildir, all others are refused.
type postfix struct {
	folder            string
	startTLS, wrapped string // addresses
	ca                *authority
}

const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
mynetworks =
alias_maps =
local_transport = error:no local
default_transport = error:5.7.1 no outbound mail from this test host
virtual_mailbox_domains = example.test
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = regexp:%[1]s/etc/vmaps
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
smtpd_tls_cert_file = %[1]s/server.pem
smtpd_tls_key_file = %[1]s/server.key
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = %[2]s
smtpd_sasl_path = %[3]s
cyrus_sasl_config_path = %[1]s/etc/sasl
smtpd_sasl_local_domain = mail.test
smtpd_recipient_restrictions = check_recipient_access regexp:%[1]s/etc/faults, permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
smtputf8_enable = yes
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[1]s
`

const postfixMaster = `%s inet n - n - - smtpd
%s inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 300 1 qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error    unix - - n - - error
retry    unix - - n - - error
virtual  unix - n n - - virtual
anvil    unix - - n - 1 anvil
postlog  unix-dgram n - n - 1 postlogd
`

const postfixFaults = `/^grey@/ 451 4.7.1 Greylisted, try again later
/^full@/ 452 4.2.2 Mailbox full
/^blocked@/ 550 5.7.1 Blocked
/^drop@/ 421 4.3.2 Service shutting down
`

// postfixUser and its password are in the database of the Cyrus library.
const (
	postfixUser     = "otp@mail.test"
	postfixPassword = "s3cret-of-the-tests"
)

func requirePostfix(t *testing.T) {
	t.Helper()
	require.Component(t, "postfix", func() error {
		for _, program := range []string{"postfix", "saslpasswd2"} {
			if _, err := exec.LookPath(program); err != nil {
				return fmt.Errorf("no %s on PATH: apt-get install postfix sasl2-bin libsasl2-modules", program)
			}
		}
		if os.Getuid() != 0 {
			return errors.New("postfix changes users and wants to be started by root")
		}
		return nil
	})
}

// startPostfix starts an instance that asks the Cyrus library about logins, or, with a socket, Dovecot.
func startPostfix(t *testing.T, folder, socket string) *postfix {
	t.Helper()
	p := &postfix{folder: folder, startTLS: freeAddress(t), wrapped: freeAddress(t), ca: newAuthority(t)}
	for _, name := range []string{"etc/sasl", "spool", "data", "mail"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	own(t, filepath.Join(folder, "data"), "postfix")
	own(t, filepath.Join(folder, "mail"), "nobody")
	p.writeCertificate(t)
	kind, path := "cyrus", "smtpd"
	if socket != "" {
		kind, path = "dovecot", socket
	}
	p.write(t, "etc/main.cf", fmt.Sprintf(postfixMain, folder, kind, path))
	p.write(t, "etc/master.cf", fmt.Sprintf(postfixMaster, p.startTLS, p.wrapped))
	p.write(t, "etc/vmaps", "!/^nouser@/ all/\n")
	p.write(t, "etc/faults", postfixFaults)
	p.write(t, "etc/sasl/smtpd.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: "+folder+"/etc/sasldb2\nmech_list: PLAIN LOGIN CRAM-MD5\n")
	if socket == "" {
		p.addUser(t)
	}
	p.run(t, "start")
	t.Cleanup(func() { p.run(t, "stop") })
	p.waitUntilReady(t)
	return p
}

func (p *postfix) addUser(t *testing.T) {
	t.Helper()
	database := filepath.Join(p.folder, "etc", "sasldb2")
	add := exec.CommandContext(t.Context(), "saslpasswd2", "-p", "-c", "-f", database, "-u", "mail.test", "otp")
	add.Stdin = strings.NewReader(postfixPassword)
	if output, err := add.CombinedOutput(); err != nil {
		t.Fatalf("saslpasswd2: %v\n%s", err, output)
	}
	own(t, database, "postfix")
}

func (p *postfix) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.folder, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p *postfix) writeCertificate(t *testing.T) {
	t.Helper()
	certificate := p.ca.server(t, "127.0.0.1").Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, "server.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})))
	p.write(t, "server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
}

// run gives the instance an order. The clean-up's context is not the test's, which is over then.
func (p *postfix) run(t *testing.T, order string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	if output, err := exec.CommandContext(ctx, "postfix", "-c", filepath.Join(p.folder, "etc"), order).CombinedOutput(); err != nil {
		t.Errorf("postfix %s: %v\n%s", order, err, output)
	}
}

func (p *postfix) waitUntilReady(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", p.startTLS)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("postfix does not listen: %v", err)
		}
	}
}

// config is that of a client.
func (p *postfix) config(t *testing.T) smtp.Config {
	t.Helper()
	c := encryptedConfig(t, p.startTLS, "starttls", p.ca.file)
	c.Username, c.Password = postfixUser, redact.NewSecret(postfixPassword)
	return c
}

// mails waits for this many mails in the maildir and returns them.
func (p *postfix) mails(t *testing.T, n int) []string {
	t.Helper()
	folder := filepath.Join(p.folder, "mail", "all", "new")
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		entries, _ := os.ReadDir(folder) // it is made with the first mail
		if len(entries) >= n || time.Now().After(deadline) {
			var mails []string
			for _, entry := range entries {
				content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
				if err != nil {
					t.Fatal(err)
				}
				mails = append(mails, string(content))
			}
			if len(mails) != n {
				t.Errorf("%d mails in the maildir, want %d", len(mails), n)
			}
			return mails
		}
	}
}

// log counts the lines of the server's log that hold a text.
func (p *postfix) log(t *testing.T, text string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.folder, "maillog"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(content), text)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func own(t *testing.T, name, owner string) {
	t.Helper()
	account, err := user.Lookup(owner)
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(account.Uid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(name, id, -1); err != nil {
		t.Fatal(err)
	}
}

// openFolder is a folder that daemons of other users can enter. The test's own temporary folder is not.
func openFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "byoe-mail-") //nolint:usetesting // see above
	if err == nil {
		err = os.Chmod(folder, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

func to(t *testing.T, n int, address string) providers.Submission {
	t.Helper()
	s := providertest.Submission(n)
	parsed, err := message.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	s.Message.To = parsed
	s.Message.From.Address = postfixUser
	return s
}

func TestPostfix(t *testing.T) {
	requirePostfix(t)
	p := startPostfix(t, openFolder(t), "")
	sent := 0
	deliver := func(t *testing.T, provider *smtp.Provider, address string) {
		t.Helper()
		if _, err := provider.Send(t.Context(), to(t, sent, address)); err != nil {
			t.Fatalf("mail %d: %v", sent, err)
		}
		sent++
	}
	t.Run("ten mails, one connection", func(t *testing.T) {
		for p.log(t, ": disconnect from") == 0 { // ours, that asked whether the server is there
			time.Sleep(10 * time.Millisecond)
		}
		before := p.log(t, ": connect from")
		provider := connect(t, p.config(t))
		for n := range 10 {
			deliver(t, provider, fmt.Sprintf("person-%d@example.test", n))
		}
		if connections := p.log(t, ": connect from") - before; connections != 1 {
			t.Errorf("%d connections, want 1", connections)
		}
		for _, mail := range p.mails(t, sent) {
			decoded, err := providertest.DecodeMIME(mail[strings.Index(mail, "Received:"):])
			if err != nil || !strings.Contains(mail, " with ESMTPSA ") || decoded.From.Name != "Contoso" {
				t.Errorf("a mail is %v\n%.300s", err, mail)
			}
		}
	})
	for name, change := range map[string]func(*smtp.Config){
		"implicit TLS": func(c *smtp.Config) {
			_, port, _ := net.SplitHostPort(p.wrapped)
			c.TLS = "implicit"
			c.Port, _ = strconv.Atoi(port)
		},
		"plain":    func(c *smtp.Config) { c.Auth = "plain" },
		"login":    func(c *smtp.Config) { c.Auth = "login" },
		"cram-md5": func(c *smtp.Config) { c.Auth = "cram-md5" },
		"TLS 1.3":  func(c *smtp.Config) { c.TLSMinVersion = "1.3" },
	} {
		t.Run(name, func(t *testing.T) {
			c := p.config(t)
			change(&c)
			deliver(t, connect(t, c), "person@example.test")
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		c := p.config(t)
		c.Password = redact.NewSecret("wrong")
		_, err := connect(t, c).Send(t.Context(), to(t, 0, "person@example.test"))
		expectFailure(t, err, providers.KindAuth, "535 5.7.8")
	})
	t.Run("another name in the certificate", func(t *testing.T) {
		c := p.config(t)
		c.Host = "localhost"
		_, err := connect(t, c).Send(t.Context(), to(t, 0, "person@example.test"))
		expectFailure(t, err, providers.KindTemporary, "certificate")
	})
	t.Run("faults, each followed by a good mail", func(t *testing.T) {
		provider := connect(t, p.config(t))
		for _, fault := range []struct {
			name string
			kind providers.Kind
			code string
		}{
			{"grey", providers.KindThrottled, "451 4.7.1"},
			{"full", providers.KindRefused, "452 4.2.2"},
			{"blocked", providers.KindConfig, "550 5.7.1"},
			{"drop", providers.KindTemporary, "421 4.3.2"},
			{"nouser", providers.KindInvalidAddress, "550 5.1.1"},
		} {
			_, err := provider.Send(t.Context(), to(t, 0, fault.name+"@example.test"))
			expectFailure(t, err, fault.kind, fault.code)
			deliver(t, provider, "after-"+fault.name+"@example.test")
		}
		_, err := provider.Send(t.Context(), to(t, 0, "person@elsewhere.example"))
		if err == nil {
			t.Error("the test's server relays")
		}
	})
	t.Run("a local part beyond ASCII", func(t *testing.T) {
		deliver(t, connect(t, p.config(t)), "用户@example.test")
	})
	t.Run("a check leaves nothing", func(t *testing.T) {
		provider := connect(t, p.config(t))
		if proven, err := provider.Check(t.Context(), to(t, 0, "person@example.test")); err != nil {
			t.Errorf("Check gave %q, %v", proven, err)
		}
		_, err := provider.Check(t.Context(), to(t, 0, "nouser@example.test"))
		expectFailure(t, err, providers.KindInvalidAddress, "550 5.1.1")
		deliver(t, provider, "after-check@example.test")
	})
	t.Run("64 at once", func(t *testing.T) {
		provider := connect(t, p.config(t))
		var running sync.WaitGroup
		for n := range 64 {
			running.Go(func() {
				if _, err := provider.Send(t.Context(), to(t, 1000+n, fmt.Sprintf("many-%d@example.test", 1000+n))); err != nil {
					t.Errorf("mail %d: %v", n, err)
				}
			})
		}
		running.Wait()
		sent += 64
		for _, mail := range p.mails(t, sent) {
			for n := range 64 {
				mine := strings.Contains(mail, fmt.Sprintf("To: <many-%d@example.test>", 1000+n))
				if mine && !strings.Contains(mail, providertest.Code(1000+n)) {
					t.Errorf("mail %d holds somebody else's code", n)
				}
			}
		}
	})
	t.Run("the server starts anew", func(t *testing.T) {
		provider := connect(t, p.config(t))
		deliver(t, provider, "before@example.test")
		p.run(t, "stop")
		p.run(t, "start")
		p.waitUntilReady(t)
		deliver(t, provider, "after@example.test")
	})
	p.mails(t, sent)
}
