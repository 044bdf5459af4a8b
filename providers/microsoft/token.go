// Package microsoft gets access tokens from Microsoft's identity platform for the providers that need one: Azure
// Communication Services, Microsoft Graph, Exchange Online's SMTP, and Amazon SES through a federated role.
package microsoft

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"golang.org/x/sync/singleflight"

	"byoe/providers"
)

const (
	// margin is how long before its end a token is not used any more: the request that carries it has to arrive yet.
	margin = time.Minute
	// fetchMost bounds one fetch. It goes on when whoever asked has given up: the next mail finds the token.
	fetchMost = 5 * time.Second
	// lookEvery is how often [Source.Run] sees to the token. The credential keeps one for most of its life and asks the
	// platform only then.
	lookEvery = time.Minute
)

// Source gives access tokens for one audience. It is safe for concurrent use.
//
// The SDK lets everybody who needs a token wait for whoever fetches one, whatever their own time is. Here each waits no
// longer than their own context, and while [Source.Run] runs nobody waits at all.
type Source struct {
	credential azcore.TokenCredential
	scope      string
	fetching   singleflight.Group
	token      atomic.Pointer[azcore.AccessToken]
}

// NewSource gives tokens of credential for scope, such as https://graph.microsoft.com/.default.
func NewSource(credential azcore.TokenCredential, scope string) *Source {
	return &Source{credential: credential, scope: scope}
}

// ManagedIdentity gives tokens of the app's own identity, or of the user-assigned one that clientID names.
func ManagedIdentity(clientID, scope string) (*Source, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{}
	options.Retry.MaxRetries = -1
	if clientID != "" {
		options.ID = azidentity.ClientID(clientID)
	}
	credential, err := azidentity.NewManagedIdentityCredential(options)
	if err != nil {
		return nil, err
	}
	return NewSource(credential, scope), nil
}

// ClientSecret gives tokens of an app registration with a secret. client may be nil for the SDK's own.
func ClientSecret(tenantID, clientID, secret, scope string, client *http.Client) (*Source, error) {
	options := &azidentity.ClientSecretCredentialOptions{}
	options.Retry.MaxRetries = -1
	if client != nil {
		options.Transport = client
	}
	credential, err := azidentity.NewClientSecretCredential(tenantID, clientID, secret, options)
	if err != nil {
		return nil, err
	}
	return NewSource(credential, scope), nil
}

// Token returns a token that is good for a minute at least. The error is an [*providers.Error] and never ambiguous: no mail
// has been sent without a token.
func (s *Source) Token(ctx context.Context) (string, error) {
	if token := s.token.Load(); token != nil && time.Until(token.ExpiresOn) > margin {
		return token.Token, nil
	}
	fetched := s.fetching.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchMost)
		defer cancel()
		return s.fetch(ctx)
	})
	select {
	case result := <-fetched:
		if result.Err != nil {
			return "", failureOf(result.Err)
		}
		token, _ := result.Val.(azcore.AccessToken)
		return token.Token, nil
	case <-ctx.Done():
		return "", failureOf(ctx.Err())
	}
}

func (s *Source) fetch(ctx context.Context) (azcore.AccessToken, error) {
	token, err := s.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{s.scope}})
	if err == nil {
		s.token.Store(&token)
	} else if over := ctx.Err(); over != nil {
		err = fmt.Errorf("%w: %w", over, err) // the SDK keeps the text of what it wraps and loses the rest
	}
	return token, err
}

// Run keeps a fresh token until ctx is done. A fetch that fails is made again at the next look, and by whoever needs it.
func (s *Source) Run(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		bounded, cancel := context.WithTimeout(ctx, fetchMost)
		_, _ = s.fetch(bounded) // told by Token, to whoever needs one
		cancel()
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// failureOf says why there is no token. What the platform answers may quote ids and is kept out of the text.
func failureOf(err error) *providers.Error {
	failure := &providers.Error{Kind: providers.KindTemporary, Code: "token unavailable", Cause: err}
	refusal, _ := errors.AsType[*azidentity.AuthenticationFailedError](err)
	switch code := providers.NetworkCode(err); {
	case code != "":
		failure.Code = "token " + code
	case refusal != nil && refusal.RawResponse != nil && refusal.RawResponse.StatusCode < http.StatusInternalServerError &&
		refusal.RawResponse.StatusCode != http.StatusTooManyRequests:
		failure.Kind, failure.Code = providers.KindAuth, "token refused"
	}
	return failure
}
