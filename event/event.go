// Package event is the contract of Microsoft Entra External ID's EmailOtpSend event: the payload ([Decode]), what it
// means ([Event], [Flow]), and the one answer that counts as success ([Answer]).
//
// It knows nothing of who sends mail. Source of the contract: Microsoft's pages "custom-extension-email-otp-send-data"
// and "custom-extension-email-otp-get-started", and the deviations seen in the field that the comments name.
package event

import (
	"byoe/redact"
)

// Event is one EmailOtpSend call: Entra made a code for somebody and asks for a mail.
type Event struct {
	// TenantID, ListenerID and ExtensionID are GUIDs as Entra sent them; compare without regard to case.
	TenantID    string
	ListenerID  string
	ExtensionID string
	// CorrelationID is the id that Entra's sign-in log shows. It is unknown whether a retry keeps it.
	CorrelationID string

	// Identifier is the recipient as Entra gave it, not yet checked to be a mail address.
	Identifier redact.Secret
	// Code is the one-time code: opaque text, usually eight digits with possible leading zeros.
	Code redact.Secret

	// Flow is what the person is doing, read from RequestType.
	Flow Flow
	// RequestType is Entra's own word, cleaned for logs; "" where the event has none (native authentication).
	RequestType string

	// Locale and Market are BCP 47-like and in lower case at the source ("en-us"); either may be empty.
	Locale string
	Market string
	// ClientIP is the address that Entra saw, IPv4 or IPv6, possibly a proxy's.
	ClientIP redact.Secret
	// Protocol is "OAUTH2.0" in every call seen.
	Protocol string

	// Client is the application that the person signs in to: the key for branding.
	Client ServicePrincipal
	// Resource is the API behind it; the zero value where Entra sends null.
	Resource ServicePrincipal
}

// ServicePrincipal is an application as the tenant knows it. Its names are set by the tenant's people and are untrusted
// text; every field may be empty.
type ServicePrincipal struct {
	ID             string
	AppID          string
	AppDisplayName string
	DisplayName    string
}

// Name is what the tenant's people call the application: the application's own name before that of its principal.
func (sp ServicePrincipal) Name() string {
	if sp.AppDisplayName != "" {
		return sp.AppDisplayName
	}
	return sp.DisplayName
}
