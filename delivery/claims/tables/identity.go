package tables

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// storageScope is the audience of Table Storage in every cloud (aztables, NewServiceClient).
const storageScope = "https://storage.azure.com/.default"

// errNoToken says that the platform has not given a token yet, or no new one in time.
var errNoToken = errors.New("no token")

// identity holds the managed identity's token. Requests take the one that is there and never wait for the platform: the
// SDK lets all of them wait for whoever fetches a token, whatever their own time is. [Store.Run] fetches it ahead of time.
type identity struct {
	source azcore.TokenCredential
	token  atomic.Pointer[azcore.AccessToken]
}

// newIdentity takes the app's own identity, or the user-assigned one that clientID names.
func newIdentity(clientID string) (*identity, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{}
	if clientID != "" {
		options.ID = azidentity.ClientID(clientID)
	}
	source, err := azidentity.NewManagedIdentityCredential(options)
	if err != nil {
		return nil, err
	}
	return &identity{source: source}, nil
}

// GetToken implements azcore.TokenCredential from memory.
func (i *identity) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token := i.token.Load()
	if token == nil || !time.Now().Before(token.ExpiresOn) {
		return azcore.AccessToken{}, errNoToken
	}
	return *token, nil
}

// refresh asks for a token. The source keeps one for half of its life and asks the platform only then, so that this may
// be called often.
func (i *identity) refresh(ctx context.Context) error {
	token, err := i.source.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{storageScope}})
	if err != nil {
		return &failure{asked: "ask the platform for a token", code: "refused or not to be reached", cause: err}
	}
	i.token.Store(&token)
	return nil
}
