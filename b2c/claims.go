// Package b2c is the contract between Azure AD B2C custom policies and a RESTful technical profile that sends their
// one-time codes: the claims that come ([Decoder]), and the two answers that B2C understands ([Accepted], [Conflict]) with
// what the person is told ([Messages]).
//
// It makes an [event.Event] of the claims, so that a code of B2C goes the way of a code of Entra External ID. It knows
// nothing of who sends mail. Source of the contract: Microsoft's pages "restful-technical-profile", "claim-resolver-overview"
// and "one-time-password-technical-profile".
package b2c

import (
	"errors"
	"strings"

	"byoe/event"
	"byoe/redact"
)

// The claims that are read, by the names that they have where B2C_CLAIMS gives no other.
const (
	claimEmail         = "email"
	claimOTP           = "otp"
	claimLocale        = "locale"
	claimAppName       = "appName"
	claimClientID      = "clientId"
	claimCorrelationID = "correlationId"
	claimTenantID      = "tenantId"
	claimFlow          = "flow"
)

func claimNames() []string {
	return []string{claimEmail, claimOTP, claimLocale, claimAppName, claimClientID, claimCorrelationID, claimTenantID, claimFlow}
}

// anyTenant stands for the tenant where neither the claims nor the settings name it. It is part of what makes two calls the
// same event, and nothing else.
const anyTenant = "b2c"

// ErrTenant says that the claims are of another tenant than the owner's.
var ErrTenant = errors.New("the claims' tenant is not B2C_TENANT")

// Decoder reads claims. It is safe for concurrent use.
type Decoder struct {
	names  map[string]string // what the policies call each claim, by our name
	tenant string
}

// NewDecoder makes a decoder out of valid settings (see [Config.Validate]).
func NewDecoder(c Config) *Decoder {
	return &Decoder{names: c.Names(), tenant: c.Tenant}
}

// Decode makes an event of a complete body: one JSON object of claims. Every failure is an [*Error], which names the place
// and never the content. That the address is one is for the composer to say: a bad address is told to the person.
//
// Claims that are not read are passed over: a policy may send more.
func (d *Decoder) Decode(body []byte) (*event.Event, error) {
	given, err := d.read(body)
	if err != nil {
		return nil, err
	}
	for _, required := range []string{claimEmail, claimOTP} {
		if given[required] == "" {
			return nil, &Error{Claim: d.names[required], Problem: "missing"}
		}
	}
	if !event.IsCode(given[claimOTP]) {
		return nil, &Error{Claim: d.names[claimOTP], Problem: event.NotCode}
	}
	return d.event(given), nil
}

func (d *Decoder) event(given map[string]string) *event.Event {
	e := &event.Event{
		TenantID:      event.Printable(given[claimTenantID]),
		CorrelationID: event.Printable(given[claimCorrelationID]),
		Identifier:    redact.NewSecret(given[claimEmail]),
		Code:          redact.NewSecret(given[claimOTP]),
		Flow:          event.FlowOf(given[claimFlow]),
		RequestType:   event.Printable(given[claimFlow]),
		Locale:        event.Printable(given[claimLocale]),
		Client:        event.ServicePrincipal{AppID: event.Printable(given[claimClientID]), AppDisplayName: given[claimAppName]},
	}
	for _, fallback := range []string{d.tenant, anyTenant} {
		if e.TenantID == "" {
			e.TenantID = fallback
		}
	}
	return e
}

// Permit refuses genuine claims that are of another tenant than the owner's, with [ErrTenant].
func (d *Decoder) Permit(e *event.Event) error {
	if d.tenant != "" && !strings.EqualFold(e.TenantID, d.tenant) {
		return ErrTenant
	}
	return nil
}

// Error says why a body is not the claims of a policy that sends a code. It names places, never contents: the body holds
// the code and the address.
type Error struct {
	// Claim is the claim's name in the policy; "" where the whole body is meant.
	Claim string
	// Problem is one clause.
	Problem string
}

// Error returns "email: missing".
func (e *Error) Error() string {
	if e.Claim == "" {
		return e.Problem
	}
	return e.Claim + ": " + e.Problem
}
