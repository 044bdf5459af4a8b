package ses_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoe/providers"
	"byoe/providers/providertest"
	"byoe/providers/ses"
)

const identityToken = "token-of-the-platform"

// tokenService is AWS's, as far as AssumeRoleWithWebIdentity goes.
type tokenService struct {
	url   string
	asked atomic.Int32
	over  chan struct{} // the test ends

	status int
	code   string
	takes  time.Duration
}

func newTokenService(t *testing.T) *tokenService {
	t.Helper()
	s := &tokenService{status: http.StatusOK, over: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := s.asked.Add(1)
		if r.FormValue("Action") != "AssumeRoleWithWebIdentity" || r.FormValue("WebIdentityToken") != identityToken ||
			r.FormValue("RoleArn") != roleARN || r.FormValue("RoleSessionName") != "byoe" || r.Header.Get("Authorization") != "" {
			t.Errorf("asked for %v", r.Form)
		}
		select {
		case <-time.After(s.takes):
		case <-s.over:
		}
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(s.status)
		if s.status != http.StatusOK {
			_, _ = fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, s.code, identityToken)
			return
		}
		_, _ = fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA%d</AccessKeyId>`+
			`<SecretAccessKey>s</SecretAccessKey><SessionToken>session-of-the-role</SessionToken><Expiration>%s</Expiration></Credentials>`+
			`</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, n, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(func() { close(s.over); server.Close() })
	s.url = server.URL
	return s
}

func withTokenService(t *testing.T, vendor string, service *tokenService) *ses.Provider {
	t.Helper()
	platform := providertest.NewIdentity(t, identityToken)
	c := withRole(testConfig(strings.TrimPrefix(vendor, "http://")))
	c.IdentityClientID, c.STSEndpointURL = platform.ClientID, service.url
	return connect(t, c)
}

func TestRole(t *testing.T) {
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") })
	service := newTokenService(t)
	provider := withTokenService(t, r.URL, service)
	if err := provider.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			if _, err := provider.Send(t.Context(), providertest.Submission(n)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	header := r.Last(t).Header
	if !strings.Contains(header.Get("Authorization"), "Credential=ASIA1/") || header.Get("X-Amz-Security-Token") != "session-of-the-role" {
		t.Errorf("the mail is signed with %q", header.Get("Authorization"))
	}
	if service.asked.Load() != 1 {
		t.Errorf("the role was assumed %d times, want once", service.asked.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	provider.Run(ctx) // ends with its context
}

// No role is no mail, and never leaves it open whether there was one.
func TestRoleRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		code   string
		kind   providers.Kind
		want   string
	}{
		"denied":         {403, "AccessDenied", providers.KindAuth, "role AccessDenied"},
		"token":          {400, "InvalidIdentityToken", providers.KindAuth, "role InvalidIdentityToken"},
		"claim":          {403, "IDPRejectedClaim", providers.KindAuth, "role IDPRejectedClaim"},
		"expired":        {400, "ExpiredTokenException", providers.KindAuth, "role ExpiredTokenException"},
		"keys not there": {400, "IDPCommunicationError", providers.KindTemporary, "role unavailable"},
		"broken":         {503, "ServiceUnavailable", providers.KindTemporary, "role unavailable"},
		"quoting":        {400, identityToken, providers.KindTemporary, "role unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") })
			service := newTokenService(t)
			service.status, service.code = tt.status, tt.code
			provider := withTokenService(t, r.URL, service)
			_, err := provider.Send(t.Context(), providertest.Submission(1))
			failure, ok := errors.AsType[*providers.Error](err)
			if !ok || failure.Kind != tt.kind || failure.Code != tt.want || len(r.Requests()) != 0 {
				t.Errorf("Send gave %v after %d mails, want %v (%s) and none", err, len(r.Requests()), tt.kind, tt.want)
			}
		})
	}
}

func TestRoleInTime(t *testing.T) {
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") })
	service := newTokenService(t)
	service.takes = time.Minute
	provider := withTokenService(t, r.URL, service)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := provider.Send(ctx, providertest.Submission(1))
	failure, ok := errors.AsType[*providers.Error](err)
	if !ok || failure.Kind != providers.KindTemporary || failure.Code != "role timeout" || time.Since(start) > time.Second {
		t.Errorf("Send gave %v after %v", err, time.Since(start))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	r := providertest.Record(t, func(w http.ResponseWriter, _ *http.Request) { accept(w, "id-1") })
	proven, err := connect(t, testConfig(strings.TrimPrefix(r.URL, "http://"))).Check(t.Context(), providertest.Submission(1))
	if body := string(r.Last(t).Body); err != nil || proven == "" || !strings.Contains(body, "success@simulator.amazonses.com") || strings.Contains(body, "person-000001") {
		t.Errorf("Check gave %q, %v; the mail went to %s", proven, err, body)
	}
}
