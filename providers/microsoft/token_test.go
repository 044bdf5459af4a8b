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

// credentialFunc is a credential for one test.
type credentialFunc func(ctx context.Context) (azcore.AccessToken, error)

func (f credentialFunc) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return f(ctx)
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

// What a credential of the SDK returns at the end of its time is text: that the time is over must not be lost with it.
func TestFetchThatHidesItsTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := microsoft.NewSource(credentialFunc(func(ctx context.Context) (azcore.AccessToken, error) {
			<-ctx.Done()
			return azcore.AccessToken{}, errors.New("ClientSecretCredential: " + ctx.Err().Error())
		}), scope)
		_, err := s.Token(t.Context())
		expect(t, err, providers.KindTemporary, "token timeout")
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
		c.takes = time.Hour
		start := time.Now()
		want(t, s, fmt.Sprintf("token-%d", c.asked.Load()))
		if took := time.Since(start); took != 0 {
			t.Errorf("somebody waited %v for a token", took)
		}
		cancel()
		<-done
	})
}

// A platform that is away for a while costs Run nothing but that while.
func TestRunTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		var back atomic.Bool
		s := microsoft.NewSource(credentialFunc(func(context.Context) (azcore.AccessToken, error) {
			asked.Add(1)
			if !back.Load() {
				return azcore.AccessToken{}, errors.New("away")
			}
			return azcore.AccessToken{Token: "token", ExpiresOn: time.Now().Add(time.Hour)}, nil
		}), scope)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		synctest.Wait()
		_, err := s.Token(t.Context())
		expect(t, err, providers.KindTemporary, "token unavailable")
		back.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		before := asked.Load()
		want(t, s, "token")
		if n := asked.Load() - before; n != 0 {
			t.Errorf("somebody had to fetch %d times although Run runs", n)
		}
		cancel()
		<-done
	})
}

// The end of the process does not wait for the platform.
func TestRunEndsInTheMiddleOfAFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := microsoft.NewSource(&credential{takes: time.Hour}, scope)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		synctest.Wait()
		start := time.Now()
		cancel()
		<-done
		if took := time.Since(start); took != 0 {
			t.Errorf("Run took %v to end", took)
		}
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

// A platform that is broken is asked once, as everybody else is.
func TestManagedIdentityOfABrokenPlatform(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"message":"identity 9c1d4f20 is not to be had"}`))
	}))
	defer server.Close()
	t.Setenv("IDENTITY_ENDPOINT", server.URL)
	t.Setenv("IDENTITY_HEADER", "header")
	s, err := microsoft.ManagedIdentity("", scope)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Token(t.Context())
	expect(t, err, providers.KindTemporary, "token unavailable")
	if asked.Load() != 1 {
		t.Errorf("the platform was asked %d times, want once", asked.Load())
	}
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Without an answer nobody has refused anything.
func TestTenantThatIsNotReached(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: roundTripperFunc(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("no way to tenant 7f0e4c1a")
	})}
	s, err := microsoft.ClientSecret("7f0e4c1a-0000-4000-8000-000000000001", "9c1d4f20-0000-4000-8000-000000000002", "secret-of-the-client", scope, client)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Token(t.Context())
	expect(t, err, providers.KindTemporary, "token unavailable")
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
		status int
		answer string
		kind   providers.Kind
		code   string
		token  string
	}{
		"token":   {200, `{"access_token":"token-of-the-tenant","expires_in":3600,"token_type":"Bearer"}`, 0, "", "token-of-the-tenant"},
		"refused": {401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret for 9c1d4f20."}`, providers.KindAuth, "token refused", ""},
		"broken":  {503, `{"error":"temporarily_unavailable"}`, providers.KindTemporary, "token unavailable", ""},
		"busy":    {429, `{"error":"too_many"}`, providers.KindTemporary, "token unavailable", ""},
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
			} else if err != nil || got != tt.token {
				t.Errorf("Token gave %q, %v", got, err)
			}
			if asked.Load() != 1 {
				t.Errorf("the tenant was asked %d times, want once: the SDK's own retries take longer than a mail may", asked.Load())
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
	for _, private := range []string{"7f0e4c1a", "9c1d4f20", "secret", "token-of"} {
		if text := fmt.Sprintf("%v %+v %q", err, err, err); strings.Contains(text, private) {
			t.Errorf("%q quotes the platform", text)
		}
	}
}
