package ses

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"byoe/providers"
	"byoe/providers/microsoft"
)

const (
	// freshFor is how long before their end the credentials are renewed; AWS gives them for an hour.
	freshFor = 5 * time.Minute
	// lookEvery is how often [role.run] sees to them.
	lookEvery = time.Minute
	// assumeMost bounds one try to get the role.
	assumeMost = 5 * time.Second
	// sessionName stands in CloudTrail beside what the role does.
	sessionName = "byoe"
)

// role gives short-lived credentials to the app's managed identity, so that no access key of AWS's has to be kept: the
// identity's token is shown to AWS's token service, which trusts Entra for this role (AssumeRoleWithWebIdentity).
type role struct {
	tokens      *microsoft.Source
	credentials *aws.CredentialsCache
}

func newRole(c Config, client *http.Client) (*role, error) {
	tokens, err := microsoft.ManagedIdentity(c.IdentityClientID, c.audience()+"/.default")
	if err != nil {
		return nil, err
	}
	options := sts.Options{
		Region: c.Region, Retryer: aws.NopRetryer{}, HTTPClient: client,
		Credentials: aws.AnonymousCredentials{}, // the token is the proof
	}
	if c.STSEndpointURL != "" {
		options.BaseEndpoint = aws.String(strings.TrimRight(c.STSEndpointURL, "/"))
	}
	provider := stscreds.NewWebIdentityRoleProvider(sts.New(options), c.RoleARN, retriever{tokens},
		func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = sessionName })
	// The cache asks on behalf of everybody who waits, without anybody's deadline.
	bounded := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		ctx, cancel := context.WithTimeout(ctx, assumeMost)
		defer cancel()
		return provider.Retrieve(ctx)
	})
	return &role{tokens: tokens, credentials: aws.NewCredentialsCache(bounded, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = freshFor
	})}, nil
}

// retriever gives the SDK the identity's token. The SDK has no context to give.
type retriever struct{ tokens *microsoft.Source }

// GetIdentityToken implements stscreds.IdentityTokenRetriever.
func (r retriever) GetIdentityToken() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), assumeMost)
	defer cancel()
	token, err := r.tokens.Token(ctx)
	return []byte(token), err
}

// ready sees to it that there are credentials; as long as they are good, nobody asks for a token. The error is an [*providers.Error] and never ambiguous.
func (r *role) ready(ctx context.Context) error {
	if _, err := r.credentials.Retrieve(ctx); err != nil {
		return roleFailure(ctx, err)
	}
	return nil
}

// run keeps token and credentials fresh until ctx is done.
func (r *role) run(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		bounded, cancel := context.WithTimeout(ctx, assumeMost)
		_ = r.ready(bounded) // told by Send, to whoever needs them
		cancel()
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// roleFailure says why the role could not be had. AWS quotes the token's subject and the role in its messages.
func roleFailure(ctx context.Context, err error) *providers.Error {
	failure := &providers.Error{Kind: providers.KindTemporary, Code: "role unavailable", Cause: err}
	if ctx.Err() != nil {
		failure.Code = "role " + providers.NetworkCode(ctx.Err())
		return failure
	}
	if token, ok := errors.AsType[*providers.Error](err); ok {
		return token
	}
	if code := providers.NetworkCode(err); code != "" {
		failure.Code = "role " + code
		return failure
	}
	named, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return failure
	}
	switch code := named.ErrorCode(); code {
	case "AccessDenied", "InvalidIdentityToken", "ExpiredTokenException", "IDPRejectedClaim", "ValidationError", "RegionDisabledException":
		failure.Kind, failure.Code = providers.KindAuth, "role "+code
	}
	return failure
}
