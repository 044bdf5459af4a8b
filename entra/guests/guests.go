// Package guests is the administrator's side of e-mail one-time passcodes for guests (B2B collaboration): who may get codes,
// who signs in with them, and how a guest redeems the invitation anew.
//
// These codes are Microsoft's alone. The EmailOtpSend event, for which byoe exists, does not fire in workforce tenants.
package guests

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"byoe/config"
	"byoe/entra/graph"
)

// Passcode is the issuer in the identities of a guest who signs in with a code by mail.
const Passcode = "mail"

// The states of a guest's invitation (externalUserState).
const (
	Accepted = "Accepted"
	Pending  = "PendingAcceptance"
)

// Guest is one of the directory's.
type Guest struct {
	ID                string     `json:"id"`
	Name              string     `json:"displayName"`
	Mail              string     `json:"mail"`
	UserPrincipalName string     `json:"userPrincipalName"`
	UserType          string     `json:"userType"`
	AccountEnabled    bool       `json:"accountEnabled"`
	State             string     `json:"externalUserState"`
	Changed           time.Time  `json:"externalUserStateChangeDateTime"`
	Identities        []Identity `json:"identities"`
}

// Identity is a way to sign in.
type Identity struct {
	SignInType string `json:"signInType"`
	Issuer     string `json:"issuer"`
}

// properties are what is asked for: most of it Graph tells only those who name it.
const properties = "$select=id,displayName,mail,userPrincipalName,userType,accountEnabled,externalUserState,externalUserStateChangeDateTime,identities"

// UsesPasscode says whether the guest signs in with a code by mail.
func (g Guest) UsesPasscode() bool {
	return slices.ContainsFunc(g.Identities, func(i Identity) bool { return i.Issuer == Passcode })
}

// Issuers are whoever signs the guest in, the directory's own entry aside.
func (g Guest) Issuers() []string {
	var issuers []string
	for _, i := range g.Identities {
		if i.SignInType == "federated" {
			issuers = append(issuers, i.Issuer)
		}
	}
	return issuers
}

// List returns the guests who sign in with a code by mail. It needs User.Read.All.
//
// Graph filters identities by issuer only together with the id at that issuer, which nobody has here: all guests come, and
// are chosen from. Guests who were made members do not come.
func List(ctx context.Context, c *graph.Client) ([]Guest, error) {
	all, err := graph.All[Guest](ctx, c, graph.V1, "/users?$filter=userType eq 'Guest'&"+properties+"&$top=999")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(g Guest) bool { return !g.UsesPasscode() }), nil
}

// ErrUnknown says that the directory has no such guest.
var ErrUnknown = errors.New("no such guest in this directory")

// Find returns the guest with that object id or mail address. It needs User.Read.All.
func Find(ctx context.Context, c *graph.Client, who string) (Guest, error) {
	var found []Guest
	if config.IsGUID(who) {
		var g Guest
		err := c.Do(ctx, http.MethodGet, graph.V1, "/users/"+url.PathEscape(who)+"?"+properties, nil, &g)
		if graph.IsNotFound(err) {
			return Guest{}, ErrUnknown
		}
		if err != nil {
			return Guest{}, err
		}
		found = append(found, g)
	} else {
		if _, err := mail.ParseAddress(who); err != nil {
			return Guest{}, errors.New("neither an object id nor a mail address")
		}
		var err error
		if found, err = graph.All[Guest](ctx, c, graph.V1, "/users?$filter=mail eq "+graph.Literal(who)+"&"+properties); err != nil {
			return Guest{}, err
		}
	}
	switch {
	case len(found) == 0:
		return Guest{}, ErrUnknown
	case len(found) > 1:
		return Guest{}, fmt.Errorf("%d users have this address: give the object id", len(found))
	case !strings.EqualFold(found[0].UserType, "Guest"):
		return Guest{}, errors.New("not a guest")
	}
	return found[0], nil
}
