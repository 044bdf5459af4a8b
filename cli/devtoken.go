package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"byoe/app"
	"byoe/devtenant"
)

// devTokenCommand is byoe dev token.
type devTokenCommand struct{}

const (
	tokenMost     = 5 * time.Second
	maxTokenReply = 64 << 10
)

// errNoTenant says that no local tenant answered.
var errNoTenant = errors.New("no local tenant answers: start byoe dev, or func start, in another terminal")

// Run asks the running tenant for a token, because only its keys are the ones that its webhook trusts.
func (devTokenCommand) Run(p *program) error {
	settings, _, problems := app.Load(p.environ)
	if len(problems) > 0 {
		return problems
	}
	tenantID := devtenant.TenantID
	if len(settings.Auth.TenantIDs) == 1 {
		tenantID = settings.Auth.TenantIDs[0]
	}
	token, err := requestToken(p.ctx, "http://"+settings.Dev.Addr+"/"+tenantID+"/oauth2/v2.0/token")
	if err != nil {
		return fmt.Errorf("%w (%s)", errNoTenant, settings.Dev.Addr)
	}
	_, err = fmt.Fprintln(p.stdout, token)
	return err
}

// requestToken makes an OAuth 2.0 client credentials request.
func requestToken(ctx context.Context, endpoint string) (string, error) {
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	ctx, cancel := context.WithTimeout(ctx, tokenMost)
	defer cancel()
	err := postForm(ctx, endpoint, url.Values{"grant_type": {"client_credentials"}}, maxTokenReply, &reply)
	if err != nil || reply.AccessToken == "" {
		return "", errNoTenant
	}
	return reply.AccessToken, nil
}
