package tables

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// once is a platform that gives a token for an hour, and then nothing.
type once struct {
	asked int
}

var errPlatform = errors.New("the platform is down")

func (o *once) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	o.asked++
	if o.asked > 1 {
		return azcore.AccessToken{}, errPlatform
	}
	return azcore.AccessToken{Token: "hunter2", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func TestTokenIsGivenOutUntilItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &identity{source: &once{}}
		if err := i.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Minute)
		if err := i.refresh(t.Context()); !errors.Is(err, errPlatform) {
			t.Errorf("refresh gave %v", err)
		}
		if token, err := i.GetToken(t.Context(), policy.TokenRequestOptions{}); err != nil || token.Token != "hunter2" {
			t.Errorf("a token that is good is not given out: %v", err)
		}
		time.Sleep(time.Minute)
		if _, err := i.GetToken(t.Context(), policy.TokenRequestOptions{}); !errors.Is(err, errNoToken) {
			t.Errorf("a token that expired is given out: %v", err)
		}
	})
}
