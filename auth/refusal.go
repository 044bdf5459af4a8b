package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// ErrKeysUnavailable says that the tenant's signing keys could not be had, so that nothing can be said of the token. It
// is our own inability and the only failure that is not the caller's.
var ErrKeysUnavailable = errors.New("signing keys unavailable")

// keysError is ErrKeysUnavailable with its cause. Its text is fit for a log: it names documents and statuses, never what
// was received.
type keysError struct{ cause error }

func (e *keysError) Error() string   { return ErrKeysUnavailable.Error() + ": " + e.cause.Error() }
func (e *keysError) Unwrap() []error { return []error{ErrKeysUnavailable, e.cause} }

// Check names one check of a token. The names are stable: logs and metrics use them.
type Check string

// The checks, in the order in which they are made.
const (
	CheckScheme    Check = "scheme"
	CheckSize      Check = "size"
	CheckStructure Check = "structure"
	CheckAlg       Check = "alg"
	CheckCritical  Check = "crit"
	CheckKeyID     Check = "kid"
	CheckTenant    Check = "tid"
	CheckKey       Check = "key"
	CheckSignature Check = "signature"
	CheckKeyIssuer Check = "key-issuer"
	CheckIssuer    Check = "iss"
	CheckAudience  Check = "aud"
	CheckCaller    Check = "azp"
	CheckVersion   Check = "ver"
	CheckExpiry    Check = "exp"
	CheckNotBefore Check = "nbf"
	CheckIssuedAt  Check = "iat"
)

// Refusal is a token that is not Entra's call to us. Its text and its log attributes are fit for a log: they hold the
// failed check and a few received claims, never the token.
type Refusal struct {
	Check Check
	// Received are the claims that explain most refusals, made printable and short. They come from the token and prove
	// nothing.
	Received Received
	// Remedy says what to do where the trap is known; "" elsewhere.
	Remedy string
}

// Received is what a refused token said of itself.
type Received struct {
	Issuer, Audience, Caller, Version, KeyID string
}

// Error returns "token refused: iss".
func (r *Refusal) Error() string { return "token refused: " + string(r.Check) }

// LogValue gives the log line everything that helps the owner and nothing that helps a thief.
func (r *Refusal) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("check", string(r.Check))}
	for _, a := range []slog.Attr{
		slog.String("iss", r.Received.Issuer),
		slog.String("aud", r.Received.Audience),
		slog.String("azp", r.Received.Caller),
		slog.String("ver", r.Received.Version),
		slog.String("kid", r.Received.KeyID),
		slog.String("remedy", r.Remedy),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return slog.GroupValue(attrs...)
}

func refuse(check Check) *Refusal { return &Refusal{Check: check} }

// explain adds what the token said, and the remedy where the mistake is a known one.
func (r *Refusal) explain(kid string, c *claimSet, t *tenant) *Refusal {
	r.Received = Received{
		Issuer:   printable(c.issuer),
		Audience: printable(strings.Join(c.audiences, " ")),
		Caller:   printable(c.caller()),
		Version:  printable(c.version),
		KeyID:    printable(kid),
	}
	r.Remedy = remedy(r.Check, c, t)
	return r
}

// remedy knows the traps that Microsoft's pages lead into.
func remedy(check Check, c *claimSet, t *tenant) string {
	switch {
	case check == CheckVersion || check == CheckIssuer && c.version == "1.0":
		return "this is a v1 token: set api.requestedAccessTokenVersion to 2 on the app registration, or ENTRA_ACCEPT_V1=true"
	case check == CheckIssuer && strings.HasSuffix(c.issuer, ".ciamlogin.com/"+t.id+"/v2.0"):
		return "the issuer's host is a name, not the tenant's GUID: add the received iss to ENTRA_ISSUERS"
	case check == CheckAudience:
		return "set ENTRA_AUDIENCE to the client id of the app registration that the extension uses"
	case check == CheckCaller:
		return "the token was got by another application than Entra's caller: only Entra can call, your own client's tokens are refused"
	case check == CheckTenant:
		return "set ENTRA_TENANT_ID to the GUID of the external tenant that the extension is in"
	default:
		return ""
	}
}

// printable bounds and cleans a received claim for the log: it is a stranger's text until the signature is checked.
func printable(claim string) string {
	const most = 128
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, claim)
	if len(clean) > most {
		return fmt.Sprintf("%s… (%d bytes)", clean[:most], len(clean))
	}
	return clean
}
