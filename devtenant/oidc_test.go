package devtenant_test

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"byoe/devtenant"
)

// decode reads JSON into a value of that type.
func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	err := json.Unmarshal([]byte(text), &value)
	if err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	return value
}

// verify checks a token with the keys that the tenant publishes now, the way that a webhook does.
func verify(t *testing.T, tenant *devtenant.Tenant, token string) (*jwt.Token, error) {
	t.Helper()
	metadata := decode[map[string]any](t, get(t, tenant.Authority()+"/.well-known/openid-configuration").body)
	keysURI, _ := metadata["jwks_uri"].(string)
	keys, err := keyfunc.NewJWKSetJSON([]byte(get(t, keysURI).body))
	if err != nil {
		t.Fatalf("the key set: %v", err)
	}
	issuer, _ := metadata["issuer"].(string)
	return jwt.Parse(token, keys.Keyfunc, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(issuer),
		jwt.WithAudience(devtenant.Audience), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
}

// sign returns a token of the tenant.
func sign(t *testing.T, tenant *devtenant.Tenant, options ...devtenant.TokenOption) string {
	t.Helper()
	token, err := tenant.Token(options...)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	got := decode[map[string]any](t, get(t, tenant.Authority()+"/.well-known/openid-configuration").body)
	base := tenant.URL() + "/" + devtenant.TenantID
	for member, want := range map[string]any{
		"issuer":                                base + "/v2.0",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"id_token_signing_alg_values_supported": []any{"RS256"},
		"subject_types_supported":               []any{"pairwise"},
	} {
		if diff := cmp.Diff(want, got[member]); diff != "" {
			t.Errorf("%s: %s", member, diff)
		}
	}
}

func TestTheTenantsPathIsComparedWithoutCase(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	get(t, tenant.URL()+"/"+strings.ToUpper(devtenant.TenantID)+"/v2.0/.well-known/openid-configuration")
	for _, path := range []string{"/v2.0/.well-known/openid-configuration", "/discovery/v2.0/keys"} {
		got := ask(t, http.MethodGet, tenant.URL()+"/00000000-0000-0000-0000-000000000000"+path, "")
		if got.status != http.StatusNotFound {
			t.Errorf("another tenant's %s: status %d", path, got.status)
		}
	}
}

func TestKeysAreWholeAndConsistent(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	body := get(t, tenant.URL()+"/"+devtenant.TenantID+"/discovery/v2.0/keys").body

	set := decode[jwkset.JWKSMarshal](t, body)
	if len(set.Keys) != 1 {
		t.Fatalf("%d keys", len(set.Keys))
	}
	key := set.Keys[0]
	certificate, err := base64.StdEncoding.DecodeString(key.X5C[0])
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.CheckSignature(parsed.SignatureAlgorithm, parsed.RawTBSCertificate, parsed.Signature); err != nil {
		t.Errorf("the certificate is not signed by its own key: %v", err)
	}
	if now := time.Now(); now.Before(parsed.NotBefore) || now.After(parsed.NotAfter) {
		t.Error("the certificate is not valid now")
	}
	thumbprint := sha1.Sum(certificate)
	if want := base64.RawURLEncoding.EncodeToString(thumbprint[:]); key.X5T != want || key.KID != want {
		t.Errorf("x5t %q and kid %q, want %q", key.X5T, key.KID, want)
	}
	public, err := jwkset.NewJWKFromMarshal(key, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		t.Fatalf("jwkset refuses the key: %v", err)
	}
	if diff := cmp.Diff(parsed.PublicKey, public.Key()); diff != "" {
		t.Errorf("the certificate is about another key: %s", diff)
	}
	raw := decode[struct {
		Keys []struct{ Kty, Use, Issuer, N string }
	}](t, body).Keys[0]
	if raw.Kty != "RSA" || raw.Use != "sig" || raw.Issuer != tenant.Authority() {
		t.Errorf("kty %q, use %q, issuer %q", raw.Kty, raw.Use, raw.Issuer)
	}
	if bits := len(raw.N) * 6 / 8 * 8; bits != 2048 {
		t.Errorf("a modulus of %d bits", bits)
	}
}

func TestATokenIsEntras(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	token, err := verify(t, tenant, sign(t, tenant))
	if err != nil {
		t.Fatal(err)
	}
	claims, _ := token.Claims.(jwt.MapClaims)
	names := make([]string, 0, len(claims))
	for name := range claims {
		names = append(names, name)
	}
	slices.Sort(names)
	if got, want := strings.Join(names, " "), "aio aud azp azpacr exp iat iss nbf oid rh sub tid uti ver"; got != want {
		t.Errorf("claims %q, want %q", got, want)
	}
	for claim, want := range map[string]any{
		"aud": devtenant.Audience, "iss": tenant.Authority(), "tid": devtenant.TenantID, "azp": devtenant.CallerAppID,
		"azpacr": "2", "ver": "2.0", "oid": claims["sub"],
	} {
		if claims[claim] != want {
			t.Errorf("%s is %v, want %v", claim, claims[claim], want)
		}
	}
	issued, _ := claims["iat"].(float64)
	expires, _ := claims["exp"].(float64)
	if age := time.Since(time.Unix(int64(issued), 0)); age < 0 || age > time.Minute {
		t.Errorf("issued %v ago", age)
	}
	if lifetime := expires - issued; lifetime != 3599 {
		t.Errorf("lives for %v s", lifetime)
	}
	if claims["nbf"] != claims["iat"] {
		t.Error("nbf and iat differ")
	}
	if token.Header["typ"] != "JWT" || token.Header["alg"] != "RS256" || len(token.Header) != 3 {
		t.Errorf("header %v", token.Header)
	}
}

func TestTokenOptions(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	parser := jwt.NewParser(jwt.WithoutClaimsValidation())

	token, _, err := parser.ParseUnverified(sign(t, tenant, devtenant.With("aud", "x"), devtenant.Without("azp"),
		devtenant.WithHeader("jku", "http://127.0.0.1/"), devtenant.WithoutHeader("typ")), jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	claims, _ := token.Claims.(jwt.MapClaims)
	if claims["aud"] != "x" {
		t.Errorf("aud is %v", claims["aud"])
	}
	if _, there := claims["azp"]; there {
		t.Error("azp is there")
	}
	if token.Header["jku"] != "http://127.0.0.1/" {
		t.Errorf("jku is %v", token.Header["jku"])
	}
	if _, there := token.Header["typ"]; there {
		t.Error("typ is there")
	}

	_, err = verify(t, tenant, sign(t, tenant, devtenant.With("exp", time.Now().Add(-time.Hour).Unix())))
	if err == nil {
		t.Error("an expired token verifies")
	}
	_, err = verify(t, tenant, sign(t, tenant, devtenant.Forged()))
	if err == nil {
		t.Error("a forged token verifies")
	}
	_, err = verify(t, tenant, sign(t, tenant))
	if err != nil {
		t.Errorf("options of one token reached another: %v", err)
	}
}

func TestKeysRoll(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	before := sign(t, tenant)
	err := tenant.RollKeys()
	if err != nil {
		t.Fatal(err)
	}
	after := sign(t, tenant)

	old, err := verify(t, tenant, before)
	if err != nil {
		t.Errorf("the old key is no longer published: %v", err)
	}
	current, err := verify(t, tenant, after)
	if err != nil {
		t.Fatalf("the new key is not published: %v", err)
	}
	if old.Header["kid"] == current.Header["kid"] {
		t.Error("both tokens are signed with one key")
	}

	tenant.WithdrawOldKeys()
	_, err = verify(t, tenant, before)
	if err == nil {
		t.Error("a withdrawn key is still published")
	}
	_, err = verify(t, tenant, after)
	if err != nil {
		t.Errorf("the key in use was withdrawn: %v", err)
	}
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	tenant := start(t)
	endpoint := tenant.URL() + "/" + devtenant.TenantID + "/oauth2/v2.0/token"
	post := func(body string) reply {
		return ask(t, http.MethodPost, endpoint, body, "Content-Type", "application/x-www-form-urlencoded")
	}

	for _, form := range []string{
		"grant_type=client_credentials",
		"grant_type=client_credentials&client_id=a&client_secret=b&scope=" + url.QueryEscape("api://host/x/.default"),
		// What REST Client makes of the line that samples/EmailOtpSend.http has for another program.
		"grant_type=client_credentials&client_id=http-client%0A%0A%3E%20%7B%25%20client.global.set(%22bearer%22,%20x)%20%25%7D",
	} {
		got := post(form)
		if got.status != http.StatusOK {
			t.Fatalf("%q: status %d", form, got.status)
		}
		answer := decode[map[string]any](t, got.body)
		token, _ := answer["access_token"].(string)
		_, err := verify(t, tenant, token)
		if err != nil {
			t.Errorf("%q: %v", form, err)
		}
		delete(answer, "access_token")
		want := map[string]any{"token_type": "Bearer", "expires_in": 3599.0, "ext_expires_in": 3599.0}
		if diff := cmp.Diff(want, answer); diff != "" {
			t.Error(diff)
		}
		if got.header.Get("Cache-Control") != "no-store" {
			t.Error("the answer may be stored")
		}
	}

	cases := []struct{ name, form, kind string }{
		{"no grant", "client_id=a", "invalid_request"},
		{"another grant", "grant_type=password", "unsupported_grant_type"},
		{"a grant in the query", "", "invalid_request"},
		{"no form", "%zz", "invalid_request"},
		{"too large", "grant_type=client_credentials&x=" + strings.Repeat("x", 70_000), "invalid_request"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := ask(t, http.MethodPost, endpoint+"?grant_type=client_credentials", c.form,
				"Content-Type", "application/x-www-form-urlencoded")
			answer := decode[map[string]any](t, got.body)
			if got.status != http.StatusBadRequest || answer["error"] != c.kind || answer["error_description"] == "" {
				t.Errorf("status %d, error %v", got.status, answer["error"])
			}
		})
	}
	if got := ask(t, http.MethodGet, endpoint, ""); got.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", got.status)
	}
}
