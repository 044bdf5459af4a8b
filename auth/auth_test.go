package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"byoe/auth"
)

const (
	tenantID   = "11111111-2222-3333-4444-555555555555"
	otherID    = "99999999-2222-3333-4444-555555555555"
	audienceID = "55555555-2222-3333-4444-555555555555"
	callerID   = "99045fe1-7639-4a75-9d4a-577b6ca3810f"
	authority  = "https://" + tenantID + ".ciamlogin.com/" + tenantID + "/v2.0"
)

// rsaKey makes a key once for all tests: it is the dearest thing here.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// endpoint stands for Entra's metadata and keys, without a socket so that synctest can own the time.
type endpoint struct {
	mu      sync.Mutex
	issuer  string
	answer  func(req *http.Request) *http.Response // in place of the keys, where it is not nil
	status  int
	delay   time.Duration
	jwksURI string
	keys    []map[string]string
	fetches atomic.Int32
	told    []auth.KeyFailure
}

// tell is told of fetches that fail.
func (e *endpoint) tell(f auth.KeyFailure) { e.set(func(e *endpoint) { e.told = append(e.told, f) }) }

func newEndpoint() *endpoint {
	return &endpoint{issuer: authority, status: http.StatusOK, jwksURI: authority + "/keys", keys: []map[string]string{publicKey("k1", rsaKey())}}
}

func (e *endpoint) set(change func(e *endpoint)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e)
}

func publicKey(kid string, key *rsa.PrivateKey) map[string]string {
	return map[string]string{
		"kty": "RSA", "use": "sig", "kid": kid,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

func (e *endpoint) RoundTrip(req *http.Request) (*http.Response, error) {
	e.mu.Lock()
	status, delay, answer := e.status, e.delay, e.answer
	document := map[string]any{"issuer": e.issuer, "jwks_uri": e.jwksURI}
	if !strings.HasSuffix(req.URL.Path, "openid-configuration") {
		e.fetches.Add(1)
		document = map[string]any{"keys": e.keys}
	}
	e.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if answer != nil && !strings.HasSuffix(req.URL.Path, "openid-configuration") {
		return answer(req), nil
	}
	body, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(string(body))), Request: req}, nil
}

