package auth_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"byoe/auth"
	"byoe/internal/require"
)

// issuer is an OpenID provider that was not written for these tests, in a process of its own.
type issuer struct {
	URL, Control string
}

// startIssuer runs one of testdata's scripts with Node. BYOE_NODE_MODULES names the folder of its packages.
func startIssuer(t *testing.T, name string) issuer {
	t.Helper()
	modules := os.Getenv("BYOE_NODE_MODULES")
	require.Component(t, name, func() error {
		if _, err := os.Stat(filepath.Join(modules, name)); modules == "" || err != nil {
			return fmt.Errorf("BYOE_NODE_MODULES does not name a node_modules folder that holds it; npm ci --prefix .ci/npm makes one")
		}
		_, err := exec.LookPath("node")
		return err
	})
	folder := t.TempDir()
	source, err := os.ReadFile(filepath.Join("testdata", name+".mjs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(folder, "issuer.mjs"), source, 0o600), os.Symlink(modules, filepath.Join(folder, "node_modules"))); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "node", filepath.Join(folder, "issuer.mjs"), tenantID, audienceID, callerID)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // tells it to end
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatalf("%s did not start: %v", name, err)
		}
		var started issuer
		if json.Unmarshal(line, &started) == nil && started.URL != "" {
			return started
		}
	}
}

// issue asks for a token by client credentials.
func (i issuer) issue(t *testing.T, form url.Values) string {
	t.Helper()
	form.Set("grant_type", "client_credentials")
	form.Set("scope", "send")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.URL+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(callerID, "secret")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&reply); err != nil || reply.AccessToken == "" {
		t.Fatalf("no token: status %d, %v", res.StatusCode, err)
	}
	return reply.AccessToken
}

// verifier trusts the issuer as if it were the tenant's authority.
func (i issuer) verifier(t *testing.T) *auth.Verifier {
	t.Helper()
	v, err := auth.New(auth.Config{TenantIDs: []string{tenantID}, Audiences: []string{audienceID}, Authority: i.URL, CallerAppID: callerID}, &http.Transport{DisableKeepAlives: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTokensOfOAuth2MockServer(t *testing.T) {
	real := startIssuer(t, "oauth2-mock-server")
	v := real.verifier(t)
	if _, err := v.Verify(t.Context(), bearer(real.issue(t, url.Values{}))); err != nil {
		t.Errorf("a token in Entra's shape: %v", err)
	}
	for _, c := range []struct {
		claim, value string
		check        auth.Check
	}{
		{"aud", otherID, auth.CheckAudience},
		{"azp", otherID, auth.CheckCaller},
		{"tid", otherID, auth.CheckTenant},
		{"iss", "https://evil.example", auth.CheckIssuer},
		{"ver", "1.0", auth.CheckCaller},
		{"exp", strconv.FormatInt(time.Now().Unix()-3600, 10), auth.CheckExpiry},
	} {
		_, err := v.Verify(t.Context(), bearer(real.issue(t, url.Values{c.claim: {c.value}})))
		wantRefusal(t, err, c.check)
	}
	real.rollKeys(t)
	fresh := real.verifier(t)
	for range 4 { // its tokens take turns with the keys
		if _, err := fresh.Verify(t.Context(), bearer(real.issue(t, url.Values{}))); err != nil {
			t.Errorf("after the roll-over: %v", err)
		}
	}
}

func (i issuer) rollKeys(t *testing.T) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, i.Control+"/roll", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTokensOfOIDCProvider(t *testing.T) {
	real, stranger := startIssuer(t, "oidc-provider"), startIssuer(t, "oidc-provider")
	v := real.verifier(t)
	caller, err := v.Verify(t.Context(), bearer(real.issue(t, url.Values{})))
	if err != nil || caller.AppID != callerID {
		t.Errorf("a token of a certified provider: %+v, %v", caller, err)
	}
	_, err = v.Verify(t.Context(), bearer(stranger.issue(t, url.Values{})))
	refusal, ok := errors.AsType[*auth.Refusal](err)
	if !ok || refusal.Check != auth.CheckKey && refusal.Check != auth.CheckSignature {
		t.Errorf("the same provider's token from elsewhere: %v", err)
	}
}
