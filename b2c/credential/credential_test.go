package credential_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"byoe/auth"
	"byoe/b2c/credential"
	"byoe/redact"
)

const (
	first      = "first-0123456789abcdef0123456789"
	second     = "second-0123456789abcdef0123456789"
	tenantID   = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	audienceID = "00001111-aaaa-2222-bbbb-3333cccc4444"
	policiesID = "11112222-bbbb-3333-cccc-4444dddd5555"
	otherID    = "22223333-cccc-4444-dddd-5555eeee6666"
	authority  = "https://login.microsoftonline.com/{tenant}/v2.0"
)

// tokens takes those of two applications.
func tokens() credential.Config {
	return credential.Config{BearerTenant: tenantID, BearerAudience: audienceID, BearerApps: []string{otherID, policiesID}, BearerAuthority: authority}
}

func with(pairs ...string) http.Header {
	header := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		header.Add(pairs[i], pairs[i+1])
	}
	return header
}

func basic(username, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
}

func open(t *testing.T, c credential.Config) *credential.Checker {
	t.Helper()
	c.BearerAuthority = orElse(c.BearerAuthority, authority)
	if problems := c.Validate(); len(problems) > 0 {
		t.Fatalf("the test's own settings: %v", problems)
	}
	checker, err := credential.New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

func TestKeysAndPasswords(t *testing.T) {
	t.Parallel()
	keys := credential.Config{APIKeys: redact.NewSecret(first + ", " + second)}
	named := credential.Config{APIKeys: keys.APIKeys, APIKeyHeader: "X-Policy-Key"}
	passwords := credential.Config{BasicUsername: "b2c", BasicPasswords: redact.NewSecret(first + "," + second)}
	both := credential.Config{APIKeys: redact.NewSecret(first), BasicUsername: "b2c", BasicPasswords: redact.NewSecret(second)}
	for name, tt := range map[string]struct {
		config credential.Config
		header http.Header
		good   bool
	}{
		"key":                             {keys, with("x-api-key", first), true},
		"the other key":                   {keys, with("X-API-KEY", second), true},
		"no key":                          {keys, with(), false},
		"an empty key":                    {keys, with("x-api-key", ""), false},
		"another key":                     {keys, with("x-api-key", first+"x"), false},
		"a part of a key":                 {keys, with("x-api-key", first[:31]), false},
		"the list of keys":                {keys, with("x-api-key", first+", "+second), false},
		"two keys":                        {keys, with("x-api-key", first, "x-api-key", "x"), false},
		"the same key twice":              {keys, with("x-api-key", first, "x-api-key", first), false},
		"key in another field":            {keys, with("x-functions-key", first), false},
		"key as a token":                  {keys, with("Authorization", "Bearer "+first), false},
		"key as a password":               {keys, with("Authorization", basic("", first)), false},
		"named field":                     {named, with("x-policy-key", second), true},
		"the default field beside it":     {named, with("x-api-key", second), false},
		"password":                        {passwords, with("Authorization", basic("b2c", first)), true},
		"the other password":              {passwords, with("Authorization", basic("b2c", second)), true},
		"scheme in lower case":            {passwords, with("Authorization", strings.Replace(basic("b2c", first), "Basic", "basic", 1)), true},
		"another user":                    {passwords, with("Authorization", basic("B2C", first)), false},
		"no user":                         {passwords, with("Authorization", basic("", first)), false},
		"another password":                {passwords, with("Authorization", basic("b2c", first+"x")), false},
		"no password":                     {passwords, with("Authorization", basic("b2c", "")), false},
		"no colon":                        {passwords, with("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("b2c"))), false},
		"no base64":                       {passwords, with("Authorization", "Basic b2c:"+first), false},
		"two passwords":                   {passwords, with("Authorization", basic("b2c", first), "Authorization", basic("b2c", first)), false},
		"password as a key":               {passwords, with("x-api-key", first), false},
		"either":                          {both, with("x-api-key", first), true},
		"or":                              {both, with("Authorization", basic("b2c", second)), true},
		"a good one beside another's":     {both, with("x-api-key", first, "Authorization", "Bearer of-a-gateway"), true},
		"swapped":                         {both, with("x-api-key", second, "Authorization", basic("b2c", first)), false},
		"nothing is configured":           {credential.Config{}, with("x-api-key", "", "Authorization", basic("", "")), false},
		"nothing is configured nor comes": {credential.Config{}, with(), false},
	} {
		err := open(t, tt.config).Check(t.Context(), tt.header)
		refusal, refused := errors.AsType[*credential.Refusal](err)
		if (err == nil) != tt.good || !tt.good && (!refused || refusal.Token != nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && err.Error() != "credential refused" {
			t.Errorf("%s: the refusal says %q", name, err)
		}
	}
}

// issuer is a tenant that publishes its key and signs tokens with it.
type issuer struct{ key *rsa.PrivateKey }

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{key}
}

func (i issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	document := map[string]any{"issuer": "https://login.microsoftonline.com/" + tenantID + "/v2.0", "jwks_uri": "https://login.microsoftonline.com/keys"}
	if req.URL.Path == "/keys" {
		document = map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "use": "sig", "kid": "k1", "e": "AQAB", "n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()),
		}}}
	}
	body, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
}

