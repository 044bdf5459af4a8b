package auth_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"byoe/auth"
)

// strangersKey is a key that no tenant publishes.
var strangersKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// rawToken signs header and claims as they are written, for what no library would write.
func rawToken(t testing.TB, key *rsa.PrivateKey, header, claims string) string {
	t.Helper()
	signed := encode(header) + "." + encode(claims)
	hash := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func encode(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }

func claimsText(t testing.TB, change func(c jwt.MapClaims)) string {
	t.Helper()
	claims := genuine()
	if change != nil {
		change(claims)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// withMember puts another member before those of a JSON object.
func withMember(object, member string) string { return "{" + member + "," + object[1:] }

const header = `{"alg":"RS256","typ":"JWT","kid":"k1"}`

func TestForgedTokens(t *testing.T) {
	t.Parallel()
	own, claims := rsaKey(), claimsText(t, nil)
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(&own.PublicKey))(t)})
	good := rawToken(t, own, header, claims)
	body := strings.Split(good, ".")[1]
	cases := map[string]struct {
		token string
		check auth.Check
	}{
		"a stranger's key under our key id":  {rawToken(t, strangersKey(), header, claims), auth.CheckSignature},
		"a stranger's key under its own id":  {rawToken(t, strangersKey(), `{"alg":"RS256","kid":"k9"}`, claims), auth.CheckKey},
		"embedded jwk":                       {rawToken(t, strangersKey(), withMember(header, `"jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}`), claims), auth.CheckSignature},
		"jku":                                {rawToken(t, strangersKey(), withMember(header, `"jku":"https://evil.example/keys"`), claims), auth.CheckSignature},
		"x5u":                                {rawToken(t, strangersKey(), withMember(header, `"x5u":"https://evil.example/chain"`), claims), auth.CheckSignature},
		"x5c":                                {rawToken(t, strangersKey(), withMember(header, `"x5c":["MIIB"]`), claims), auth.CheckSignature},
		"key id as a path":                   {rawToken(t, strangersKey(), `{"alg":"RS256","kid":"../../k1"}`, claims), auth.CheckKey},
		"key id as SQL":                      {rawToken(t, strangersKey(), `{"alg":"RS256","kid":"k1' OR '1'='1"}`, claims), auth.CheckKey},
		"key id in another letter case":      {rawToken(t, own, `{"alg":"RS256","kid":"K1"}`, claims), auth.CheckKey},
		"key id with a space":                {rawToken(t, own, `{"alg":"RS256","kid":"k1 "}`, claims), auth.CheckKey},
		"key id with a NUL":                  {rawToken(t, own, `{"alg":"RS256","kid":"k1\u0000"}`, claims), auth.CheckKey},
		"key id null":                        {rawToken(t, own, `{"alg":"RS256","kid":null}`, claims), auth.CheckKeyID},
		"key id as a list":                   {rawToken(t, own, `{"alg":"RS256","kid":["k1"]}`, claims), auth.CheckKeyID},
		"empty key id":                       {rawToken(t, own, `{"alg":"RS256","kid":""}`, claims), auth.CheckKeyID},
		"none":                               {encode(`{"alg":"none","kid":"k1"}`) + "." + body + ".", auth.CheckAlg},
		"None":                               {encode(`{"alg":"None","kid":"k1"}`) + "." + body + ".", auth.CheckAlg},
		"alg in another letter case":         {rawToken(t, own, `{"alg":"rs256","kid":"k1"}`, claims), auth.CheckAlg},
		"alg as a list":                      {rawToken(t, own, `{"alg":["RS256"],"kid":"k1"}`, claims), auth.CheckAlg},
		"alg null":                           {rawToken(t, own, `{"alg":null,"kid":"k1"}`, claims), auth.CheckAlg},
		"alg with an escape":                 {rawToken(t, own, `{"alg":"RS25\u0036","kid":"k1"}`, claims), auth.CheckAlg},
		"HS256 with the public key's PEM":    {other(t, jwt.SigningMethodHS256, publicPEM), auth.CheckAlg},
		"HS256 with the modulus":             {other(t, jwt.SigningMethodHS256, own.N.Bytes()), auth.CheckAlg},
		"RS384":                              {other(t, jwt.SigningMethodRS384, own), auth.CheckAlg},
		"RS512":                              {other(t, jwt.SigningMethodRS512, own), auth.CheckAlg},
		"PS256":                              {other(t, jwt.SigningMethodPS256, own), auth.CheckAlg},
		"RS384 called RS256":                 {encode(header) + "." + strings.SplitN(other(t, jwt.SigningMethodRS384, own), ".", 2)[1], auth.CheckSignature},
		"crit":                               {rawToken(t, own, withMember(header, `"crit":["kid"]`), claims), auth.CheckCritical},
		"empty crit":                         {rawToken(t, own, withMember(header, `"crit":[]`), claims), auth.CheckCritical},
		"b64":                                {rawToken(t, own, withMember(header, `"b64":true`), claims), auth.CheckCritical},
		"header with one name twice":         {rawToken(t, own, withMember(header, `"kid":"k2"`), claims), auth.CheckStructure},
		"header with two spellings":          {rawToken(t, own, withMember(header, `"\u006bid":"k2"`), claims), auth.CheckStructure},
		"header that is a text":              {rawToken(t, own, `"RS256"`, claims), auth.CheckStructure},
		"empty header":                       {rawToken(t, own, ``, claims), auth.CheckStructure},
		"audience twice, ours last":          {rawToken(t, own, header, withMember(claims, `"aud":"x"`)), auth.CheckStructure},
		"audience in two spellings":          {rawToken(t, own, header, withMember(claims, `"\u0061ud":"x"`)), auth.CheckStructure},
		"expiry twice":                       {rawToken(t, own, header, withMember(claims, `"exp":1`)), auth.CheckStructure},
		"expiry null":                        {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["exp"] = nil })), auth.CheckStructure},
		"expiry negative":                    {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["exp"] = -1 })), auth.CheckStructure},
		"expiry with a fraction":             {rawToken(t, own, header, strings.Replace(claims, `"exp":`, `"exp":0.5e1,"was":`, 1)), auth.CheckStructure},
		"expiry as true":                     {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["exp"] = true })), auth.CheckStructure},
		"expiry as a list":                   {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["exp"] = []int{9999999999} })), auth.CheckStructure},
		"not-before as text":                 {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["nbf"] = "0" })), auth.CheckStructure},
		"issued-at as text":                  {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["iat"] = "0" })), auth.CheckStructure},
		"tenant as a number":                 {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["tid"] = 1 })), auth.CheckStructure},
		"tenant null":                        {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["tid"] = nil })), auth.CheckStructure},
		"empty tenant":                       {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["tid"] = "" })), auth.CheckTenant},
		"caller as a list":                   {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["azp"] = []string{callerID} })), auth.CheckStructure},
		"empty caller":                       {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["azp"] = "" })), auth.CheckCaller},
		"audience as an object":              {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["aud"] = map[string]string{"0": audienceID} })), auth.CheckStructure},
		"empty list of audiences":            {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["aud"] = []string{} })), auth.CheckAudience},
		"our audience twice":                 {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["aud"] = []string{audienceID, audienceID} })), auth.CheckAudience},
		"audience with a space":              {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["aud"] = audienceID + " " })), auth.CheckAudience},
		"audience within another":            {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["aud"] = "api://otp.example.com/x/" + audienceID })), auth.CheckAudience},
		"audience as https":                  {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["aud"] = "https://otp.example.com/" + audienceID })), auth.CheckAudience},
		"issuer with a slash more":           {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["iss"] = authority + "/" })), auth.CheckIssuer},
		"issuer in another letter case":      {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["iss"] = strings.ToUpper(authority) })), auth.CheckIssuer},
		"issuer by http":                     {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["iss"] = strings.Replace(authority, "https", "http", 1) })), auth.CheckIssuer},
		"issuer of the common endpoint":      {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["iss"] = "https://login.microsoftonline.com/common/v2.0" })), auth.CheckIssuer},
		"issuer without v2.0":                {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["iss"] = "https://login.microsoftonline.com/" + tenantID })), auth.CheckIssuer},
		"version as a number":                {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["ver"] = 2.0 })), auth.CheckStructure},
		"version 3":                          {rawToken(t, own, header, claimsText(t, func(c jwt.MapClaims) { c["ver"] = "3.0" })), auth.CheckVersion},
		"a token in a token":                 {encode(`{"alg":"RS256","kid":"k1","cty":"JWT"}`) + "." + encode(good) + "." + strings.Split(good, ".")[2], auth.CheckStructure},
		"claims that are a list":             {rawToken(t, own, header, "["+claims+"]"), auth.CheckStructure},
		"claims and more":                    {rawToken(t, own, header, claims+claims), auth.CheckStructure},
		"deeply nested claims":               {rawToken(t, own, header, withMember(claims, `"x":`+strings.Repeat("[", 7000)+strings.Repeat("]", 7000))), auth.CheckSize},
		"two hundred claims":                 {rawToken(t, own, header, withMember(claims, manyMembers(200))), auth.CheckStructure},
		"standard base64 alphabet":           {strings.NewReplacer("-", "+", "_", "/").Replace(withDash(t)), auth.CheckStructure},
		"line break in the signature":        {good[:len(good)-10] + "\n" + good[len(good)-10:], auth.CheckStructure},
		"signature of another token":         {encode(header) + "." + encode(claimsText(t, func(c jwt.MapClaims) { c["sub"] = "x" })) + "." + strings.Split(good, ".")[2], auth.CheckSignature},
		"encrypted token of five parts":      {good + ".a.b", auth.CheckStructure},
		"non-canonical last character":       {nonCanonical(good), auth.CheckStructure},
		"empty parts":                        {"..", auth.CheckStructure},
		"header in UTF-16":                   {encode("\xff\xfe{\x00}\x00") + "." + body + ".x", auth.CheckStructure},
		"claims with invalid UTF-8 audience": {rawToken(t, own, header, strings.Replace(claims, audienceID, "\xff", 1)), auth.CheckStructure},
	}
	v := newVerifier(t, newEndpoint(), nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := v.Verify(t.Context(), bearer(c.token))
			wantRefusal(t, err, c.check)
		})
	}
	if _, err := v.Verify(t.Context(), bearer(good)); err != nil {
		t.Errorf("the token that the forgeries were made of is refused: %v", err)
	}
}