func newVerifier(t testing.TB, e *endpoint, change func(c *auth.Config)) *auth.Verifier {
	t.Helper()
	c := auth.Config{
		TenantIDs:   []string{tenantID},
		Audiences:   []string{audienceID},
		Authority:   "https://{tenant}.ciamlogin.com/{tenant}/v2.0",
		CallerAppID: callerID,
	}
	if change != nil {
		change(&c)
	}
	if problems := c.Validate(); len(problems) != 0 {
		t.Fatalf("the test's own settings: %v", problems)
	}
	v, err := auth.New(c, e)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// genuine is what Entra's token holds, as captured in the field.
func genuine() jwt.MapClaims {
	now := time.Now().Unix()
	return jwt.MapClaims{
		"aud": audienceID, "iss": authority, "azp": callerID, "tid": tenantID, "ver": "2.0",
		"iat": now, "nbf": now, "exp": now + 3599,
		"oid": "34d97ed7-a7b1-4f58-a9a7-85770c2d5112", "sub": "34d97ed7-a7b1-4f58-a9a7-85770c2d5112",
	}
}

func sign(t testing.TB, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = "k1"
	for name, value := range header {
		token.Header[name] = value
		if value == nil {
			delete(token.Header, name)
		}
	}
	signed, err := token.SignedString(rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func bearer(token string) []string { return []string{"Bearer " + token} }

// wantRefusal fails unless err is a refusal for the given check.
func wantRefusal(t *testing.T, err error, check auth.Check) {
	t.Helper()
	_ = refusalFor(t, err, check)
}

// refusalFor returns the refusal, which must be for the given check.
func refusalFor(t *testing.T, err error, check auth.Check) *auth.Refusal {
	t.Helper()
	refusal, ok := errors.AsType[*auth.Refusal](err)
	if !ok {
		t.Fatalf("Verify gave %v, want a refusal for %s", err, check)
	}
	if refusal.Check != check {
		t.Fatalf("refused for %s, want %s", refusal.Check, check)
	}
	return refusal
}

func TestFurtherCallers(t *testing.T) {
	t.Parallel()
	claims := genuine()
	claims["azp"] = strings.ToUpper(otherID)
	token := sign(t, nil, claims)
	more := newVerifier(t, newEndpoint(), func(c *auth.Config) { c.MoreCallers = []string{audienceID, otherID} })
	if caller, err := more.Verify(t.Context(), bearer(token)); err != nil || caller.AppID != otherID {
		t.Errorf("caller %q, %v", caller.AppID, err)
	}
	if _, err := more.Verify(t.Context(), bearer(sign(t, nil, genuine()))); err != nil {
		t.Errorf("the first one: %v", err)
	}
	_, err := newVerifier(t, newEndpoint(), nil).Verify(t.Context(), bearer(token))
	wantRefusal(t, err, auth.CheckCaller)
}

func TestGenuineTokensAreAccepted(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(c jwt.MapClaims)
		config func(c *auth.Config)
	}{
		"as captured":                         {},
		"issuer of login.microsoftonline.com": {change: func(c jwt.MapClaims) { c["iss"] = "https://login.microsoftonline.com/" + tenantID + "/v2.0" }},
		"audience as App ID URI":              {change: func(c jwt.MapClaims) { c["aud"] = "api://otp.example.com/" + audienceID }},
		"audience in upper case":              {change: func(c jwt.MapClaims) { c["aud"] = strings.ToUpper(audienceID) }},
		"audience as a list of one":           {change: func(c jwt.MapClaims) { c["aud"] = []string{audienceID} }},
		"no nbf and no iat":                   {change: func(c jwt.MapClaims) { delete(c, "nbf"); delete(c, "iat") }},
		"expired within the leeway":           {change: func(c jwt.MapClaims) { c["exp"] = time.Now().Unix() - 20 }},
		"configured extra issuer": {
			change: func(c jwt.MapClaims) { c["iss"] = "https://contoso.ciamlogin.com/" + tenantID + "/v2.0" },
			config: func(c *auth.Config) { c.Issuers = []string{"https://contoso.ciamlogin.com/" + tenantID + "/v2.0"} },
		},
		"v1 where the owner accepts it": {
			change: func(c jwt.MapClaims) {
				delete(c, "azp")
				c["appid"], c["ver"], c["iss"] = callerID, "1.0", "https://sts.windows.net/"+tenantID+"/"
			},
			config: func(c *auth.Config) { c.AcceptV1 = true },
		},
		"audience setting as App ID URI": {config: func(c *auth.Config) { c.Audiences = []string{"api://otp.example.com/" + audienceID} }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVerifier(t, newEndpoint(), c.config)
			claims := genuine()
			if c.change != nil {
				c.change(claims)
			}
			caller, err := v.Verify(t.Context(), bearer(sign(t, nil, claims)))
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			if want := (auth.Caller{TenantID: tenantID, AppID: callerID}); caller != want {
				t.Errorf("caller is %+v, want %+v", caller, want)
			}
		})
	}
}

func TestEachCheckRefuses(t *testing.T) {
	t.Parallel()
	hour := int64(time.Hour / time.Second)
	cases := map[string]struct {
		check  auth.Check
		header map[string]any
		change func(c jwt.MapClaims)
	}{
		"critical extension":          {check: auth.CheckCritical, header: map[string]any{"crit": []string{"exp"}, "exp": 1}},
		"unencoded payload":           {check: auth.CheckCritical, header: map[string]any{"b64": false}},
		"no key id":                   {check: auth.CheckKeyID, header: map[string]any{"kid": nil}},
		"key id that is no text":      {check: auth.CheckKeyID, header: map[string]any{"kid": 7}},
		"huge key id":                 {check: auth.CheckKeyID, header: map[string]any{"kid": strings.Repeat("k", 257)}},
		"unknown key id":              {check: auth.CheckKey, header: map[string]any{"kid": "k9"}},
		"other tenant":                {check: auth.CheckTenant, change: func(c jwt.MapClaims) { c["tid"] = otherID }},
		"no tenant":                   {check: auth.CheckTenant, change: func(c jwt.MapClaims) { delete(c, "tid") }},
		"other issuer":                {check: auth.CheckIssuer, change: func(c jwt.MapClaims) { c["iss"] = "https://evil.example/" + tenantID + "/v2.0" }},
		"no issuer":                   {check: auth.CheckIssuer, change: func(c jwt.MapClaims) { delete(c, "iss") }},
		"issuer of another tenant":    {check: auth.CheckIssuer, change: func(c jwt.MapClaims) { c["iss"] = strings.ReplaceAll(authority, tenantID, otherID) }},
		"issuer with the tenant name": {check: auth.CheckIssuer, change: func(c jwt.MapClaims) { c["iss"] = "https://contoso.ciamlogin.com/" + tenantID + "/v2.0" }},
		"other audience":              {check: auth.CheckAudience, change: func(c jwt.MapClaims) { c["aud"] = otherID }},
		"audience for two":            {check: auth.CheckAudience, change: func(c jwt.MapClaims) { c["aud"] = []string{audienceID, otherID} }},
		"no audience":                 {check: auth.CheckAudience, change: func(c jwt.MapClaims) { delete(c, "aud") }},
		"App ID URI without a host":   {check: auth.CheckAudience, change: func(c jwt.MapClaims) { c["aud"] = "api:///" + audienceID }},
		"App ID URI of another":       {check: auth.CheckAudience, change: func(c jwt.MapClaims) { c["aud"] = "api://otp.example.com/" + otherID }},
		"other caller":                {check: auth.CheckCaller, change: func(c jwt.MapClaims) { c["azp"] = otherID }},
		"no caller":                   {check: auth.CheckCaller, change: func(c jwt.MapClaims) { delete(c, "azp") }},
		"caller in the claim of v1":   {check: auth.CheckCaller, change: func(c jwt.MapClaims) { delete(c, "azp"); c["appid"] = callerID }},
		"v1 version":                  {check: auth.CheckVersion, change: func(c jwt.MapClaims) { c["ver"] = "1.0"; c["appid"] = callerID }},
		"v1 issuer":                   {check: auth.CheckIssuer, change: func(c jwt.MapClaims) { c["iss"] = "https://sts.windows.net/" + tenantID + "/" }},
		"no version":                  {check: auth.CheckVersion, change: func(c jwt.MapClaims) { delete(c, "ver") }},
		"expired":                     {check: auth.CheckExpiry, change: func(c jwt.MapClaims) { c["exp"] = time.Now().Unix() - hour }},
		"no expiry":                   {check: auth.CheckExpiry, change: func(c jwt.MapClaims) { delete(c, "exp") }},
		"not yet valid":               {check: auth.CheckNotBefore, change: func(c jwt.MapClaims) { c["nbf"] = time.Now().Unix() + hour }},
		"issued in the future":        {check: auth.CheckIssuedAt, change: func(c jwt.MapClaims) { c["iat"] = time.Now().Unix() + hour }},
		"expiry as text":              {check: auth.CheckStructure, change: func(c jwt.MapClaims) { c["exp"] = "9999999999" }},
		"expiry in 35,000 years":      {check: auth.CheckStructure, change: func(c jwt.MapClaims) { c["exp"] = int64(1) << 41 }},
		"expiry beyond reason":        {check: auth.CheckStructure, change: func(c jwt.MapClaims) { c["exp"] = 1e300 }},
		"issuer that is no text":      {check: auth.CheckStructure, change: func(c jwt.MapClaims) { c["iss"] = []string{authority} }},
		"audience that is a number":   {check: auth.CheckStructure, change: func(c jwt.MapClaims) { c["aud"] = 7 }},
		"caller in another letter case": {check: auth.CheckCaller, change: func(c jwt.MapClaims) {
			delete(c, "azp")
			c["AZP"] = callerID
		}},
	}
	v := newVerifier(t, newEndpoint(), nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			claims := genuine()
			if c.change != nil {
				c.change(claims)
			}
			_, err := v.Verify(t.Context(), bearer(sign(t, c.header, claims)))
			wantRefusal(t, err, c.check)
		})
	}
}

