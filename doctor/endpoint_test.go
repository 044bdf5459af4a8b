package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"byoe/auth"
	"byoe/doctor"
	"byoe/redact"
)

// authority is a certificate authority of the test's own.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	roots       *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a := &authority{roots: x509.NewCertPool()}
	a.certificate, a.key = sign(t, template, nil, nil)
	a.roots.AddCert(a.certificate)
	return a
}

// sign makes a certificate; without a parent it signs itself.
func sign(t *testing.T, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// serve starts a server of https with a certificate for this name and time.
func (a *authority) serve(t *testing.T, h http.Handler, name string, days int) string {
	t.Helper()
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: time.Now().Add(-100 * 24 * time.Hour),
		NotAfter: time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	certificate, key := sign(t, leaf, a.certificate, a.key)
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/api/EmailOtpSend"
}

// webhook answers as byoe does.
func webhook(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/api/Health"):
		_, _ = w.Write([]byte("ok\n"))
	case !strings.HasSuffix(r.URL.Path, "/api/EmailOtpSend"):
		w.WriteHeader(http.StatusNotFound)
	default:
		refuse(w, http.StatusUnauthorized, "token_refused")
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"type":"about:blank","code":"` + code + `"}`))
}

func endpoint(target string, roots *x509.CertPool) doctor.Endpoint {
	return doctor.Endpoint{
		Target: func() string { return target }, Transport: &doctor.Transport{Roots: roots},
		Audiences: []string{clientID}, TenantID: tenantID, CallerAppID: callerID,
	}
}

// checkOf makes one check without those that it rests on.
func checkOf(t *testing.T, e doctor.Endpoint, id string) doctor.Result {
	t.Helper()
	for _, c := range e.Checks() {
		if c.ID == id {
			return look(t, c)[0]
		}
	}
	t.Fatalf("no check %s", id)
	return doctor.Result{}
}

func TestEndpointInOrder(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	e := endpoint(a.serve(t, http.HandlerFunc(webhook), "localhost", 60), a.roots)
	results := doctor.Run(t.Context(), e.Checks())
	for id, evidence := range map[string]string{
		"endpoint.url": "/api/EmailOtpSend", "endpoint.tls": "TLS 1.3, the certificate is good for 60 days", "endpoint.health": "200",
		"endpoint.latency": "p90", "endpoint.anonymous": "401 token_refused", "endpoint.forged": "401 token_refused",
	} {
		want(t, find(t, results, id), doctor.OK, evidence, "")
	}
	want(t, find(t, results, "endpoint.genuine"), doctor.Skip, "no other application", "AZURE_CLIENT_ID")
}

func TestEndpointUnknown(t *testing.T) {
	t.Parallel()
	results := doctor.Run(t.Context(), endpoint("", nil).Checks())
	want(t, results[0], doctor.Skip, "not known", "--endpoint")
	want(t, results[1], doctor.Skip, "Endpoint's URL", "")
}

func TestEndpointURL(t *testing.T) {
	t.Parallel()
	e := endpoint("http://app.example/api/EmailOtpSend", nil)
	want(t, checkOf(t, e, "endpoint.url"), doctor.Fail, "not https", "1003020")
	e = endpoint("https://app.example/api/EmailOtpSend?code=hunter2", nil)
	e.Audiences = []string{"api://old.example/" + clientID}
	want(t, checkOf(t, e, "endpoint.url"), doctor.Fail, "host old.example, the endpoint has app.example", "1003015")
	e.Audiences = []string{"api://app.example/" + clientID}
	r := checkOf(t, e, "endpoint.url")
	want(t, r, doctor.OK, "app.example/api/EmailOtpSend", "")
	if strings.Contains(r.Evidence, "hunter2") {
		t.Error("the function key is told")
	}
}

func TestEndpointTLS(t *testing.T) {
	t.Parallel()
	a, stranger := newAuthority(t), newAuthority(t)
	h := http.HandlerFunc(webhook)
	for name, tt := range map[string]struct {
		target           string
		roots            *x509.CertPool
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"runs out soon":     {a.serve(t, h, "localhost", 20), a.roots, doctor.Warn, "good for 20 days", "Renew"},
		"has run out":       {a.serve(t, h, "localhost", -1), a.roots, doctor.Fail, "out of date", "Renew"},
		"another name":      {a.serve(t, h, "app.example", 60), a.roots, doctor.Fail, "another name", "Bind a certificate"},
		"unknown authority": {a.serve(t, h, "localhost", 60), stranger.roots, doctor.Fail, "issuer is not known, and the server sent no intermediate", "whole chain"},
		"nobody there":      {"https://localhost:1/api/EmailOtpSend", a.roots, doctor.Fail, "connection refused", "Start the app"},
		"no such host":      {"https://nowhere.invalid/api/EmailOtpSend", a.roots, doctor.Fail, "does not resolve", "Mend the URL"},
		"plain http":        {strings.Replace(httpServer(t, webhook), "localhost", "127.0.0.1", 1), nil, doctor.OK, "loopback", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, checkOf(t, endpoint(tt.target, tt.roots), "endpoint.tls"), tt.verdict, tt.evidence, tt.remedy)
		})
	}
}

func httpServer(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL + "/api/EmailOtpSend"
}

// answer is a server that says always the same.
func answer(t *testing.T, status int, header map[string]string, body string) doctor.Endpoint {
	t.Helper()
	return endpoint(httpServer(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}), nil)
}

func TestEndpointInTheWay(t *testing.T) {
	t.Parallel()
	html := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	for name, tt := range map[string]struct {
		endpoint         doctor.Endpoint
		evidence, remedy string
	}{
		"redirect":           {answer(t, 301, map[string]string{"Location": "https://www.app.example/?code=hunter2"}, ""), "redirect (301)", "final URL"},
		"Cloudflare":         {answer(t, 403, map[string]string{"Cf-Mitigated": "challenge", "Server": "cloudflare"}, ""), "Cloudflare stands in the way", "without bot checks"},
		"Cloudflare, a page": {answer(t, 503, map[string]string{"Cf-Ray": "x", "Content-Type": "text/html"}, "<html>"), "Cloudflare stands in the way", "without bot checks"},
		"AWS":                {answer(t, 202, map[string]string{"X-Amzn-Waf-Action": "challenge"}, ""), "Amazon CloudFront", "without bot checks"},
		"Front Door":         {answer(t, 403, map[string]string{"X-Azure-Ref": "x", "Content-Type": "text/html"}, "<html>"), "Azure Front Door", "without bot checks"},
		"Vercel":             {answer(t, 429, map[string]string{"X-Vercel-Mitigated": "challenge"}, ""), "Vercel", "without bot checks"},
		"Akamai":             {answer(t, 403, map[string]string{"Server": "AkamaiGHost", "Content-Type": "text/html"}, "<HTML>"), "Akamai", "without bot checks"},
		"DataDome":           {answer(t, 403, map[string]string{"X-Datadome": "protected", "Content-Type": "text/html"}, "<html>"), "DataDome", "without bot checks"},
		"Imperva":            {answer(t, 200, map[string]string{"X-Iinfo": "1", "Content-Type": "text/html"}, "<html>"), "Imperva", "without bot checks"},
		"a stopped app":      {answer(t, 403, html, "<!DOCTYPE html><title>Site Disabled</title>"), "a page (403)", "not stopped"},
		"a page by its look": {answer(t, 200, map[string]string{"Content-Type": "text/plain"}, "\n <!doctype HTML>"), "a page (200)", "Easy Auth"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, id := range []string{"endpoint.health", "endpoint.anonymous", "endpoint.forged"} {
				r := checkOf(t, tt.endpoint, id)
				want(t, r, doctor.Fail, tt.evidence, tt.remedy)
				if strings.Contains(r.Evidence, "hunter2") {
					t.Error("a redirect's target is told")
				}
			}
		})
	}
}

func TestEndpointHealth(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status           int
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"no keys":   {503, doctor.Fail, "no signing keys", "metadata"},
		"a key":     {401, doctor.Warn, "function key", "authLevel"},
		"not found": {404, doctor.Fail, "404", "whole URL"},
		"broken":    {500, doctor.Fail, "500", "log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, checkOf(t, answer(t, tt.status, nil, ""), "endpoint.health"), tt.verdict, tt.evidence, tt.remedy)
		})
	}
	want(t, checkOf(t, endpoint("http://127.0.0.1:1/api/EmailOtpSend", nil), "endpoint.health"), doctor.Fail, "connection refused", "Start the app")
}

// The key of the URL goes with the question for the health, and the path is beside the function's.
func TestEndpointHealthURL(t *testing.T) {
	t.Parallel()
	var asked sync.Map
	target := httpServer(t, func(_ http.ResponseWriter, r *http.Request) { asked.Store(r.URL.String(), true) })
	for _, suffix := range []string{"?code=k", "/?code=k"} {
		checkOf(t, endpoint(target+suffix, nil), "endpoint.health")
	}
	asked.Range(func(url, _ any) bool {
		if url != "/api/Health?code=k" {
			t.Errorf("asked for %v", url)
		}
		return true
	})
}

func TestEndpointRefusal(t *testing.T) {
	t.Parallel()
	problem := func(code string) string { return `{"code":"` + code + `"}` }
	challenge := map[string]string{"Www-Authenticate": "Bearer"}
	for name, tt := range map[string]struct {
		endpoint         doctor.Endpoint
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"let in":              {answer(t, 200, nil, "{}"), doctor.Fail, "got past the token (200): anybody", "off the internet"},
		"looked at the body":  {answer(t, 400, nil, problem("not_this_event")), doctor.Fail, "got past the token (400)", "off the internet"},
		"no keys":             {answer(t, 503, nil, problem("keys_unavailable")), doctor.Fail, "no signing keys", "metadata"},
		"no function":         {answer(t, 404, nil, ""), doctor.Fail, "nothing takes a POST", "whole URL"},
		"broken":              {answer(t, 502, nil, ""), doctor.Fail, "502", "log"},
		"not ours":            {answer(t, 401, challenge, ""), doctor.Warn, "not by byoe", "Easy Auth lets"},
		"not ours, forbidden": {answer(t, 403, nil, ""), doctor.Warn, "not by byoe", "lets Entra's token through"},
		"header lost":         {answer(t, 401, nil, problem("token_refused")), doctor.Warn, "took WWW-Authenticate out", "Let the header through"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, id := range []string{"endpoint.anonymous", "endpoint.forged"} {
				r := checkOf(t, tt.endpoint, id)
				if strings.Contains(tt.remedy, "Easy Auth lets") {
					tt.remedy = "lets Entra's token through"
				}
				want(t, r, tt.verdict, tt.evidence, tt.remedy)
			}
		})
	}
}

// A call of doctor's can mail nobody, and its forged token is right in all but the signature.
func TestEndpointCalls(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var tokens []string
	target := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if string(body) != "{}" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s with %s", r.Method, body)
		}
		tokens = append(tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		refuse(w, http.StatusUnauthorized, "token_refused")
	})
	e := endpoint(target, nil)
	want(t, checkOf(t, e, "endpoint.anonymous"), doctor.OK, "", "")
	want(t, checkOf(t, e, "endpoint.forged"), doctor.OK, "", "")
	if len(tokens) != 2 || tokens[0] != "" {
		t.Fatalf("%d calls", len(tokens))
	}
	verifier, err := auth.New(newIssuer(t, nil).config(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(t.Context(), []string{"Bearer " + tokens[1]}); err == nil || err.Error() != "token refused: key" {
		t.Errorf("the forged token comes to %v", err)
	}
}

func TestEndpointSlow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		takes            time.Duration
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"too little left": {500 * time.Millisecond, doctor.Warn, "too little is left", "nearer"},
		"no end":          {time.Hour, doctor.Fail, "no answer within 4s", "warm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := endpoint(httpServer(t, func(_ http.ResponseWriter, r *http.Request) {
				select {
				case <-time.After(tt.takes):
				case <-r.Context().Done():
				}
			}), nil)
			want(t, checkOf(t, e, "endpoint.latency"), tt.verdict, tt.evidence, tt.remedy)
		})
	}
}

func TestEndpointGenuine(t *testing.T) {
	t.Parallel()
	secret := redact.NewSecret(otherSecret)
	for name, tt := range map[string]struct {
		change           func(*issuer)
		config           func(*auth.Config)
		secret           redact.Secret
		status           int
		verdict          doctor.Verdict
		evidence, remedy string
	}{
		"refused for the caller": {nil, nil, secret, 401, doctor.OK, "refused for the caller", ""},
		"let in":                 {nil, nil, secret, 400, doctor.Fail, "by another application got past", "off the internet"},
		"wrong secret":           {func(i *issuer) { i.tokenCode = 7000215 }, nil, redact.NewSecret("hunter2"), 401, doctor.Skip, "AADSTS7000215", "secret is right"},
		"token of version 1":     {func(i *issuer) { i.claims = map[string]any{"ver": "1.0", "appid": "other"} }, nil, secret, 401, doctor.Fail, "version 1.0", "requestedAccessTokenVersion"},
		"version 1 accepted":     {func(i *issuer) { i.claims = map[string]any{"ver": "1.0", "appid": "other"} }, func(c *auth.Config) { c.AcceptV1 = true }, secret, 401, doctor.OK, "refused for the caller", ""},
		"other audience":         {func(i *issuer) { i.claims = map[string]any{"aud": "other"} }, nil, secret, 401, doctor.Fail, "“aud”", "ENTRA_AUDIENCE"},
		"other issuer":           {func(i *issuer) { i.claims = map[string]any{"iss": "https://login.example/"} }, nil, secret, 401, doctor.Fail, "“iss”", "claims"},
		"other key":              {func(i *issuer) { i.keys = map[string]any{"keys": []any{i.jwk("k2", "sig")}} }, nil, secret, 401, doctor.Fail, "“key”", "claims"},
		"no keys":                {func(i *issuer) { i.keys = map[string]any{} }, nil, secret, 401, doctor.Fail, "signing keys cannot be had", "metadata"},
		"the caller itself":      {func(i *issuer) { i.claims = map[string]any{"azp": callerID} }, nil, secret, 401, doctor.Warn, "ENTRA_CALLER_APP_ID names", "another application"},
		"no metadata":            {func(i *issuer) { i.status = 404 }, nil, secret, 401, doctor.Skip, "metadata could not be had", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t, tt.change)
			e := endpoint(httpServer(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, tt.status, "token_refused") }), nil)
			e.Genuine = &doctor.Genuine{ClientID: "00000000-1111-2222-3333-444444444444", ClientSecret: tt.secret, Auth: i.config()}
			if tt.config != nil {
				tt.config(&e.Genuine.Auth)
			}
			r := checkOf(t, e, "endpoint.genuine")
			want(t, r, tt.verdict, tt.evidence, tt.remedy)
			for _, private := range []string{otherSecret, "hunter2", "eyJ"} {
				if strings.Contains(r.Evidence+r.Remedy, private) {
					t.Errorf("%q is told", private)
				}
			}
		})
	}
}
