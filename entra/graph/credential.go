package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"byoe/config"
)

// The ways to sign in.
const (
	// SignInDefault takes the Azure CLI's sign-in, and a device code where there is none.
	SignInDefault = ""
	// SignInCLI takes the Azure CLI's sign-in (az login). Its app has not every permission of Graph, whoever signs in; those
	// of authentication methods, extensions and listeners are missing (github.com/Azure/azure-cli/issues/23906).
	SignInCLI = "cli"
	// SignInDevice has a person sign in with a browser, on whatever machine.
	SignInDevice = "device"
	// SignInManagedIdentity takes the identity of the machine, or the user-assigned one of AZURE_CLIENT_ID.
	SignInManagedIdentity = "managed-identity"
	// SignInCertificate takes the app registration AZURE_CLIENT_ID with AZURE_CLIENT_CERTIFICATE_PATH (PEM or PKCS #12, key
	// included) and AZURE_CLIENT_CERTIFICATE_PASSWORD.
	SignInCertificate = "certificate"
	// SignInEnv takes the app registration AZURE_CLIENT_ID with AZURE_CLIENT_SECRET, else with the certificate.
	SignInEnv = "env"
)

// commandLineTools is Microsoft Graph Command Line Tools, the application with which people ask Graph for permissions of
// their own choice (learn.microsoft.com, Sign in to Microsoft Graph with the CLI). It exists in every directory.
const commandLineTools = "14d82eec-204b-4c2f-b7e8-296a70dab67e"

// SignIn says who signs in, and where.
type SignIn struct {
	// How is one of the constants.
	How string
	// TenantID is the directory, a GUID. It has no default: whoever administers several would change the wrong one.
	TenantID string
	Cloud    Cloud
	// Permissions are Graph's permissions that a person is asked to consent to with a device code, such as
	// CustomAuthenticationExtension.ReadWrite.All. Other ways to sign in have theirs already.
	Permissions []string
	// Prompt is where the device code is shown.
	Prompt io.Writer
	// Environ holds the AZURE_… variables.
	Environ map[string]string
	// Transport sends requests to the authority; nil is azcore's default.
	Transport policy.Transporter
}

// SignInError says that there is no token.
type SignInError struct {
	// How is the way that was tried.
	How   string
	Cause error
}

// Error names the remedy where there is one.
func (e *SignInError) Error() string {
	return "cannot sign in (" + e.How + "): " + line1(e.Cause.Error())
}

// Unwrap implements the errors package's interface.
func (e *SignInError) Unwrap() error { return e.Cause }

// NonRetriable tells azcore that asking again is of no use: the credentials repeat by themselves what passes.
func (e *SignInError) NonRetriable() {}

// NewCredential returns what gives tokens for s. It makes no request yet.
func NewCredential(s SignIn) (azcore.TokenCredential, error) {
	if !config.IsGUID(s.TenantID) {
		return nil, errors.New("the tenant is not a GUID: copy the tenant id from its overview")
	}
	if other := s.Environ["AZURE_TENANT_ID"]; s.usesEnviron() && other != "" && !strings.EqualFold(other, s.TenantID) {
		return nil, errors.New("AZURE_TENANT_ID names another tenant than the one that is to be changed")
	}
	if s.Prompt == nil {
		s.Prompt = io.Discard
	}
	switch s.How {
	case SignInDefault:
		return s.cliThenDevice()
	case SignInCLI:
		return s.named(s.cli())
	case SignInDevice:
		return s.named(s.device())
	case SignInManagedIdentity:
		return s.named(s.managedIdentity())
	case SignInCertificate:
		return s.named(s.certificate())
	case SignInEnv:
		if s.Environ["AZURE_CLIENT_SECRET"] != "" {
			return s.named(s.secret())
		}
		return s.named(s.certificate())
	default:
		return nil, fmt.Errorf("no such way to sign in: %q; there are %s", s.How, strings.Join(SignIns(), ", "))
	}
}

// SignIns returns the words for the ways to sign in.
func SignIns() []string {
	return []string{SignInCLI, SignInDevice, SignInManagedIdentity, SignInCertificate, SignInEnv}
}

func (s SignIn) usesEnviron() bool { return s.How == SignInCertificate || s.How == SignInEnv }

func (s SignIn) options() azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: s.Cloud.Login},
		Transport: s.Transport,
	}
}

// named makes every failure a [*SignInError].
func (s SignIn) named(credential azcore.TokenCredential, err error) (azcore.TokenCredential, error) {
	if err != nil {
		return nil, &SignInError{How: s.How, Cause: err}
	}
	return named{how: s.How, credential: credential}, nil
}

type named struct {
	how        string
	credential azcore.TokenCredential
}

// GetToken implements [azcore.TokenCredential].
func (n named) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := n.credential.GetToken(ctx, o)
	if err != nil {
		return azcore.AccessToken{}, &SignInError{How: n.how, Cause: shorten(err)}
	}
	return token, nil
}

func (s SignIn) cli() (azcore.TokenCredential, error) {
	return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: s.TenantID})
}

func (s SignIn) managedIdentity() (azcore.TokenCredential, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: s.options()}
	if id := s.Environ["AZURE_CLIENT_ID"]; id != "" {
		options.ID = azidentity.ClientID(id)
	}
	return azidentity.NewManagedIdentityCredential(options)
}