func TestTokensThatNoIssuerMade(t *testing.T) {
	t.Parallel()
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	claims, err := json.Marshal(genuine())
	if err != nil {
		t.Fatal(err)
	}
	good := sign(t, nil, genuine())
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	hmac := jwt.NewWithClaims(jwt.SigningMethodHS256, genuine())
	hmac.Header["kid"] = "k1"
	hs256, err := hmac.SignedString(rsaKey().N.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		token string
		check auth.Check
	}{
		"one part":              {"abc", auth.CheckStructure},
		"two parts":             {head + "." + body, auth.CheckStructure},
		"four parts":            {good + "." + signature, auth.CheckStructure},
		"no signature":          {head + "." + body + ".", auth.CheckSignature},
		"cut signature":         {good[:len(good)-2], auth.CheckSignature},
		"padded header":         {head + "=." + rest, auth.CheckStructure},
		"padded claims":         {head + "." + body + "==." + signature, auth.CheckStructure},
		"alg none":              {part(`{"alg":"none","kid":"k1"}`) + "." + body + ".", auth.CheckAlg},
		"alg missing":           {part(`{"kid":"k1"}`) + "." + rest, auth.CheckAlg},
		"HS256 with the key":    {hs256, auth.CheckAlg},
		"alg twice":             {part(`{"alg":"RS256","alg":"none","kid":"k1"}`) + "." + rest, auth.CheckStructure},
		"header that is a list": {part(`[]`) + "." + rest, auth.CheckStructure},
		"header and more":       {part(`{"alg":"RS256","kid":"k1"}{}`) + "." + rest, auth.CheckStructure},
		"claims twice":          {head + "." + part(`{"aud":"x",`+string(claims[1:])) + "." + signature, auth.CheckStructure},
		"claims of another":     {head + "." + part(strings.Replace(string(claims), audienceID, audienceID, 1)+" ") + "." + signature, auth.CheckSignature},
	}
	v := newVerifier(t, newEndpoint(), nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := v.Verify(t.Context(), bearer(c.token))
			wantRefusal(t, err, c.check)
		})
	}
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	good := sign(t, nil, genuine())
	cases := map[string]struct {
		header []string
		check  auth.Check
	}{
		"absent":        {nil, auth.CheckScheme},
		"twice":         {[]string{"Bearer " + good, "Bearer " + good}, auth.CheckScheme},
		"basic":         {[]string{"Basic " + good}, auth.CheckScheme},
		"no scheme":     {[]string{good}, auth.CheckScheme},
		"no token":      {[]string{"Bearer "}, auth.CheckScheme},
		"two tokens":    {[]string{"Bearer " + good + ", Bearer " + good}, auth.CheckScheme},
		"a long token":  {[]string{"Bearer " + strings.Repeat("a", 16<<10+1)}, auth.CheckSize},
		"a tab between": {[]string{"Bearer\t" + good}, auth.CheckScheme},
	}
	v := newVerifier(t, newEndpoint(), nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := v.Verify(t.Context(), c.header)
			wantRefusal(t, err, c.check)
		})
	}
	if _, err := v.Verify(t.Context(), []string{"bearer " + good}); err != nil {
		t.Errorf("the scheme's letter case matters: %v", err)
	}
}