// token is what an application of that tenant gets for its client credentials.
func (i issuer) token(t *testing.T, version string) string {
	t.Helper()
	now := time.Now().Unix()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"aud": audienceID, "iss": "https://login.microsoftonline.com/" + tenantID + "/v2.0", "tid": tenantID, "ver": version,
		"azp": policiesID, "appid": policiesID, "iat": now, "nbf": now, "exp": now + 3599,
	})
	token.Header["kid"] = "k1"
	signed, err := token.SignedString(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// Tokens are checked as Entra's are (package auth); what is tested here is that the settings get there, and that what is
// logged of a refusal names ours.
func TestTokens(t *testing.T) {
	t.Parallel()
	tenant := newIssuer(t)
	token := tenant.token(t, "2.0")
	for name, tt := range map[string]struct {
		change func(*credential.Config)
		token  string
		check  auth.Check
		remedy string
	}{
		"good":             {func(*credential.Config) {}, token, "", ""},
		"App ID URI":       {func(c *credential.Config) { c.BearerAudience = "api://host/" + audienceID }, token, "", ""},
		"another audience": {func(c *credential.Config) { c.BearerAudience = otherID }, token, auth.CheckAudience, "B2C_BEARER_AUDIENCE"},
		"another app":      {func(c *credential.Config) { c.BearerApps = []string{otherID} }, token, auth.CheckCaller, "B2C_BEARER_ALLOWED_APPS"},
		"another tenant":   {func(c *credential.Config) { c.BearerTenant = otherID }, token, auth.CheckTenant, "B2C_BEARER_TENANT_ID"},
		"v1":               {func(*credential.Config) {}, tenant.token(t, "1.0"), auth.CheckVersion, "B2C_BEARER_ACCEPT_V1"},
		"v1 accepted":      {func(c *credential.Config) { c.BearerV1 = true }, tenant.token(t, "1.0"), "", ""},
		"a forged token":   {func(*credential.Config) {}, newIssuer(t).token(t, "2.0"), auth.CheckSignature, ""},
		"no token":         {func(*credential.Config) {}, "", auth.CheckScheme, ""},
	} {
		c := tokens()
		tt.change(&c)
		checker, err := credential.New(c, tenant)
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { checker.Run(running, func(auth.KeyFailure) {}); close(ended) }()
		err = checker.Check(t.Context(), with("Authorization", "Bearer "+tt.token))
		refusal, refused := errors.AsType[*credential.Refusal](err)
		switch {
		case tt.check == "" && (err != nil || !checker.Ready()):
			t.Errorf("%s: %v", name, err)
		case tt.check == "":
		case !refused || refusal.Token == nil || refusal.Token.Check != tt.check:
			t.Errorf("%s: %v, want a refusal for %s", name, err, tt.check)
		case tt.remedy == "" && refusal.Token.Remedy != "", !strings.Contains(refusal.Token.Remedy, tt.remedy), strings.Contains(refusal.Token.Remedy, "ENTRA_"):
			t.Errorf("%s: remedy %q", name, refusal.Token.Remedy)
		}
		stop()
		<-ended
	}
}

// down refuses every connection.
type down struct{}

func (down) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("down") }

func TestKeysThatCannotBeHad(t *testing.T) {
	t.Parallel()
	c := tokens()
	c.APIKeys = redact.NewSecret(first)
	checker, err := credential.New(c, down{})
	if err != nil {
		t.Fatal(err)
	}
	if checker.Ready() {
		t.Error("ready without keys")
	}
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"k"}`))
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"tid":"` + tenantID + `"}`))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := checker.Check(ctx, with("Authorization", "Bearer "+header+"."+claims+".AAAA")); !errors.Is(err, auth.ErrKeysUnavailable) {
		t.Errorf("Check gave %v", err)
	}
	if err := checker.Check(t.Context(), with("x-api-key", first)); err != nil {
		t.Errorf("a key needs no keys of a tenant: %v", err)
	}
	if !open(t, credential.Config{APIKeys: redact.NewSecret(first)}).Ready() {
		t.Error("not ready where there are no tokens")
	}
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	const wantBasic, wantKey, wantBearer = `Basic realm="byoe", charset="UTF-8"`, `ApiKey realm="byoe"`, `Bearer realm="byoe"`
	c := credential.Config{BasicUsername: "b2c", BasicPasswords: redact.NewSecret(first)}
	for want, c := range map[string]credential.Config{
		wantBasic:                 c,
		wantKey:                   {APIKeys: redact.NewSecret(first)},
		wantBearer:                tokens(),
		wantBasic + "|" + wantKey: {BasicUsername: "b2c", BasicPasswords: redact.NewSecret(first), APIKeys: redact.NewSecret(first)},
	} {
		if got := strings.Join(open(t, c).Challenges(), "|"); got != want {
			t.Errorf("challenges are %q, want %q", got, want)
		}
	}
}

func TestNothingIsPrinted(t *testing.T) {
	t.Parallel()
	c := credential.Config{BasicUsername: "b2c", BasicPasswords: redact.NewSecret(first), APIKeys: redact.NewSecret(second)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		for _, printed := range []string{fmt.Sprintf(verb, c), fmt.Sprintf(verb, open(t, c))} {
			if strings.Contains(printed, "0123456789abcdef") || strings.Contains(printed, fmt.Sprintf("%x", first)) {
				t.Errorf("%s shows a secret: %s", verb, printed)
			}
		}
	}
}