func (s SignIn) secret() (azcore.TokenCredential, error) {
	if s.Environ["AZURE_CLIENT_ID"] == "" { // the SDK would ask the platform before it misses it
		return nil, errors.New("set AZURE_CLIENT_ID beside AZURE_CLIENT_SECRET")
	}
	return azidentity.NewClientSecretCredential(s.TenantID, s.Environ["AZURE_CLIENT_ID"], s.Environ["AZURE_CLIENT_SECRET"],
		&azidentity.ClientSecretCredentialOptions{ClientOptions: s.options()})
}

func (s SignIn) certificate() (azcore.TokenCredential, error) {
	path := s.Environ["AZURE_CLIENT_CERTIFICATE_PATH"]
	if path == "" || s.Environ["AZURE_CLIENT_ID"] == "" {
		return nil, errors.New("set AZURE_CLIENT_ID and AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_CLIENT_SECRET")
	}
	raw, err := os.ReadFile(path) //nolint:gosec // it is the administrator's own choice
	if err != nil {
		return nil, err
	}
	certificates, key, err := azidentity.ParseCertificates(raw, []byte(s.Environ["AZURE_CLIENT_CERTIFICATE_PASSWORD"]))
	if err != nil {
		return nil, err
	}
	return azidentity.NewClientCertificateCredential(s.TenantID, s.Environ["AZURE_CLIENT_ID"], certificates, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: s.options()})
}

// device signs a person in. For Graph it asks for the permissions one by one: ".default" would give those only to which
// somebody had consented before.
func (s SignIn) device() (azcore.TokenCredential, error) {
	forGraph, err := s.deviceOf(firstOf(s.Environ["AZURE_CLIENT_ID"], commandLineTools))
	if err != nil {
		return nil, err
	}
	forAzure, err := s.deviceOf(s.Environ["AZURE_CLIENT_ID"]) // "" is the SDK's own, which knows Azure and little of Graph
	if err != nil {
		return nil, err
	}
	return device{
		graph: s.Cloud.Endpoint + "/", permissions: s.Permissions, forGraph: forGraph, forAzure: forAzure,
	}, nil
}

func (s SignIn) deviceOf(clientID string) (azcore.TokenCredential, error) {
	return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: s.options(),
		TenantID:      s.TenantID,
		ClientID:      clientID,
		UserPrompt: func(_ context.Context, code azidentity.DeviceCodeMessage) error {
			_, err := fmt.Fprintf(s.Prompt, "Sign in to the directory %s: open %s and enter %s\n", s.TenantID, line1(code.VerificationURL), line1(code.UserCode))
			return err
		},
	})
}

type device struct {
	graph              string
	permissions        []string
	forGraph, forAzure azcore.TokenCredential
}

// GetToken implements [azcore.TokenCredential].
func (d device) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if len(o.Scopes) != 1 || !strings.HasPrefix(o.Scopes[0], d.graph) {
		return d.forAzure.GetToken(ctx, o)
	}
	if len(d.permissions) > 0 {
		o.Scopes = nil
		for _, permission := range d.permissions {
			o.Scopes = append(o.Scopes, d.graph+permission)
		}
	}
	return d.forGraph.GetToken(ctx, o)
}

// cliThenDevice asks the Azure CLI, and from the first failure on a person. It is no chain of azidentity's: that one gives up
// where the CLI is there and nobody has signed in with it.
func (s SignIn) cliThenDevice() (azcore.TokenCredential, error) {
	first, second := s, s
	first.How, second.How = SignInCLI, SignInDevice
	cli, err := first.named(first.cli())
	if err != nil {
		return nil, err
	}
	person, err := second.named(second.device())
	if err != nil {
		return nil, err
	}
	return &fallback{first: cli, second: person, prompt: s.Prompt}, nil
}

// fallback is safe for concurrent use: while one asks, the others wait, so that a person is asked once.
type fallback struct {
	first, second azcore.TokenCredential
	prompt        io.Writer
	mu            sync.Mutex
	failed        bool
}

// GetToken implements [azcore.TokenCredential].
func (f *fallback) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.failed {
		token, err := f.first.GetToken(ctx, o)
		if err == nil || ctx.Err() != nil {
			return token, err
		}
		f.failed = true
		_, _ = fmt.Fprintf(f.prompt, "No token of the Azure CLI (%s); signing in with a device code instead.\n", reason(err)) // said for a person only
	}
	return f.second.GetToken(ctx, o)
}

func reason(err error) string {
	if e, ok := errors.AsType[*SignInError](err); ok {
		return line1(e.Cause.Error())
	}
	return line1(err.Error())
}

// shorten makes one line of what azidentity says over many: the authority's answer, headings and links to pages about it.
func shorten(err error) error {
	failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err)
	if !ok {
		return err
	}
	for text := range strings.SplitSeq(failed.Error(), "\n") {
		if _, description, ok := strings.Cut(text, `"error_description":`); ok {
			description, _, _ = strings.Cut(strings.Trim(description, ` ",`), `\r`)
			description, _, _ = strings.Cut(description, ` Trace ID:`)
			return &refusal{text: description, cause: err}
		}
	}
	return err
}

// refusal says in one line what its cause says in many.
type refusal struct {
	text  string
	cause error
}

// Error implements error.
func (r *refusal) Error() string { return r.text }

// Unwrap implements the errors package's interface.
func (r *refusal) Unwrap() error { return r.cause }
