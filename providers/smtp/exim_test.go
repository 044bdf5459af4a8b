package smtp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byoe/internal/require"
	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/smtp"
	"byoe/redact"
)

// eximUser is whom the program changes to; Debian's has the name compiled in.
const eximUser = "Debian-exim"

const eximConf = `exim_path = %[2]s
primary_hostname = mail.test
spool_directory = %[1]s/spool
log_file_path = %[1]s/log/%%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[3]s
tls_advertise_hosts = *
tls_certificate = %[1]s/server.pem
tls_privatekey = %[1]s/server.key
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
keep_environment =
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
begin acl
rcpt:
  defer local_parts = grey
        message = 4.7.1 greylisted
  deny  local_parts = blocked
        message = 5.7.1 blocked
  drop  local_parts = drop
        message = bye
  warn  local_parts = slow
        delay = 3s
  accept authenticated = *
         domains = example.test
  deny  message = relay not permitted
begin routers
vm:
  driver = accept
  domains = example.test
  transport = md
begin transports
md:
  driver = appendfile
  maildir_format
  directory = %[1]s/mail/all
  create_directory
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{{eq{$auth2}{otp}}{eq{$auth3}{s3cret-of-the-tests}}}}
  server_set_id = $auth2
`

// startExim starts an instance of the other real server. It shares the maildir's place with [postfix].
func startExim(t *testing.T) *postfix {
	t.Helper()
	program := os.Getenv("BYOE_EXIM")
	require.Component(t, "exim", func() error {
		if program == "" {
			return errors.New("BYOE_EXIM does not name an exim4: its package conflicts with Postfix's, so unpack it with dpkg -x")
		}
		if _, err := user.Lookup(eximUser); err != nil {
			return fmt.Errorf("no user %s: useradd --system %s", eximUser, eximUser)
		}
		_, err := os.Stat(program)
		return err
	})
	p := &postfix{folder: openFolder(t), startTLS: freeAddress(t), ca: newAuthority(t)}
	_, port, _ := net.SplitHostPort(p.startTLS)
	p.writeCertificate(t)
	p.write(t, "exim.conf", fmt.Sprintf(eximConf, p.folder, program, port))
	for _, name := range []string{"spool", "log", "mail"} {
		if err := os.Mkdir(filepath.Join(p.folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
		own(t, filepath.Join(p.folder, name), eximUser)
	}
	exim := exec.CommandContext(t.Context(), program, "-C", filepath.Join(p.folder, "exim.conf"), "-bdf", "-q30m")
	exim.WaitDelay = 5 * time.Second
	if err := exim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exim.Process.Kill(); _ = exim.Wait() })
	p.waitUntilReady(t)
	return p
}

func TestExim(t *testing.T) {
	p := startExim(t)
	c := p.config(t)
	c.Username, c.Password = "otp", redact.NewSecret(postfixPassword)
	provider := connect(t, c)
	send := func(ctx context.Context, n int, address string) error {
		_, err := provider.Send(ctx, to(t, n, address))
		return err
	}
	sent := 0
	good := func() {
		t.Helper()
		receipt, err := provider.Send(t.Context(), to(t, sent, "person@example.test"))
		if err != nil || receipt.MessageID == "" || strings.Contains(receipt.MessageID, "@") {
			t.Errorf("Send gave %v, %v, want Exim's own id", receipt, err)
		}
		sent++
	}
	good()
	good()
	expectFailure(t, send(t.Context(), 0, "grey@example.test"), providers.KindThrottled, "451 4.7.1")
	good()
	expectFailure(t, send(t.Context(), 0, "blocked@example.test"), providers.KindConfig, "550 5.7.1")
	good()
	if err := send(t.Context(), 0, "drop@example.test"); providers.KindOf(err) != providers.KindRefused {
		t.Errorf("a recipient that makes the server hang up gave %v", err)
	}
	good()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	expectFailure(t, send(ctx, 0, "slow@example.test"), providers.KindTemporary, "timeout")
	good()
	for _, mail := range p.mails(t, sent) {
		if _, err := providertest.DecodeMIME(mail); err != nil || !strings.Contains(mail, " with esmtpsa ") {
			t.Errorf("a mail is %v\n%.300s", err, mail)
		}
	}
	c.Password = redact.NewSecret("wrong")
	wrong, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wrong.Send(t.Context(), to(t, 0, "person@example.test")); providers.KindOf(err) != providers.KindAuth {
		t.Errorf("a wrong password gave %v", err)
	}
}
