package guests

import (
	"context"
	"errors"
	"net/http"

	"byoe/entra/graph"
)

// Redemption is what a guest needs to redeem anew.
type Redemption struct {
	// URL is the link to redeem by. It is for the guest alone. It is "" where the answer that held it was lost.
	URL string
}

// invitation is the request and what of the answer is read.
type invitation struct {
	Mail            string      `json:"invitedUserEmailAddress"`
	Redirect        string      `json:"inviteRedirectUrl"`
	Send            bool        `json:"sendInvitationMessage"`
	ResetRedemption bool        `json:"resetRedemption"`
	User            invitedUser `json:"invitedUser"`
	RedeemURL       string      `json:"inviteRedeemUrl,omitempty"`
}

type invitedUser struct {
	ID string `json:"id"`
}

// Reset makes a guest redeem the invitation anew, and so choose again how to sign in; object id, groups and applications
// stay. Until then the guest cannot sign in. redirect is where the guest ends up; send has Microsoft mail the invitation. It
// needs User.ReadWrite.All and the role Helpdesk Administrator; an application cannot reset a guest who has a role
// (learn.microsoft.com, Reset the redemption status for a guest user).
func Reset(ctx context.Context, c *graph.Client, g Guest, redirect string, send bool) (Redemption, error) {
	if g.Mail == "" {
		return Redemption{}, errors.New("has no mail address to be invited by")
	}
	var made invitation
	err := c.Do(ctx, http.MethodPost, graph.V1, "/invitations", invitation{
		Mail: g.Mail, Redirect: redirect, Send: send, ResetRedemption: true, User: invitedUser{ID: g.ID},
	}, &made)
	if err == nil {
		return Redemption{URL: made.RedeemURL}, nil
	}
	if !graph.OutcomeUnknown(err) || ctx.Err() != nil {
		return Redemption{}, err
	}
	// Done again it might mail a second invitation, which makes the first one's link a riddle: look whether it is done.
	now, lookErr := Find(ctx, c, g.ID)
	if lookErr == nil && now.State == Pending && now.Changed.After(g.Changed) {
		return Redemption{}, nil
	}
	return Redemption{}, err
}
