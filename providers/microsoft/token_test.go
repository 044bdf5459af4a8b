package microsoft_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"byoe/providers"
	"byoe/providers/microsoft"
	"byoe/providers/providertest"
)

const scope = "https://graph.microsoft.com/.default"

// credential gives numbered tokens that live for an hour, and takes its time.
type credential struct {
	takes time.Duration
	err   error
	asked atomic.Int32
	scope atomic.Value
}

func (c *credential) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	n := c.asked.Add(1)
	c.scope.Store(strings.Join(o.Scopes, " "))
	select {
	case <-time.After(c.takes):
	case <-ctx.Done():
		return azcore.AccessToken{}, ctx.Err()
	}
	return azcore.AccessToken{Token: fmt.Sprintf("token-%d", n), ExpiresOn: time.Now().Add(time.Hour)}, c.err
}

func want(t *testing.T, s *microsoft.Source, token string) {
	t.Helper()
	got, err := s.Token(t.Context())
	if err != nil || got != token {
		t.Errorf("Token gave %q, %v, want %q", got, err, token)
	}
}

func TestTokenIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &credential{}
		s := microsoft.NewSource(c, scope)
		want(t, s, "token-1")
		time.Sleep(58 * time.Minute)
		want(t, s, "token-1")
		time.Sleep(90 * time.Second) // less than a minute is left, and the request has to arrive yet
		want(t, s, "token-2")
		if c.scope.Load() != scope {
			t.Errorf("the token is for %v", c.scope.Load())
		}
	})
}

func TestOneFetchForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &credential{takes: time.Second}
		s := microsoft.NewSource(c, scope)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { want(t, s, "token-1") })
		}
		wg.Wait()
		if c.asked.Load() != 1 {
			t.Errorf("%d fetches, want 1", c.asked.Load())
		}
	})
}

// Who has no time goes without; the fetch goes on, and the next one finds the token.
func TestNobodyWaitsLongerThanTheirOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &credential{takes: time.Second}
		s := microsoft.NewSource(c, scope)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := s.Token(ctx)
		expect(t, err, providers.KindTemporary, "token timeout")
		if took := time.Since(start); took != 300*time.Millisecond {
			t.Errorf("it waited %v", took)
		}
		time.Sleep(time.Second)
		want(t, s, "token-1")
	})
}

func TestFetchIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := microsoft.NewSource(&credential{takes: time.Hour}, scope)
		start := time.Now()
		_, err := s.Token(t.Context())
		expect(t, err, providers.KindTemporary, "token timeout")
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("the fetch took %v", took)
		}
	})
}

// With Run nobody waits at the end of a token's life either.
func TestRunKeepsAFreshToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &credential{}
		s := microsoft.NewSource(c, scope)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		synctest.Wait()
		want(t, s, "token-1")
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := c.asked.Load(); n < 50 {
			t.Errorf("Run looked %d times in an hour", n)
		}
		cancel()
		<-done
	})
}

func TestOtherFailures(t *testing.T) {
	t.Parallel()
	s := microsoft.NewSource(&credential{err: errors.New("client 7f0e4c1a has no such secret")}, scope)
	_, err := s.Token(t.Context())
	expect(t, err, providers.KindTemporary, "token unavailable")
}

func TestManagedIdentity(t *testing.T) {
	platform := providertest.NewIdentity(t, "token-of-the-platform")
	s, err := microsoft.ManagedIdentity(platform.ClientID, scope)
	if err != nil {
		t.Fatal(err)
	}
	want(t, s, "token-of-the-platform")
	if got := platform.Resources(); len(got) != 1 || got[0] != "https://graph.microsoft.com" {
		t.Errorf("tokens were asked for %v", got)
	}
	refusing := providertest.NewIdentity(t, "")
	if s, err = microsoft.ManagedIdentity(refusing.ClientID, scope); err != nil {
		t.Fatal(err)
	}
	_, err = s.Token(t.Context())
	expect(t, err, providers.KindAuth, "token refused")
	if got := len(refusing.Resources()); got != 1 {
		t.Errorf("the platform was asked %d times, want once: the SDK's own retries take longer than a mail may", got)
	}
}

// tenant is the part of Microsoft's identity platform that a client secret meets. It answers for every host.
func tenant(t *testing.T, status int, answer string) (client *http.Client, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		authority := "https://login.microsoftonline.com/7f0e4c1a-0000-4000-8000-000000000001"
		switch {
		case strings.Contains(r.URL.Path, "/discovery/instance"):
			_, _ = fmt.Fprintf(w, `{"tenant_discovery_endpoint":"%s/v2.0/.well-known/openid-configuration","metadata":[{"preferred_network":"login.microsoftonline.com","preferred_cache":"login.windows.net","aliases":["login.microsoftonline.com"]}]}`, authority)
		case strings.HasSuffix(r.URL.Path, "/openid-configuration"):
			_, _ = fmt.Fprintf(w, `{"token_endpoint":"%s/oauth2/v2.0/token","authorization_endpoint":"%s/oauth2/v2.0/authorize","issuer":"%s/v2.0"}`, authority, authority, authority)
		default:
			asked.Add(1)
			if secret := r.FormValue("client_secret"); secret != "secret-of-the-client" {
				t.Errorf("the secret is %q", secret)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(answer))
		}
	}))
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	transport.TLSClientConfig.ServerName = "example.com"             // the name in httptest's certificate
	address := server.Listener.Addr().String()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}, asked
}

func TestClientSecret(t *testing.T) {
	t.Parallel()
	const tenantID, clientID = "7f0e4c1a-0000-4000-8000-000000000001", "9c1d4f20-0000-4000-8000-000000000002"
	for name, tt := range map[string]struct {
		status       int
		answer       string
		kind         providers.Kind
		code         string
		accessToken  string
		askedAtLeast int32
	}{
		"token":   {200, `{"access_token":"token-of-the-tenant","expires_in":3600,"token_type":"Bearer"}`, 0, "", "token-of-the-tenant", 1},
		"refused": {401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret for 9c1d4f20."}`, providers.KindAuth, "token refused", "", 1},
		"broken":  {503, `{"error":"temporarily_unavailable"}`, providers.KindTemporary, "token unavailable", "", 1},
		"busy":    {429, `{"error":"too_many"}`, providers.KindTemporary, "token unavailable", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, asked := tenant(t, tt.status, tt.answer)
			s, err := microsoft.ClientSecret(tenantID, clientID, "secret-of-the-client", scope, client)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Token(t.Context())
			if tt.code != "" {
				expect(t, err, tt.kind, tt.code)
			} else if err != nil || got != tt.accessToken {
				t.Errorf("Token gave %q, %v", got, err)
			}
			if asked.Load() != tt.askedAtLeast {
				t.Errorf("the tenant was asked %d times, want %d", asked.Load(), tt.askedAtLeast)
			}
		})
	}
}

func expect(t *testing.T, err error, kind providers.Kind, code string) {
	t.Helper()
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != kind || failure.Code != code {
		t.Errorf("the failure is %v, want %v (%s)", err, kind, code)
	}
	if err != nil && strings.Contains(err.Error(), "7f0e4c1a") {
		t.Errorf("%q quotes the platform", err)
	}
}
