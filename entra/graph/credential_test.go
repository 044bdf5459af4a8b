package graph_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"byoe/entra/graph"
	"byoe/entra/graphtest"
)

// authority answers as Microsoft's identity platform does, for one directory.
type authority struct {
	scopes   []string
	clientID string
	refuse   string
}

// Do implements policy.Transporter.
func (a *authority) Do(r *http.Request) (*http.Response, error) {
	const base = "https://login.microsoftonline.com/" + graphtest.TenantID
	switch {
	case strings.Contains(r.URL.Path, "discovery/instance"):
		return answer(200, `{"tenant_discovery_endpoint":"`+base+`/v2.0/.well-known/openid-configuration","metadata":[{"preferred_network":"login.microsoftonline.com","preferred_cache":"login.windows.net","aliases":["login.microsoftonline.com"]}]}`)(r)
	case strings.HasSuffix(r.URL.Path, "openid-configuration"):
		return answer(200, `{"authorization_endpoint":"`+base+`/oauth2/v2.0/authorize","token_endpoint":"`+base+`/oauth2/v2.0/token","issuer":"`+base+`/v2.0"}`)(r)
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	a.clientID = r.PostForm.Get("client_id")
	a.scopes = strings.Fields(r.PostForm.Get("scope"))
	switch {
	case a.refuse != "":
		return answer(401, `{"error":"invalid_client","error_description":"`+a.refuse+`"}`, "Content-Type", "application/json")(r)
	case strings.HasSuffix(r.URL.Path, "/devicecode"):
		return answer(200, `{"user_code":"ABC-DEF","device_code":"d","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":1,"message":"m"}`)(r)
	default:
		token := graphtest.Token(graphtest.Me{TenantID: graphtest.TenantID, Name: "admin@contoso.example", Permissions: []string{"User.Read.All"}})
		return answer(200, `{"access_token":"`+token+`","expires_in":3600,"token_type":"Bearer","scope":"`+strings.Join(a.scopes, " ")+`","client_info":"eyJ1aWQiOiJ1IiwidXRpZCI6InQifQ","id_token":"`+token+`"}`)(r)
	}
}

// withoutCLI keeps the machine's own Azure CLI out of a test.
func withoutCLI(t *testing.T) { t.Setenv("PATH", t.TempDir()) }

func TestSignInWithSecret(t *testing.T) {
	t.Parallel()
	platform := &authority{}
	s := graph.SignIn{
		How: graph.SignInEnv, TenantID: graphtest.TenantID, Cloud: graph.Public(), Transport: platform,
		Environ: map[string]string{"AZURE_CLIENT_ID": "55555555-aaaa-4bbb-8ccc-000000000005", "AZURE_CLIENT_SECRET": "hush"},
	}
	credential, err := graph.NewCredential(s)
	if err != nil {
		t.Fatal(err)
	}
	who, err := graph.WhoAmI(t.Context(), credential, s.Cloud)
	if err != nil || who.TenantID != graphtest.TenantID || len(who.Lacks("User.Read.All", "User.Invite.All")) != 1 {
		t.Errorf("%+v, %v", who, err)
	}
	if platform.scopes[0] != "https://graph.microsoft.com/.default" {
		t.Error(platform.scopes)
	}
	if err := who.RequireTenant(strings.ToUpper(graphtest.TenantID)); err != nil {
		t.Error(err)
	}
	other := "99999999-aaaa-4bbb-8ccc-000000000009"
	if err := who.RequireTenant(other); err == nil || !strings.Contains(err.Error(), other) || !strings.Contains(err.Error(), graphtest.TenantID) {
		t.Error(err)
	}
	platform.refuse = `AADSTS7000215: Invalid client secret provided. Trace ID: 0 Correlation ID: 1`
	if credential, err = graph.NewCredential(s); err != nil {
		t.Fatal(err)
	}
	_, err = graph.WhoAmIAtResources(t.Context(), credential, s.Cloud)
	if err == nil || err.Error() != "cannot sign in (env): AADSTS7000215: Invalid client secret provided." || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}

// A person is asked to consent to what the command needs, in the directory that it is meant for.
func TestSignInWithDeviceCode(t *testing.T) {
	t.Parallel()
	platform := &authority{}
	var prompt bytes.Buffer
	s := graph.SignIn{
		How: graph.SignInDevice, TenantID: graphtest.TenantID, Cloud: graph.Public(), Transport: platform, Prompt: &prompt,
		Permissions: []string{"EventListener.ReadWrite.All", "Application.ReadWrite.All"},
	}
	credential, err := graph.NewCredential(s)
	if err != nil {
		t.Fatal(err)
	}
	who, err := graph.WhoAmI(t.Context(), credential, s.Cloud)
	if err != nil || who.Name != "admin@contoso.example" || who.IsApplication {
		t.Fatalf("%+v, %v", who, err)
	}
	if !strings.Contains(prompt.String(), "ABC-DEF") || !strings.Contains(prompt.String(), graphtest.TenantID) {
		t.Error(prompt.String())
	}
	if all := strings.Join(platform.scopes, " "); !strings.Contains(all, "https://graph.microsoft.com/EventListener.ReadWrite.All") || strings.Contains(all, ".default") {
		t.Error(all)
	}
	if platform.clientID != "14d82eec-204b-4c2f-b7e8-296a70dab67e" {
		t.Error(platform.clientID)
	}
}

// Where nobody has signed in with the Azure CLI a person is asked, and told why.
func TestSignInFallsBack(t *testing.T) {
	withoutCLI(t)
	platform := &authority{}
	var prompt bytes.Buffer
	s := graph.SignIn{TenantID: graphtest.TenantID, Cloud: graph.Public(), Transport: platform, Prompt: &prompt}
	credential, err := graph.NewCredential(s)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := graph.WhoAmI(t.Context(), credential, s.Cloud); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(prompt.String(), "No token of the Azure CLI") != 1 || strings.Count(prompt.String(), "ABC-DEF") != 1 {
		t.Error(prompt.String())
	}
	s.How = graph.SignInCLI
	if credential, err = graph.NewCredential(s); err != nil {
		t.Fatal(err)
	}
	if _, err := graph.WhoAmI(t.Context(), credential, s.Cloud); err == nil || !strings.Contains(err.Error(), "cannot sign in (cli)") {
		t.Error(err)
	}
}

func TestSignInRefusals(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(broken, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		signIn graph.SignIn
		says   string
	}{
		"no tenant":        {graph.SignIn{How: graph.SignInCLI}, "not a GUID"},
		"tenant by name":   {graph.SignIn{How: graph.SignInCLI, TenantID: "contoso.onmicrosoft.com"}, "not a GUID"},
		"unknown word":     {graph.SignIn{How: "browser", TenantID: graphtest.TenantID}, "managed-identity"},
		"other tenant":     {graph.SignIn{How: graph.SignInEnv, TenantID: graphtest.TenantID, Environ: map[string]string{"AZURE_TENANT_ID": "x"}}, "AZURE_TENANT_ID"},
		"no certificate":   {graph.SignIn{How: graph.SignInCertificate, TenantID: graphtest.TenantID}, "AZURE_CLIENT_CERTIFICATE_PATH"},
		"nothing in env":   {graph.SignIn{How: graph.SignInEnv, TenantID: graphtest.TenantID}, "AZURE_CLIENT_SECRET"},
		"no such file":     {graph.SignIn{How: graph.SignInCertificate, TenantID: graphtest.TenantID, Environ: map[string]string{"AZURE_CLIENT_ID": "x", "AZURE_CLIENT_CERTIFICATE_PATH": broken + "x"}}, "no such file"},
		"no certificates":  {graph.SignIn{How: graph.SignInCertificate, TenantID: graphtest.TenantID, Environ: map[string]string{"AZURE_CLIENT_ID": "x", "AZURE_CLIENT_CERTIFICATE_PATH": broken}}, "cannot sign in (certificate)"},
		"secret and no id": {graph.SignIn{How: graph.SignInEnv, TenantID: graphtest.TenantID, Environ: map[string]string{"AZURE_CLIENT_SECRET": "x"}}, "set AZURE_CLIENT_ID"},
	} {
		tt.signIn.Cloud, tt.signIn.Transport = graph.Public(), answering(func(*http.Request) (*http.Response, error) { return nil, errors.New("no network") })
		credential, err := graph.NewCredential(tt.signIn)
		if err == nil {
			_, err = graph.WhoAmI(t.Context(), credential, graph.Public())
		}
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignInWithCertificate(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "app.pem")
	raw := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{graph.SignInCertificate, graph.SignInEnv} {
		platform := &authority{}
		credential, err := graph.NewCredential(graph.SignIn{
			How: how, TenantID: graphtest.TenantID, Cloud: graph.Public(), Transport: platform,
			Environ: map[string]string{"AZURE_CLIENT_ID": "55555555-aaaa-4bbb-8ccc-000000000005", "AZURE_CLIENT_CERTIFICATE_PATH": file},
		})
		if err != nil {
			t.Fatal(err)
		}
		if who, err := graph.WhoAmI(t.Context(), credential, graph.Public()); err != nil || who.TenantID != graphtest.TenantID {
			t.Errorf("%s: %+v, %v", how, who, err)
		}
	}
}

func TestSignInWithManagedIdentity(t *testing.T) {
	t.Parallel()
	asked := ""
	credential, err := graph.NewCredential(graph.SignIn{
		How: graph.SignInManagedIdentity, TenantID: graphtest.TenantID, Cloud: graph.Public(),
		Environ: map[string]string{"AZURE_CLIENT_ID": "55555555-aaaa-4bbb-8ccc-000000000005"},
		Transport: answering(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.RawQuery
			return answer(200, `{"access_token":"`+graphtest.Token(graphtest.Me{TenantID: graphtest.TenantID})+`","expires_on":"4102444800","resource":"https://graph.microsoft.com","token_type":"Bearer"}`, "Content-Type", "application/json")(r)
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	who, err := graph.WhoAmI(t.Context(), credential, graph.Public())
	if err != nil || !who.IsApplication || !strings.Contains(asked, "55555555") {
		t.Errorf("%+v, %v, asked %s", who, err, asked)
	}
}

// fixed gives one token.
type fixed string

// GetToken implements azcore.TokenCredential.
func (f fixed) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(f)}, nil
}

func TestWhoAmI(t *testing.T) {
	t.Parallel()
	app := graphtest.Token(graphtest.Me{TenantID: "t", Permissions: []string{"User.Invite.All"}})
	who, err := graph.WhoAmI(t.Context(), fixed(app), graph.Public())
	if err != nil || !who.IsApplication || who.Name != "pipeline" || len(who.Lacks("User.Invite.All")) != 0 {
		t.Errorf("%+v, %v", who, err)
	}
	for _, opaque := range []string{"", "x", "a.b.c", "a.e30.c", "EwB4A8l6BAAU"} {
		if _, err := graph.WhoAmI(t.Context(), fixed(opaque), graph.Public()); err == nil || opaque != "" && strings.Contains(err.Error(), opaque) && len(opaque) > 1 {
			t.Errorf("%q: %v", opaque, err)
		}
	}
	if _, err := graph.WhoAmI(t.Context(), failing{errors.New("no")}, graph.Public()); err == nil {
		t.Error("no token is somebody")
	}
}

func TestClouds(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "https://graph.microsoft.com", "public": "https://graph.microsoft.com", "usgov": "https://graph.microsoft.us"} {
		if c, err := graph.CloudNamed(name); err != nil || c.Endpoint != want {
			t.Errorf("%q: %+v, %v", name, c, err)
		}
	}
	if _, err := graph.CloudNamed("china"); err == nil || !strings.Contains(err.Error(), "usgov") {
		t.Error(err)
	}
}