// must returns what a function made, and fails the test where it could not.
func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// other signs the genuine claims in another way than RS256.
func other(t testing.TB, method jwt.SigningMethod, key any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, genuine())
	token.Header["kid"] = "k1"
	return must(token.SignedString(key))(t)
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"m` + strconv.Itoa(i) + `":1`)
	}
	return b.String()
}

// withDash is a genuine token whose signature has a character in which the two base64 alphabets differ.
func withDash(t testing.TB) string {
	t.Helper()
	for i := range 100 {
		token := rawToken(t, rsaKey(), header, claimsText(t, func(c jwt.MapClaims) { c["uti"] = i }))
		if strings.ContainsAny(token[strings.LastIndexByte(token, '.'):], "-_") {
			return token
		}
	}
	t.Fatal("no such token")
	return ""
}

// nonCanonical changes bits of the last character that carry nothing, which a lenient decoder lets pass: one signature
// would have several spellings.
func nonCanonical(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last|1])
}

// FuzzVerify feeds the token path. Whatever a stranger without a key makes of a genuine token, only the token itself is
// accepted.
func FuzzVerify(f *testing.F) {
	good := rawToken(f, rsaKey(), header, claimsText(f, nil))
	parts := strings.Split(good, ".")
	f.Add("Bearer " + good)
	f.Add("Bearer " + encode(`{"alg":"none"}`) + "." + parts[1] + ".")
	f.Add("Bearer " + parts[0] + "." + parts[1])
	f.Add("Bearer " + parts[0] + "." + encode(`{"aud":"x","aud":"`+audienceID+`"}`) + "." + parts[2])
	f.Add("bearer a.b.c")
	v := newVerifier(f, newEndpoint(), nil)
	f.Fuzz(func(t *testing.T, header string) {
		_, err := v.Verify(t.Context(), []string{header})
		if err == nil && !strings.EqualFold(header[:7], "Bearer ") || err == nil && header[7:] != good {
			t.Errorf("accepted: %q", header)
		}
	})
}
