package smtp_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"byoe/internal/require"
	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/redact"
)

// Dovecot's configuration is one of lines: no two settings in one.
const dovecotConf = `base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
instance_name = byoe
protocols =
ssl = no
auth_mechanisms = xoauth2 oauthbearer
auth_verbose = yes
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = %[1]s/oauth2.ext
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=%[1]s
}
service auth {
  unix_listener %[1]s/auth {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
`

const dovecotOAuth = `introspection_mode = local
local_validation_key_dict = fs:posix:prefix=%[1]s/keys/
issuers = https://issuer.example
username_attribute = azp
username_format = %%u
`

// startDovecot starts Dovecot as an authenticator that checks tokens by the key of the client smtp-client, and returns its
// socket.
func startDovecot(t *testing.T, folder string, key *rsa.PublicKey) (socket string) {
	t.Helper()
	require.Component(t, "dovecot", func() error {
		if _, err := exec.LookPath("dovecot"); err != nil {
			return fmt.Errorf("no dovecot on PATH: apt-get install dovecot-core")
		}
		return nil
	})
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"dovecot.conf":                fmt.Sprintf(dovecotConf, folder),
		"oauth2.ext":                  fmt.Sprintf(dovecotOAuth, folder),
		"keys/smtp-client/RS256/key1": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"run/.here":                   "",
		"state/.here":                 "",
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	conf := filepath.Join(folder, "dovecot.conf")
	// It keeps its output open as long as it runs: nothing may wait for that.
	if err := exec.CommandContext(t.Context(), "dovecot", "-c", conf).Run(); err != nil {
		t.Fatalf("dovecot: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
		defer cancel()
		_ = exec.CommandContext(ctx, "doveadm", "-c", conf, "stop").Run() // the folder goes next
	})
	socket = filepath.Join(folder, "auth")
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(socket); err == nil {
			return socket
		}
		if time.Now().After(deadline) {
			t.Fatal("dovecot makes no socket")
		}
	}
}

// TestXOAUTH2AtDovecot logs in at Postfix with a token that Dovecot checks, signature and time.
func TestXOAUTH2AtDovecot(t *testing.T) {
	requirePostfix(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	socket := startDovecot(t, openFolder(t), &key.PublicKey)
	p := startPostfix(t, openFolder(t), socket)
	token := func(expires time.Duration, key *rsa.PrivateKey) string {
		claims := jwt.MapClaims{
			"iss": "https://issuer.example", "sub": "smtp-client", "azp": "smtp-client", "aud": "smtp",
			"iat": time.Now().Add(-time.Hour).Unix(), "exp": time.Now().Add(expires).Unix(),
		}
		unsigned := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		unsigned.Header["kid"] = "key1"
		signed, err := unsigned.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	forger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		token string
		good  bool
	}{
		"good token":    {token(time.Hour, key), true},
		"expired token": {token(-time.Minute, key), false},
		"forged token":  {token(time.Hour, forger), false},
	} {
		t.Run(name, func(t *testing.T) {
			platform := providertest.NewIdentity(t, tt.token)
			c := p.config(t)
			c.Auth, c.Username, c.Password, c.OAuthClientID = "xoauth2", "smtp-client", redact.Secret{}, platform.ClientID
			_, err := connect(t, c).Send(t.Context(), to(t, 1, "person@example.test"))
			if tt.good {
				if err != nil {
					t.Fatal(err)
				}
				p.mails(t, 1)
				return
			}
			expectFailure(t, err, providers.KindAuth, "535 5.7.8")
		})
	}
}
