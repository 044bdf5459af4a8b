// Package auth answers one question: who is calling? It turns a bearer token into a [Caller], or says why not.
//
// A call is Entra's when its token is signed with RS256 by a key of one of our tenants, for our audience, by Entra's
// caller application, for that tenant, within its time. The checks are in checks.go, in the order in which they are
// made; the keys are in keyset.go; what is told about a refused token is in refusal.go. The package knows neither mail
// nor HTTP bodies.
package auth

// Caller is who a genuine token speaks for.
type Caller struct {
	// TenantID is the token's tid, in lower case: one of the configured tenants.
	TenantID string
	// AppID is the application that asked for the token (azp, or appid in a v1 token).
	AppID string
}
