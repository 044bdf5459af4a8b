package graphtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// userDetails come only where $select names them (reference of user).
func userDetails() []string {
	return []string{"identities", "userType", "externalUserState", "externalUserStateChangeDateTime", "creationType", "accountEnabled"}
}

// AddGuest puts a guest into the directory who has accepted the invitation and signs in through issuer: "mail" is a one-time
// passcode by mail, ExternalAzureAD another directory, MicrosoftAccount a personal account.
func (g *Graph) AddGuest(mail, issuer string) string {
	return g.Add(Users, Object{
		"displayName": mail, "mail": mail, "userType": "Guest", "creationType": "Invitation", "accountEnabled": true,
		"userPrincipalName": strings.ReplaceAll(mail, "@", "_") + "#EXT#@" + InitialDomain,
		"externalUserState": "Accepted", "externalUserStateChangeDateTime": "2026-01-02T03:04:05Z",
		"identities": []any{
			Object{"signInType": "userPrincipalName", "issuer": InitialDomain, "issuerAssignedId": strings.ReplaceAll(mail, "@", "_") + "#EXT#@" + InitialDomain},
			Object{"signInType": "federated", "issuer": issuer, "issuerAssignedId": mail},
		},
	})
}

// createInvitation invites, or has somebody redeem once more (learn.microsoft.com, Reset redemption status for a guest user).
func (q *query) createInvitation() *answer {
	for _, name := range []string{"invitedUserEmailAddress", "inviteRedirectUrl"} {
		if text(q.body, name) == "" {
			return refuse(http.StatusBadRequest, "BadRequest", "Invitation missing required field "+name+".")
		}
	}
	o := Object{
		"sendInvitationMessage": false, "resetRedemption": false, "invitedUserType": "Guest", "status": "PendingAcceptance",
		"inviteRedeemUrl": "https://login.example/redeem?rd=" + newID(),
	}
	merge(o, q.body)
	now := time.Now().UTC().Format(time.RFC3339)
	if o["resetRedemption"] != true {
		mail := text(o, "invitedUserEmailAddress")
		id := q.graph.insert(Users, Object{
			"displayName": mail, "mail": mail, "userType": "Guest", "creationType": "Invitation", "accountEnabled": true,
			"userPrincipalName": strings.ReplaceAll(mail, "@", "_") + "#EXT#@" + InitialDomain,
			"externalUserState": "PendingAcceptance", "externalUserStateChangeDateTime": now, "identities": []any{},
		}, q.graph.knobs.lag)
		o["invitedUser"] = Object{"id": id}
		return q.created(Invitations, o)
	}
	id := text(o, "invitedUser", "id")
	if id == "" {
		return refuse(http.StatusBadRequest, "BadRequest", "The invitedUser is required to reset the redemption status.")
	}
	user := q.graph.find(Users, id)
	if !user.isSeen() {
		return notFound(id)
	}
	if text(user.object, "userType") != "Guest" {
		return refuse(http.StatusBadRequest, "BadRequest", "The user is not a guest.")
	}
	user.object["externalUserState"], user.object["externalUserStateChangeDateTime"] = "PendingAcceptance", now
	return q.created(Invitations, o)
}

// changeMethod changes how people may get codes by mail.
func (q *query) changeMethod(e *entry) *answer {
	if refusal := concrete(q.body, "authenticationMethodConfiguration"); refusal != nil {
		return refusal
	}
	if refusal := members(q.body, "emailAuthenticationMethodConfiguration", "id", "state", "excludeTargets", "includeTargets",
		"allowExternalIdToUseEmailOtp"); refusal != nil {
		return refusal
	}
	for name, known := range map[string][]string{
		"state": {"enabled", "disabled"}, "allowExternalIdToUseEmailOtp": {"default", "enabled", "disabled"},
	} {
		if value, ok := q.body[name]; ok && !slices.Contains(known, text(Object{"v": value}, "v")) {
			return refuse(http.StatusBadRequest, "BadRequest", "The value of '"+name+"' is not one of "+strings.Join(known, ", ")+".")
		}
	}
	merge(e.object, q.body)
	return done()
}