func TestRefusalTellsTheTrapAndNotTheToken(t *testing.T) {
	t.Parallel()
	claims := genuine()
	claims["iss"], claims["ver"] = "https://sts.windows.net/"+tenantID+"/", "1.0"
	token := sign(t, nil, claims)
	_, err := newVerifier(t, newEndpoint(), nil).Verify(t.Context(), bearer(token))
	refusal := refusalFor(t, err, auth.CheckIssuer)
	told := refusal.LogValue().String() + refusal.Error()
	for _, want := range []string{"requestedAccessTokenVersion", "sts.windows.net", "ver=1.0", "kid=k1"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not told: %s", want, told)
		}
	}
	if strings.Contains(told, token[len(token)-20:]) {
		t.Error("the signature is told")
	}
	claims["iss"] = "line\nbreak" + strings.Repeat("x", 500)
	_, err = newVerifier(t, newEndpoint(), nil).Verify(t.Context(), bearer(sign(t, nil, claims)))
	if got := refusalFor(t, err, auth.CheckIssuer).Received.Issuer; strings.Contains(got, "\n") || len(got) > 160 {
		t.Errorf("the received issuer is not cleaned: %q", got)
	}
}

func TestKeyIssuer(t *testing.T) {
	t.Parallel()
	for issuer, accepted := range map[string]bool{
		"https://{tenantid}.ciamlogin.com/{tenantid}/v2.0": true,
		authority: true,
		"https://login.microsoftonline.com/" + otherID + "/v2.0": false,
	} {
		e := newEndpoint()
		e.keys[0]["issuer"] = issuer
		_, err := newVerifier(t, e, nil).Verify(t.Context(), bearer(sign(t, nil, genuine())))
		if accepted && err != nil {
			t.Errorf("key of %s: %v", issuer, err)
		}
		if !accepted {
			wantRefusal(t, err, auth.CheckKeyIssuer)
		}
	}
}

func TestKeysThatMustNotVouch(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak := publicKey("k1", small)
	for name, key := range map[string]map[string]string{
		"for encryption":  {"use": "enc"},
		"for another alg": {"alg": "RS512"},
	} {
		e := newEndpoint()
		for member, value := range key {
			e.keys[0][member] = value
		}
		_, err := newVerifier(t, e, nil).Verify(t.Context(), bearer(sign(t, nil, genuine())))
		if refusal, ok := errors.AsType[*auth.Refusal](err); !ok || refusal.Check != auth.CheckKey {
			t.Errorf("a key %s: %v", name, err)
		}
	}
	e := newEndpoint()
	e.keys = []map[string]string{weak, publicKey("k2", rsaKey())}
	_, err = newVerifier(t, e, nil).Verify(t.Context(), bearer(sign(t, nil, genuine())))
	wantRefusal(t, err, auth.CheckKey)
}

func TestKeyWithoutAUseMayVouch(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	delete(e.keys[0], "use")
	if _, err := newVerifier(t, e, nil).Verify(t.Context(), bearer(sign(t, nil, genuine()))); err != nil {
		t.Errorf("use is optional: %v", err)
	}
}

func TestKeyDocumentOnAStrangersHostIsRefused(t *testing.T) {
	t.Parallel()
	for uri, accepted := range map[string]bool{
		authority + "/keys": true,
		"https://login.microsoftonline.com/" + tenantID + "/discovery/v2.0/keys": true,
		"https://evil.example/keys":                false,
		"https://evilciamlogin.com/keys":           false,
		"http://" + tenantID + ".ciamlogin.com/ke": false,
		"":          false,
		"::garbage": false,
	} {
		e := newEndpoint()
		e.jwksURI = uri
		_, err := newVerifier(t, e, nil).Verify(t.Context(), bearer(sign(t, nil, genuine())))
		if accepted != (err == nil) {
			t.Errorf("keys at %q: %v", uri, err)
		}
		if !accepted && !errors.Is(err, auth.ErrKeysUnavailable) {
			t.Errorf("keys at %q: %v, want ErrKeysUnavailable", uri, err)
		}
	}
}

func TestMetadataWithoutAnIssuerAcceptsNone(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	e.issuer = ""
	claims := genuine()
	delete(claims, "iss")
	_, err := newVerifier(t, e, nil).Verify(t.Context(), bearer(sign(t, nil, claims)))
	wantRefusal(t, err, auth.CheckIssuer)
}

func TestSeveralTenantsAreKeptApart(t *testing.T) {
	t.Parallel()
	const secondAudience = "66666666-2222-3333-4444-555555555555"
	v := newVerifier(t, newEndpoint(), func(c *auth.Config) {
		c.TenantIDs = []string{tenantID, otherID}
		c.Audiences = []string{audienceID, secondAudience}
	})
	claims := genuine()
	claims["tid"], claims["iss"] = otherID, strings.ReplaceAll(authority, tenantID, otherID)
	_, err := v.Verify(t.Context(), bearer(sign(t, nil, claims)))
	wantRefusal(t, err, auth.CheckAudience)
	claims["aud"] = secondAudience
	if _, err := v.Verify(t.Context(), bearer(sign(t, nil, claims))); err != nil {
		t.Errorf("the second tenant's own token: %v", err)
	}
}
